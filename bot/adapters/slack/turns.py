"""Updates of one channel one after the other, whichever way they come in.

Two connections, or two requests, can overtake each other by some milliseconds. So what
waits for its turn in a channel goes by Slack's own stamp, and the first to come waits a
moment for one that was sent before it.
"""

import asyncio
import heapq
import itertools
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from bot.adapters.slack.bodies import Body, first, part, text

SETTLE = 0.01
"""Real seconds that the first of a channel waits; nobody notices, and a burst falls in order."""

_Entry = tuple[float, int, "asyncio.Future[None]"]


class _Line:
    """Those who wait in one channel."""

    def __init__(self) -> None:
        self.waiting: list[_Entry] = []
        self.busy = False

    def call_next(self) -> None:
        """Let the earliest go; nobody is busy if none waits."""
        while self.waiting:
            _stamp, _number, turn = heapq.heappop(self.waiting)
            if not turn.done():  # else whoever waited has gone away
                turn.set_result(None)
                return
        self.busy = False


class Turns:
    """The lines of all channels; an empty one is forgotten."""

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._lines: dict[str, _Line] = {}
        self._numbers: Iterator[int] = itertools.count()

    @asynccontextmanager
    async def turn(self, body: Body) -> AsyncIterator[None]:
        """Wait for the turn of ``body``, and keep it inside the block."""
        name = _line_of(body)
        line = self._lines.setdefault(name, _Line())
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        heapq.heappush(line.waiting, (_stamp_of(body), next(self._numbers), turn))
        if not line.busy:
            line.busy = True
            loop.call_later(SETTLE, self._call_next, name, line)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._call_next(name, line)  # it was our turn just now
            raise
        try:
            yield
        finally:
            self._call_next(name, line)

    def _call_next(self, name: str, line: _Line) -> None:
        line.call_next()
        if not line.busy and self._lines.get(name) is line:
            del self._lines[name]


def _line_of(body: Body) -> str:
    """Return the channel that a body is about, or the person where it is about none."""
    event = part(body, "event") or body
    return (
        text(event, "channel")
        or text(event, "channel", "id")
        or text(event, "channel_id")
        or text(body, "user", "id")
        or text(event, "user")
    )


def _stamp_of(body: Body) -> float:
    """Return when it happened; what has no stamp goes behind what waits already."""
    event = part(body, "event")
    stamp = (
        text(event, "event_ts") or text(event, "ts") or text(first(body, "actions"), "action_ts")
    )
    try:
        found = float(stamp)
    except ValueError:
        return math.inf
    return found if math.isfinite(found) else math.inf
