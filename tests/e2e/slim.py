"""Somebody else's simulators: as little as a Bot API and a Slack can answer.

They share no code with ours and give only the fields without which nothing can work, so
they show what the service really needs. Written from the platforms' documentation.
"""

import asyncio
import itertools
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiohttp import WSMsgType, web

TOKEN = "4242424242:" + "A1b2C3d4E5" * 4
BOT, APP = "xoxb-slim-000000000001", "xapp-slim-000000000002"
TEAM = "T0SLIM"


@asynccontextmanager
async def serving(app: web.Application, port: int = 0) -> AsyncIterator[int]:
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.05)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


class SlimTelegram:
    """getUpdates, sendMessage, editMessageText, answerCallbackQuery; 404 for the rest."""

    def __init__(self) -> None:
        self.chats: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
        self.updates: list[dict[str, Any]] = []
        self.answered: list[str] = []
        self.slow = 0.0
        self.under_way = 0
        self.most_under_way = 0
        self._ids = itertools.count(1)
        self._news = asyncio.Event()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", f"/bot{TOKEN}/{{method}}", self._call)
        return app

    def post(self, **what: Any) -> None:
        self.updates.append({"update_id": next(self._ids), **what})
        self._news.set()

    def say(self, user: int, text: str) -> None:
        person = {"id": user, "first_name": "Ann"}
        self.post(message={"message_id": 1, "from": person, "chat": {"id": user}, "text": text})

    def press(self, user: int, message_id: int, data: str) -> None:
        message = {"message_id": message_id, "chat": {"id": user}}
        query = {"id": f"q{next(self._ids)}", "from": {"id": user}, "message": message}
        self.post(callback_query={**query, "data": data})

    async def _call(self, request: web.Request) -> web.Response:
        given = dict(request.query)
        if request.content_type == "application/json":
            given |= await request.json()
        else:
            given |= {key: str(value) for key, value in (await request.post()).items()}
        method = request.match_info["method"]
        if method == "getUpdates":
            return _ok(await self._get(int(given.get("offset") or 0), float(given["timeout"])))
        if method == "answerCallbackQuery":
            self.answered.append(given["callback_query_id"])
            return _ok(True)
        if method not in ("sendMessage", "editMessageText"):
            answer = {"ok": False, "error_code": 404, "description": "Not Found"}
            return web.json_response(answer, status=404)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            message_id = int(given.get("message_id") or 0) or next(self._ids)
            self.chats[str(given["chat_id"])][message_id] = given
            await asyncio.sleep(self.slow)
        finally:
            self.under_way -= 1
        return _ok({"message_id": message_id})

    async def _get(self, offset: int, seconds: float) -> list[dict[str, Any]]:
        self.updates = [one for one in self.updates if one["update_id"] >= offset]
        if not self.updates:
            self._news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), seconds)
        return self.updates


def _ok(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


class SlimSlack:
    """auth.test, conversations.open, chat.postMessage, chat.update and Socket Mode."""

    def __init__(self) -> None:
        self.chats: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self.sockets: list[web.WebSocketResponse] = []
        self.acknowledged: set[str] = set()
        self.port = 0
        self._ids = itertools.count(1)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_get("/ws", self._socket)
        return app

    async def _call(self, request: web.Request) -> web.Response:
        given: dict[str, Any] = dict(request.query)
        if request.content_type == "application/json":
            given |= await request.json()
        else:
            given |= await request.post()
        method = request.match_info["method"]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token != (APP if method == "apps.connections.open" else BOT):
            return web.json_response({"ok": False, "error": "invalid_auth"})
        if method == "auth.test":
            return web.json_response({"ok": True, "team_id": TEAM, "user_id": "U0BOT"})
        if method == "apps.connections.open":
            return web.json_response({"ok": True, "url": f"ws://127.0.0.1:{self.port}/ws"})
        if method == "conversations.open":
            return web.json_response({"ok": True, "channel": {"id": f"D{given['users'][1:]}"}})
        if method in ("chat.postMessage", "chat.update"):
            ts = given.get("ts") or f"{1700000000 + next(self._ids)}.000100"
            self.chats[given["channel"]][ts] = given
            return web.json_response({"ok": True, "channel": given["channel"], "ts": ts})
        return web.json_response({"ok": False, "error": "unknown_method"})

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self.acknowledged.add(json.loads(message.data)["envelope_id"])
        finally:
            self.sockets.remove(socket)
        return socket

    async def say(self, user: str, text: str) -> None:
        ts = f"{1700000000 + next(self._ids)}.000200"
        event = {"type": "message", "channel_type": "im", "channel": f"D{user[1:]}", "user": user}
        payload = {
            "team_id": TEAM,
            "event_id": f"Ev{ts}",
            "event": {**event, "text": text, "ts": ts},
        }
        await self._put("events_api", {"type": "event_callback", **payload})

    async def press(self, user: str, ts: str, value: str) -> None:
        channel = f"D{user[1:]}"
        action = {"type": "button", "action_id": "any", "value": value}
        container = {"type": "message", "message_ts": ts, "channel_id": channel}
        payload = {"user": {"id": user}, "channel": {"id": channel}, "container": container}
        team = {"team": {"id": TEAM}, "trigger_id": f"trigger-{next(self._ids)}"}
        await self._put(
            "interactive", {"type": "block_actions", "actions": [action], **payload, **team}
        )

    async def _put(self, kind: str, payload: dict[str, Any]) -> None:
        envelope = {"envelope_id": f"e{next(self._ids)}", "type": kind, "payload": payload}
        await self.sockets[-1].send_json({**envelope, "accepts_response_payload": False})


def words(message: object) -> str:
    """Return all that a message holds, for a test to look in."""
    return json.dumps(message, ensure_ascii=False)
