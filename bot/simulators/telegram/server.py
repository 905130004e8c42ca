"""The HTTP face of the simulator: tokens, encodings, long polling, staged faults."""

import asyncio
import json
from typing import Any

from aiohttp import web

from bot.simulators.faults import Faults
from bot.simulators.flood import Meter
from bot.simulators.journal import Request
from bot.simulators.loopback import only_local_hosts
from bot.simulators.telegram.chat_limits import ChatLimits
from bot.simulators.telegram.errors import ApiError, bad, flood, staged
from bot.simulators.telegram.methods import METHODS, Parameters
from bot.simulators.telegram.world import World

SENDS = frozenset({"sendmessage", "senddocument", "sendphoto"})
"""Methods that put a new message into a chat: what faults and the rate limit are about."""
MAX_BODY = 60 * 1024 * 1024
CONFLICT = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


class BotApi:
    """One server in front of a :class:`World`; make a new one for each time of serving."""

    def __init__(
        self, world: World, token: str, faults: Faults, meter: Meter, chats: ChatLimits
    ) -> None:
        """Answer for ``token`` only; count all messages by ``meter`` and by chat."""
        self._world = world
        self._token = token
        self._faults = faults
        self._meter = meter
        self._chats = chats
        self._poll = 0

    def app(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(middlewares=[only_local_hosts], client_max_size=MAX_BODY)
        app.router.add_route("*", "/bot{token:[^/]*}/{method}", self._answer)
        app.router.add_get("/file/bot{token:[^/]*}/documents/{file}", self._download)
        return app

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """Give the bytes of a file to whoever holds the token."""
        fault = self._faults.take("download")
        if fault is not None and fault.kind != "error":
            return await _no_answer(request, fault.kind)
        content = self._world.contents.get(request.match_info["file"])
        if fault is not None or content is None or request.match_info["token"] != self._token:
            return web.Response(status=fault.status if fault else 404)
        return web.Response(body=content)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        fault = self._faults.take(name)
        given: Parameters = {}
        try:
            given = await _parameters(request)
            if fault is not None and fault.kind == "error":
                raise staged(fault.status, fault.retry_after)
            if fault is not None and fault.kind in ("reset", "timeout"):
                self._record(name, given, fault.kind)
                return await _no_answer(request, fault.kind)
            result = await self._call(request.match_info["token"], name.lower(), given)
        except ApiError as error:
            if fault is not None and fault.kind in ("lost", "late"):
                self._faults.put_back(fault)  # it waits for something that is done
            self._record(name, given, str(error.status))
            return web.json_response(error.body(), status=error.status)
        if fault is not None:
            self._record(name, given, fault.kind)
            return await _no_answer(request, fault.kind)
        self._record(name, given, "ok")
        return web.json_response({"ok": True, "result": result})

    def _record(self, method: str, given: Parameters, status: str) -> None:
        at, chat = self._world.clock.monotonic(), str(given.get("chat_id", ""))
        self._world.journal.requests.append(Request(at, method, chat, status))

    async def _call(self, token: str, method: str, given: Parameters) -> Any:
        if token != self._token:
            malformed = ":" not in token or not token.partition(":")[0].isdigit()
            raise ApiError(404, "Not Found") if malformed else ApiError(401, "Unauthorized")
        if method == "getupdates":
            return await self._get_updates(given)
        if method not in METHODS:
            raise ApiError(404, "Not Found: method not found")
        if method in SENDS:
            chat = str(given.get("chat_id", ""))
            if seconds := self._chats.wait(chat) or self._meter.wait():
                raise flood(seconds)
            self._chats.count(chat)
        return METHODS[method](self._world, given)

    async def _get_updates(self, given: Parameters) -> list[dict[str, Any]]:
        world = self._world
        if world.webhook:
            raise ApiError(409, WEBHOOK_ACTIVE)
        if "allowed_updates" in given:
            allowed = given["allowed_updates"]
            world.allowed = tuple(json.loads(allowed) if isinstance(allowed, str) else allowed)
        self._poll += 1
        turn = self._poll
        world.news.set()
        offset, limit = int(given.get("offset") or 0), int(given.get("limit") or 100)
        try:
            async with asyncio.timeout(float(given.get("timeout") or 0)):
                while not (found := world.pending(offset, limit)):
                    world.news.clear()
                    await world.news.wait()
                    if turn != self._poll:
                        raise ApiError(409, CONFLICT)
                return found
        except TimeoutError:
            return world.pending(offset, limit)


async def _parameters(request: web.Request) -> Parameters:
    """Return what was given in the query, as JSON, as a form or as multipart."""
    given: Parameters = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            raise bad("can't parse JSON body") from None
        return given | body if isinstance(body, dict) else given
    return given | {name: _field(one) for name, one in (await request.post()).items()}


def _field(value: str | bytes | bytearray | web.FileField) -> Any:
    """Return a part of a multipart body; a file as its name and its size."""
    if isinstance(value, web.FileField):
        return {"name": value.filename, "size": len(value.file.read())}
    return value


async def _no_answer(request: web.Request, kind: str) -> web.StreamResponse:
    """Drop the connection, or say nothing for as long as the other side waits."""
    if kind in ("timeout", "late"):
        await asyncio.Event().wait()
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
