"""The HTTP side of the loopback Slack, with the faults that a test can order."""

import asyncio
import json
import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.simulators.journal import Request
from bot.simulators.loopback import only_local_hosts
from bot.simulators.slack.faults import DONE, Fault, Faults
from bot.simulators.slack.methods import METHODS
from bot.simulators.slack.rates import RateLimit
from bot.simulators.slack.refusal import SlackRefusal
from bot.simulators.slack.sockets import Sockets
from bot.simulators.slack.workspace import Workspace

UPLOAD_URL = "files.getUploadURLExternal"


class Server:
    """Answers ``/api/<method>`` and the WebSocket; state lives in the workspace."""

    def __init__(
        self, workspace: Workspace, sockets: Sockets, bot_token: str, app_token: str
    ) -> None:
        """Serve ``workspace`` to whoever holds one of the tokens."""
        self._workspace = workspace
        self._sockets = sockets
        self._bot_token = bot_token
        self._app_token = app_token
        self._tickets: set[str] = set()
        self.faults = Faults()
        self.rate_limit: RateLimit | None = None
        self.scopes: tuple[str, ...] | None = None
        self.port = 0

    def application(self) -> web.Application:
        """Return a fresh aiohttp application; aiohttp allows no second start of one."""
        app = web.Application(middlewares=[only_local_hosts], client_max_size=60 * 1024**2)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_get("/link", self._socket)
        app.router.add_post("/upload/{ticket}", self._upload)
        app.router.add_get("/files/{id}", self._download)
        return app

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            arguments = await _arguments(request)
        except ValueError:
            return self._refuse(method, {}, Fault(code="invalid_json"))
        fault = self._gate(method, arguments, _token(request, arguments))
        if fault is not None and fault.kind not in DONE:
            return await self._fail(request, method, arguments, fault)
        try:
            answer = self._answer(method, arguments)
        except SlackRefusal as error:
            return self._refuse(method, arguments, Fault(code=error.code), error.messages)
        if fault is not None:
            return await self._fail(request, method, arguments, fault)
        self._record(method, arguments, "ok")
        scopes = {} if self.scopes is None else {"X-OAuth-Scopes": ",".join(self.scopes)}
        return web.json_response({"ok": True, **answer}, headers=scopes)

    async def _fail(
        self, request: web.Request, method: str, arguments: Mapping[str, Any], fault: Fault
    ) -> web.Response:
        """Let ``fault`` happen; what it leaves undone was not done."""
        if fault.kind == "error":
            return self._refuse(method, arguments, fault)
        self._record(method, arguments, "lost" if fault.kind in DONE else fault.kind)
        if fault.kind == "garbled":
            return web.Response(text="<html>upstream went away</html>", content_type="text/html")
        if fault.kind in ("timeout", "late"):
            await asyncio.Event().wait()  # until the client leaves or the server ends
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _gate(self, method: str, arguments: Mapping[str, Any], token: str) -> Fault | None:
        """Return what stands before the method itself: token, ordered faults, rate limit."""
        if not token:
            return Fault(code="not_authed")
        if token not in (self._bot_token, self._app_token):
            return Fault(code="invalid_auth")
        wanted = self._app_token if method == "apps.connections.open" else self._bot_token
        if token != wanted:
            return Fault(code="not_allowed_token_type")
        fault = self.faults.take(method)
        if fault is None and self.rate_limit is not None:
            at = self._workspace.monotonic()
            channel = str(arguments.get("channel") or arguments.get("channel_id") or "")
            seconds = self.rate_limit.wait_for(method, channel, at)
            fault = None if seconds is None else Fault(status=429, retry_after=seconds)
        return fault

    def _answer(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if method == "apps.connections.open":
            ticket = secrets.token_urlsafe(24)
            self._tickets.add(ticket)
            return {"url": f"ws://127.0.0.1:{self.port}/link?ticket={ticket}"}
        if method == UPLOAD_URL:
            length = str(arguments.get("length") or "0")
            name = str(arguments.get("filename") or "")
            ticket, upload = self._workspace.uploads.begin(
                name, int(length) if length.isdecimal() else 0
            )
            url = f"http://127.0.0.1:{self.port}/upload/{ticket}"
            return {"upload_url": url, "file_id": upload.id}
        if method == "files.info":
            file = self._workspace.uploads.native(str(arguments.get("file") or ""))
            url = f"http://127.0.0.1:{self.port}/files/{file['id']}"
            return {"file": {**file, "url_private": url, "url_private_download": url}}
        if method not in METHODS:
            raise SlackRefusal("unknown_method")
        return METHODS[method](self._workspace, arguments)

    def _refuse(
        self,
        method: str,
        arguments: Mapping[str, Any],
        fault: Fault,
        messages: tuple[str, ...] = (),
    ) -> web.Response:
        code = fault.error
        self._record(method, arguments, code)
        body: dict[str, Any] = {"ok": False, "error": code}
        if messages:
            body |= {"errors": list(messages), "response_metadata": {"messages": list(messages)}}
        headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
        return web.json_response(body, status=fault.status, headers=headers)

    def _record(self, method: str, arguments: Mapping[str, Any], status: str) -> None:
        named = ("channel", "channel_id", "users", "user_id", "user")
        name = next((str(arguments[one]) for one in named if arguments.get(one)), "")
        channel = self._workspace.channels.get(name)
        chat = channel.in_journal if channel else name
        at = self._workspace.monotonic()
        self._workspace.journal.requests.append(Request(at, method, chat, status))

    async def _upload(self, request: web.Request) -> web.Response:
        if self.faults.take("upload") is not None:
            return web.Response(status=500)
        taken = self._workspace.uploads.receive(request.match_info["ticket"], await request.read())
        return web.Response(text="OK") if taken else web.Response(status=400)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """Give a file to whoever shows the bot's token, and may read files; else a login page."""
        if self.faults.take("download") is not None:
            return web.Response(status=500)
        may = self.scopes is None or "files:read" in self.scopes
        if _token(request, {}) != self._bot_token or not may:
            return web.Response(text="<html>Sign in to Slack</html>", content_type="text/html")
        id_ = request.match_info["id"]
        kind = str(self._workspace.uploads.native(id_)["mimetype"])
        return web.Response(body=self._workspace.uploads.content(id_), content_type=kind)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401)
        self._tickets.discard(ticket)
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        await self._sockets.serve(connection, request.transport)
        return connection


def _token(request: web.Request, arguments: Mapping[str, Any]) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if kind == "Bearer" else str(arguments.get("token") or "")


async def _arguments(request: web.Request) -> dict[str, Any]:
    """Return the arguments of a JSON, form or query request; in forms some are JSON again.

    Raises:
        ValueError: something that should be JSON is not.
    """
    arguments: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        body = await request.text()
        arguments |= json.loads(body) if body else {}
        return arguments
    arguments.update(await request.post())
    for name in ("blocks", "metadata", "attachments", "view", "files"):
        if isinstance(arguments.get(name), str):
            arguments[name] = json.loads(arguments[name])
    return arguments
