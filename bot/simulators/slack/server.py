"""The HTTP side of the loopback Slack, with the faults that a test can order."""

import json
import secrets
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.simulators.journal import Request
from bot.simulators.loopback import only_local_hosts
from bot.simulators.slack.methods import METHODS
from bot.simulators.slack.sockets import Sockets
from bot.simulators.slack.workspace import SlackRefusal, Workspace

SENDS = ("chat.postMessage", "chat.postEphemeral")
"""The methods that "a send" means where a fault names none."""

_PER_MINUTE = {"conversations.open": 50, "chat.update": 50, "chat.delete": 50}
_STATUS_ERRORS = {429: "ratelimited", 503: "service_unavailable", 401: "invalid_auth"}


@dataclass(slots=True)
class Fault:
    """What a method answers instead of doing its work."""

    status: int
    code: str
    retry_after: int | None = None


@dataclass(slots=True)
class Faults:
    """Faults waiting to happen, first ordered first; ``""`` stands for any send."""

    lost: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    refused: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))

    def take_lost(self, method: str) -> bool:
        """Return whether the answer of this call gets lost, and count it."""
        for key in self._keys(method):
            if self.lost[key] > 0:
                self.lost[key] -= 1
                return True
        return False

    def take_refused(self, method: str) -> Fault | None:
        """Return the fault of this call, and count it."""
        for key in self._keys(method):
            if self.refused[key]:
                return self.refused[key].popleft()
        return None

    def _keys(self, method: str) -> tuple[str, ...]:
        return (method, "") if method in SENDS else (method,)


class RateLimit:
    """One post a second in a channel, and the documented tiers of some other methods."""

    def __init__(self) -> None:
        """Start with nothing used."""
        self._used: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def wait_for(self, method: str, channel: str, at: float) -> int | None:
        """Return the whole seconds to wait before this call is allowed, or None."""
        if method in SENDS:
            key, allowed, window = (method, channel), 1, 1.0
        elif method in _PER_MINUTE:
            key, allowed, window = (method, ""), _PER_MINUTE[method], 60.0
        else:
            return None
        used = self._used[key]
        while used and used[0] <= at - window:
            used.popleft()
        if len(used) >= allowed:
            return max(1, round(used[0] + window - at))
        used.append(at)
        return None


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
        self.port = 0

    def application(self) -> web.Application:
        """Return a fresh aiohttp application; aiohttp allows no second start of one."""
        app = web.Application(middlewares=[only_local_hosts], client_max_size=4 * 1024**2)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_get("/link", self._socket)
        return app

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            arguments = await _arguments(request)
        except ValueError:
            return self._refuse(method, {}, Fault(200, "invalid_json"))
        token = _token(request, arguments)
        refusal = self._gate(method, arguments, token)
        if refusal is not None:
            return self._refuse(method, arguments, refusal)
        try:
            answer = self._answer(method, arguments)
        except SlackRefusal as error:
            return self._refuse(method, arguments, Fault(200, error.code), error.messages)
        if self.faults.take_lost(method):
            self._record(method, arguments, "lost")
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        self._record(method, arguments, "ok")
        return web.json_response({"ok": True, **answer})

    def _gate(self, method: str, arguments: Mapping[str, Any], token: str) -> Fault | None:
        """Return what stands before the method itself: token, ordered faults, rate limit."""
        if not token:
            return Fault(200, "not_authed")
        if token not in (self._bot_token, self._app_token):
            return Fault(200, "invalid_auth")
        wanted = self._app_token if method == "apps.connections.open" else self._bot_token
        if token != wanted:
            return Fault(200, "not_allowed_token_type")
        fault = self.faults.take_refused(method)
        if fault is None and self.rate_limit is not None:
            at = self._workspace.monotonic()
            seconds = self.rate_limit.wait_for(method, str(arguments.get("channel")), at)
            fault = None if seconds is None else Fault(429, "ratelimited", seconds)
        return fault

    def _answer(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if method == "apps.connections.open":
            ticket = secrets.token_urlsafe(24)
            self._tickets.add(ticket)
            return {"url": f"ws://127.0.0.1:{self.port}/link?ticket={ticket}"}
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
        usual = "internal_error" if fault.status >= 500 else "invalid_arguments"
        code = fault.code or _STATUS_ERRORS.get(fault.status, usual)
        self._record(method, arguments, code)
        body: dict[str, Any] = {"ok": False, "error": code}
        if messages:
            body |= {"errors": list(messages), "response_metadata": {"messages": list(messages)}}
        headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
        return web.json_response(body, status=fault.status, headers=headers)

    def _record(self, method: str, arguments: Mapping[str, Any], status: str) -> None:
        name = str(arguments.get("channel") or arguments.get("users") or "")
        channel = self._workspace.channels.get(name)
        chat = channel.in_journal if channel else name
        at = self._workspace.monotonic()
        self._workspace.journal.requests.append(Request(at, method, chat, status))

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401)
        self._tickets.discard(ticket)
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        await self._sockets.serve(connection)
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
    for name in ("blocks", "metadata", "attachments", "view"):
        if isinstance(arguments.get(name), str):
            arguments[name] = json.loads(arguments[name])
    return arguments
