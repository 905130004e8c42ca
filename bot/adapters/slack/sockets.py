"""Socket Mode: one connection at a time, opened again whenever it is gone.

The connection is aiohttp's; envelopes and acknowledgements are ``slack_sdk``'s types, and
Bolt runs what is in them. The SDK's own ``SocketModeClient`` is not used because of what
its source does (3.47.0): it makes a session of its own; it logs the connection's address,
ticket included, when connecting fails; it then retries that same used-up address for
ever; a ``CLOSED`` connection is slept over; and its tasks for envelopes are not awaited
when it is closed.

Envelopes of one channel are handled one after the other, in the order in which they
came: the inbox's order is made here.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakValueDictionary

import aiohttp
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.adapters.slack.outcomes import Trouble
from bot.adapters.slack.web import Web
from bot.clock import Clock

Handle = Callable[[SocketModeRequest], Awaitable[bool]]

HEARTBEAT = 20.0
"""Seconds between pings; a connection that does not answer one in half of that is gone."""

_WS_TIMEOUT = aiohttp.ClientWSTimeout(ws_close=2.0)
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0

log = logging.getLogger(__name__)


class Sockets:
    """Receives envelopes for as long as :meth:`run` runs."""

    def __init__(self, web: Web, app_token: str, clock: Clock, handle: Handle) -> None:
        """Give every envelope to ``handle``, which says whether to acknowledge it."""
        self._web = web
        self._app_token = app_token
        self._clock = clock
        self._handle = handle
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._complained = False
        self._useful = False

    async def run(self) -> None:
        """Connect, receive, connect again, until cancelled; no trouble ends it."""
        failures = 0
        try:
            while True:
                begun = self._clock.monotonic()
                self._useful = False
                problem = await self._connect_once()
                if problem:
                    self._complain(problem)
                if self._useful or self._clock.monotonic() - begun > LONGEST_WAIT:
                    failures = 0
                if failures or problem:
                    await self._clock.sleep(min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(failures, 9)))
                failures += 1
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect_once(self) -> str:
        """Receive from one connection until it ends; return what was wrong, if anything.

        Whatever is raised on the way may name the address with its ticket, so only the
        kind of the error is told.
        """
        try:
            async with self._web.open() as session:
                answer = await self._web.ask("apps.connections.open", token=self._app_token)
                if isinstance(answer, Trouble):
                    return advice(answer, "CONVOKE_SLACK_APP_TOKEN")
                url = str(answer.get("url"))
                proxy = self._web.proxy
                async with session.ws_connect(
                    url, heartbeat=HEARTBEAT, proxy=proxy, timeout=_WS_TIMEOUT
                ) as connection:
                    if not await self._receive(connection):
                        return "The connection was closed before anything came."
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return f"{type(error).__name__} on the way to Slack"
        return ""

    async def _receive(self, connection: aiohttp.ClientWebSocketResponse) -> bool:
        """Take what comes until the end; return whether anything did."""
        heard = False
        async for message in connection:
            if message.type != aiohttp.WSMsgType.TEXT:
                continue
            heard = True
            self._all_well()
            body = _parsed(message.data)
            if body.get("type") == "disconnect":
                break
            request = SocketModeRequest.from_dict(body)
            if request is not None:
                self._useful = True
                task = asyncio.create_task(self._take(connection, request))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return heard

    async def _take(
        self, connection: aiohttp.ClientWebSocketResponse, request: SocketModeRequest
    ) -> None:
        """Handle one envelope in its turn and acknowledge it, or leave it to come again."""
        async with self._turns.setdefault(_channel_of(request), asyncio.Lock()):
            acknowledge = await self._handle(request)
        if not acknowledge or connection.closed:
            return
        try:
            await connection.send_json(SocketModeResponse(request.envelope_id).to_dict())
        except (ConnectionError, aiohttp.ClientError):
            log.debug("an acknowledgement was lost; Slack sends the update again")

    def _all_well(self) -> None:
        if self._complained:
            log.info("Slack is connected again")
        self._complained = False

    def _complain(self, problem: str) -> None:
        """Say once that receiving does not work, and what to do; not at each attempt."""
        level = logging.DEBUG if self._complained else logging.WARNING
        log.log(level, "Slack cannot be received from; trying on. %s", problem)
        self._complained = True


def advice(trouble: Trouble, variable: str) -> str:
    """Return what is wrong and what to do about it, in one line for staff."""
    detail = getattr(trouble, "detail", "") or getattr(trouble, "reason", "")
    if detail in ("invalid_auth", "not_authed", "token_revoked", "token_expired"):
        return f"{detail}: {variable} is not accepted; copy it again from the app's settings."
    if detail == "account_inactive":
        return f"{detail}: the app was removed from the workspace; install it again."
    if detail in ("missing_scope", "not_allowed_token_type"):
        return f"{detail}: {variable} is of the wrong kind or lacks a scope; see the manifest."
    if detail == "no connection to Slack":
        return "No connection to Slack; check the network and CONVOKE_SLACK_API_URL."
    return f"Slack answered: {detail}."


def _parsed(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _channel_of(request: SocketModeRequest) -> str:
    """Return the channel that an envelope is about; order matters within one."""
    payload = request.payload
    place = payload.get("event") or payload.get("channel") or payload
    return str(place.get("channel") or place.get("id") or "") if isinstance(place, dict) else ""
