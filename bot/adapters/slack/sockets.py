"""Socket Mode: two connections at a time, each made anew whenever it is gone.

::

    opening → receiving → leaving → closed
    receiving → leaving    Slack says so (``disconnect``), or nothing was heard for too long
    receiving → closed     the network, or Slack without a word

As soon as a connection is leaving, the next one is opened beside it; what Slack still
sends through the old one is taken too. Slack gives each envelope to one connection, and
again to another one where it was not acknowledged: so no gap loses anything.

The connections are aiohttp's; envelopes and acknowledgements are ``slack_sdk``'s types,
and Bolt runs what is in them. The SDK's own ``SocketModeClient`` is not used because of
what its source does (3.47.0): it makes a session of its own; it logs the connection's
address, ticket included, when connecting fails; it then retries that same used-up address
for ever; a ``CLOSED`` connection is slept over; and its tasks for envelopes are not
awaited when it is closed.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import aiohttp
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.adapters.proxies import NOTHING_LEFT, SETTING, is_proxys_failure
from bot.adapters.slack.advice import APP_TOKEN, advice
from bot.adapters.slack.bodies import ENVELOPE
from bot.adapters.slack.listeners import Answer
from bot.adapters.slack.outcomes import Trouble
from bot.adapters.slack.web import Web
from bot.clock import Clock

Take = Callable[[dict[str, Any]], Awaitable[Answer]]
TakeEnvelope = Callable[["Connection", SocketModeRequest], None]

CONNECTIONS = 2
PING = 10.0
"""Seconds between our own pings; Slack pings too."""
SILENCE = 30.0
"""Seconds without any frame after which a connection is thought dead, whatever it says."""
FAREWELL = 60.0
"""Seconds that Slack may keep a connection open after it told us to leave."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0

_FRAME_WITHIN = 2.0
_WS_TIMEOUT = aiohttp.ClientWSTimeout(ws_close=2.0)
_NOT_WELCOME = {
    "link_disabled": "Socket Mode is switched off; switch it on in the app's settings.",
    "too_many_websockets": "Too many connections; is another process using this app?",
}

_FAILURES: tuple[type[Exception], ...] = (aiohttp.ClientError, OSError, ValueError, *NOTHING_LEFT)

log = logging.getLogger(__name__)


class Connection:
    """One WebSocket, from its greeting to its end."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, clock: Clock) -> None:
        """Listen to ``socket``."""
        self._socket = socket
        self._clock = clock
        self._heard = self._begun = clock.monotonic()
        self._told_at: float | None = None
        self.leaving = asyncio.Event()
        self.greeted = False
        self.useful = False
        self.reason = ""

    @property
    def proved(self) -> bool:
        """Whether it was of use, or at least lasted: then the next one is opened at once."""
        lasted = self._clock.monotonic() - self._begun > LONGEST_WAIT
        return (self.useful or lasted) and self.reason not in _NOT_WELCOME

    async def serve(self, greeted: Callable[[], None], take: TakeEnvelope) -> None:
        """Hand on envelopes until the connection is gone, or silent for too long."""
        parts = [
            asyncio.create_task(self._receive(greeted, take), name="slack-socket"),
            asyncio.create_task(self._mind(), name="slack-socket-watch"),
        ]
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.leaving.set()
            for one in parts:
                one.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            await self.close()

    async def close(self) -> None:
        """Close it, whether it was served yet or not."""
        await self._socket.close()

    async def _receive(self, greeted: Callable[[], None], take: TakeEnvelope) -> None:
        async for message in self._socket:
            self._heard = self._clock.monotonic()
            if message.type is aiohttp.WSMsgType.PING:
                await self._socket.pong(message.data)
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            self.greeted = True
            greeted()
            body = _parsed(message.data)
            if body.get("type") == "disconnect":
                self.reason = str(body.get("reason") or "")
                self._told_at = self._heard
                self.leaving.set()
            elif (request := SocketModeRequest.from_dict(body)) is not None:
                self.useful = True
                take(self, request)

    async def _mind(self) -> None:
        """Return once nothing has been heard for too long; ``closed`` can lie about that."""
        while True:
            await self._clock.sleep(PING)
            now = self._clock.monotonic()
            if now - self._heard >= SILENCE:
                log.warning("a connection to Slack fell silent; it is made anew")
                return
            if self._told_at is not None and now - self._told_at >= FAREWELL:
                return
            async with asyncio.timeout(_FRAME_WITHIN):
                await self._socket.ping()

    async def acknowledge(self, response: SocketModeResponse) -> None:
        """Say that an envelope is stored; where that is lost, Slack sends it again."""
        if self._socket.closed:
            return
        try:
            await self._socket.send_json(response.to_dict())
        except (ConnectionError, aiohttp.ClientError):
            log.debug("an acknowledgement was lost; Slack sends the update again")


class Sockets:
    """Receives envelopes for as long as :meth:`run` runs."""

    def __init__(self, web: Web, app_token: str, clock: Clock, take: Take) -> None:
        """Give the body of every envelope to ``take``, which says whether to acknowledge it."""
        self._web = web
        self._app_token = app_token
        self._clock = clock
        self._take = take
        self._opening = asyncio.Lock()
        self._failures = 0
        self._complained = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Connect, receive, connect again, until cancelled; no trouble ends it."""
        try:
            async with self._web.open() as session, asyncio.TaskGroup() as group:
                for number in range(CONNECTIONS):
                    group.create_task(self._keep_one(session), name=f"slack-sockets-{number}")
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep_one(self, session: aiohttp.ClientSession) -> None:
        while True:
            connection = await self._connected(session)
            self._spawn(self._serve(connection))
            try:
                await connection.leaving.wait()
            except asyncio.CancelledError:
                await connection.close()
                raise
            self._failures = 0 if connection.proved else self._failures + 1
            if connection.reason in _NOT_WELCOME or not connection.greeted:
                self._complain(_NOT_WELCOME.get(connection.reason, _ENDED_EARLY))

    async def _serve(self, connection: Connection) -> None:
        try:
            await connection.serve(self._all_well, self._take_soon)
        except (aiohttp.ClientError, OSError) as error:
            log.debug("a connection to Slack ended: %s", type(error).__name__)

    async def _connected(self, session: aiohttp.ClientSession) -> Connection:
        """Return a new connection; one attempt after the other, each after a longer wait."""
        async with self._opening:
            while True:
                if self._failures:
                    wait = FIRST_WAIT * 2 ** min(self._failures - 1, 9)
                    await self._clock.sleep(min(LONGEST_WAIT, wait))
                opened = await self._try(session)
                if isinstance(opened, Connection):
                    return opened
                self._failures += 1
                self._complain(opened)

    async def _try(self, session: aiohttp.ClientSession) -> Connection | str:
        """Make one attempt; return what was wrong if it failed.

        Whatever is raised on the way may name the address with its ticket, so only the
        kind of the error is told.
        """
        answer = await self._web.ask("apps.connections.open", token=self._app_token)
        if isinstance(answer, Trouble):
            return advice(answer, APP_TOKEN)
        try:
            socket = await session.ws_connect(
                str(answer.get("url")),
                heartbeat=None,
                autoping=False,
                proxy=self._web.proxy,
                timeout=_WS_TIMEOUT,
            )
        except _FAILURES as error:
            through = f" through {SETTING}" if is_proxys_failure(error) else ""
            return f"{type(error).__name__} on the way to Slack{through}."
        return Connection(socket, self._clock)

    def _take_soon(self, connection: Connection, request: SocketModeRequest) -> None:
        """Begin with an envelope in the order of arrival; its turn in the channel decides."""
        self._failures = 0
        self._spawn(self._take_one(connection, request))

    async def _take_one(self, connection: Connection, request: SocketModeRequest) -> None:
        """Handle one envelope and acknowledge it, or leave it to come again."""
        # Bolt hands on the body alone, and a body may lack all else that tells it from another.
        answer = await self._take({**request.payload, ENVELOPE: request.envelope_id})
        if answer.acknowledges:
            await connection.acknowledge(SocketModeResponse(request.envelope_id, answer.payload))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _all_well(self) -> None:
        if self._complained:
            log.info("Slack is connected again")
        self._complained = False

    def _complain(self, problem: str) -> None:
        """Say once that receiving does not work, and what to do; not at each attempt."""
        level = logging.DEBUG if self._complained else logging.WARNING
        log.log(level, "Slack cannot be received from; trying on. %s", problem)
        self._complained = True


_ENDED_EARLY = "The connection was closed before anything came."


def _parsed(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
