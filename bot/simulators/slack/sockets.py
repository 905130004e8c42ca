"""Socket Mode: envelopes, their acknowledgement, and sending them again.

An envelope::

    waiting → sent → acknowledged
    sent → resting → waiting   an event was not acknowledged in time
    sent → waiting             its connection closed before it was acknowledged
    sent → given up            an event after its last attempt; a press at once

A press made while nobody is connected waits. Slack sends an event again at once, after a
minute and after five (FACTS, "Acknowledge"); the delays here are short. It never repeats an
interaction: the person sees a warning triangle and presses again. (What it does with a
press whose connection closes is not documented; here it goes to another connection.) Each
attempt is a new envelope around the same payload.
"""

import asyncio
import itertools
import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

Answered = Callable[[dict[str, Any]], None]
"""Told what the app answered beside its acknowledgement."""


@dataclass(slots=True, eq=False)
class Envelope:
    """A payload on its way; ``attempts`` counts those that ended without an answer."""

    kind: str
    payload: dict[str, Any]
    answered: Answered | None = None
    attempts: int = 0


class Sockets:
    """The connections of one app; each envelope goes to one of them."""

    def __init__(self, ack_within: float, redelivery: Sequence[float]) -> None:
        """Wait ``ack_within`` seconds for an answer, then ``redelivery`` before each retry."""
        self._ack_within = ack_within
        self._redelivery = tuple(redelivery)
        self._connections: list[web.WebSocketResponse] = []
        self._transports: dict[web.WebSocketResponse, asyncio.BaseTransport] = {}
        self._silent: set[web.WebSocketResponse] = set()
        self._waiting: deque[Envelope] = deque()
        self._sent: dict[str, tuple[Envelope, web.WebSocketResponse]] = {}
        self._ids: Iterator[int] = itertools.count(1)
        self._changed = asyncio.Event()
        self._timers: set[asyncio.TimerHandle] = set()
        self._resting: list[Envelope] = []
        self.given_up: list[Envelope] = []
        self.acknowledged = 0

    @property
    def connected(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    @property
    def undelivered(self) -> int:
        """How many envelopes nobody has acknowledged, and are not given up."""
        return len(self._waiting) + len(self._sent) + len(self._resting)

    def put(self, kind: str, payload: dict[str, Any], answered: Answered | None = None) -> None:
        """Deliver ``payload`` now, or as soon as somebody is connected."""
        self._waiting.append(Envelope(kind, payload, answered))
        self._changed.set()

    async def deliver(self) -> None:
        """Send what waits, for as long as the server runs."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            while self._waiting and (connection := self._next_connection()):
                await self._send(connection, self._waiting.popleft())

    def _next_connection(self) -> web.WebSocketResponse | None:
        """Return the open connection whose turn it is; one may be closing and still listed."""
        still_open = [one for one in self._connections if not one.closed]
        if not still_open:
            return None
        self._connections.remove(still_open[0])
        self._connections.append(still_open[0])
        return still_open[0]

    async def _send(self, connection: web.WebSocketResponse, envelope: Envelope) -> None:
        id_ = f"envelope-{next(self._ids)}"
        retry = (
            {"retry_attempt": envelope.attempts, "retry_reason": "timeout"}
            if envelope.kind == "events_api"
            else {}
        )
        self._sent[id_] = (envelope, connection)
        self._later(self._ack_within, self._miss, id_)
        body = {"type": envelope.kind, "envelope_id": id_, "payload": envelope.payload}
        takes_answer = envelope.kind != "events_api"
        if connection in self._silent:
            return  # it went into the void
        try:
            await connection.send_json({**body, "accepts_response_payload": takes_answer, **retry})
        except ConnectionError:
            self._drop(connection)

    def _later(self, seconds: float, callback: Any, *arguments: object) -> None:
        def run() -> None:
            self._timers.discard(timer)
            callback(*arguments)

        timer = asyncio.get_running_loop().call_later(seconds, run)
        self._timers.add(timer)

    def _miss(self, id_: str) -> None:
        """Nobody answered: send the event again after its delay, or give up."""
        if id_ not in self._sent:
            return
        envelope, _ = self._sent.pop(id_)
        if envelope.kind != "events_api" or envelope.attempts >= len(self._redelivery):
            self.given_up.append(envelope)
            return
        delay = self._redelivery[envelope.attempts]
        envelope.attempts += 1
        self._resting.append(envelope)
        self._later(delay, self._again, envelope)

    def _again(self, envelope: Envelope) -> None:
        self._resting.remove(envelope)
        self._waiting.appendleft(envelope)
        self._changed.set()

    def _drop(self, connection: web.WebSocketResponse) -> None:
        self._transports.pop(connection, None)
        self._silent.discard(connection)
        if connection in self._connections:
            self._connections.remove(connection)
        lost = [id_ for id_, (_, used) in self._sent.items() if used is connection]
        for id_ in reversed(lost):
            self._waiting.appendleft(self._sent.pop(id_)[0])
        self._changed.set()

    async def serve(
        self, connection: web.WebSocketResponse, transport: asyncio.BaseTransport | None
    ) -> None:
        """Greet a new connection, then take its acknowledgements until it closes."""
        if transport is not None:
            self._transports[connection] = transport
        hello = {"type": "hello", "num_connections": self.connected + 1, "connection_info": {}}
        await connection.send_json(hello)
        self._connections.append(connection)
        self._changed.set()
        try:
            async for message in connection:
                if message.type == WSMsgType.TEXT:
                    self._acknowledge(message.data)
        finally:
            self._drop(connection)

    def _acknowledge(self, text: str) -> None:
        answer = json.loads(text)
        found = self._sent.pop(str(answer.get("envelope_id")), None)
        if found is None:
            return
        self.acknowledged += 1
        if found[0].answered is not None:
            found[0].answered(answer.get("payload") or {})

    def fall_silent(self, count: int = 1) -> None:
        """Leave connections half open: nothing is read from them, nothing reaches them."""
        for connection in [one for one in self._connections if one not in self._silent][:count]:
            transport = self._transports.get(connection)
            if isinstance(transport, asyncio.Transport):
                transport.pause_reading()
            self._silent.add(connection)

    def cut(self, count: int = 1) -> None:
        """Drop connections without a word."""
        for connection in list(self._connections)[:count]:
            transport = self._transports.get(connection)
            if isinstance(transport, asyncio.Transport):
                transport.abort()

    async def announce_disconnect(self, reason: str = "refresh_requested") -> None:
        """Tell every connection to go; Slack does so every few hours.

        After ``warning`` they stay open for a while; else they are closed at once.
        """
        for connection in list(self._connections):
            if connection in self._silent:
                continue
            await connection.send_json({"type": "disconnect", "reason": reason})
            if reason != "warning":
                await connection.close()

    async def stop(self) -> None:
        """Close all connections; what was not acknowledged waits for the next one."""
        for connection in list(self._connections):
            transport = self._transports.get(connection)
            is_silent = connection in self._silent
            self._drop(connection)
            if is_silent and isinstance(transport, asyncio.Transport):
                transport.abort()
            else:
                await connection.close()
        for timer in list(self._timers):
            timer.cancel()
        self._timers.clear()
        self._waiting.extendleft(reversed(self._resting))
        self._resting.clear()
