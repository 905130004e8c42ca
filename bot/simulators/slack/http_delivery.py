"""Signed requests to the app's own address, and sending them again until one succeeds.

A delivery::

    waiting → asked → answered
    asked → resting → asked    an event got anything but 200, or nothing in time
    asked → given up           an event after its last attempt; an interaction at once

Slack asks again at once, after a minute and after five (FACTS, "Acknowledge"), and says so
in ``X-Slack-Retry-Num``. A press or a command is asked once: the person sees the failure.
Requests of one channel go out one after the other; Slack itself promises no order at all.
"""

import asyncio
import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp

Payload = dict[str, Any]
Answered = Callable[[Payload], None]
"""Told what the app answered beside its acknowledgement."""


@dataclass(slots=True, eq=False)
class Delivery:
    """A payload on its way."""

    kind: str
    payload: Payload
    answered: Answered | None = None
    attempts: int = 0


class HttpDelivery:
    """Everything that goes to one address."""

    def __init__(
        self,
        secret: str,
        now: Callable[[], float],
        *,
        answer_within: float,
        redelivery: Sequence[float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Sign with ``secret`` and wait before each repetition, by ``now`` and ``sleep``."""
        self._secret = secret
        self._now = now
        self._answer_within = answer_within
        self._redelivery = tuple(redelivery)
        self._sleep = sleep
        self._waiting: list[Delivery] = []
        self._changed = asyncio.Event()
        self._lines: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.url = ""
        self.given_up: list[Delivery] = []
        self.statuses: list[int] = []

    def put(self, kind: str, payload: Payload, answered: Answered | None = None) -> None:
        """Deliver ``payload`` as soon as the server runs and an address is known."""
        self._waiting.append(Delivery(kind, payload, answered))
        self._changed.set()

    async def deliver(self) -> None:
        """Send what waits, for as long as the server runs."""
        tasks: set[asyncio.Task[None]] = set()
        timeout = aiohttp.ClientTimeout(total=self._answer_within)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            try:
                while True:
                    await self._changed.wait()
                    self._changed.clear()
                    while self.url and self._waiting:
                        one = self._waiting.pop(0)
                        task = asyncio.create_task(self._deliver(session, one))
                        tasks.add(task)
                        task.add_done_callback(tasks.discard)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, session: aiohttp.ClientSession, one: Delivery) -> None:
        repetitions = self._redelivery if one.kind == "events_api" else ()
        reason = ""
        for delay in (0.0, *repetitions):
            if one.attempts:
                await self._sleep(delay)
            async with self._lines[_line(one.payload)]:
                status, answer = await self._ask(session, one, reason)
            if status == 200:
                if one.answered is not None:
                    one.answered(answer)
                return
            reason = "http_timeout" if not status else "http_error"
            one.attempts += 1
        self.given_up.append(one)

    async def _ask(
        self, session: aiohttp.ClientSession, one: Delivery, reason: str
    ) -> tuple[int, Payload]:
        body, content_type = encoded(one.kind, one.payload)
        headers = {"Content-Type": content_type, **self.sign(body)}
        if one.attempts:
            headers |= {"X-Slack-Retry-Num": str(one.attempts), "X-Slack-Retry-Reason": reason}
        try:
            async with session.post(self.url, data=body, headers=headers) as response:
                text = await response.text()
                self.statuses.append(response.status)
                return response.status, _object(text)
        except (aiohttp.ClientError, OSError, TimeoutError):
            self.statuses.append(0)
            return 0, {}

    def sign(self, body: bytes, at: float | None = None) -> dict[str, str]:
        """Return the two headers by which an app knows that ``body`` is Slack's."""
        timestamp = str(int(self._now() if at is None else at))
        base = b"v0:" + timestamp.encode() + b":" + body
        digest = hmac.new(self._secret.encode(), base, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def encoded(kind: str, payload: Payload) -> tuple[bytes, str]:
    """Return body and content type as Slack sends that kind."""
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _line(payload: Payload) -> str:
    place = payload.get("event") or payload
    channel = place.get("channel") or place.get("channel_id") or ""
    return str(channel.get("id", "") if isinstance(channel, dict) else channel)


def _object(text: str) -> Payload:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
