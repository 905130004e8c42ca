"""Updates of one channel one after the other, whichever way they come in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from bot.adapters.slack.bodies import Body, part, text


class Turns:
    """Whoever comes first has its turn first, within a channel."""

    def __init__(self) -> None:
        """Start with everybody free to go."""
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, body: Body) -> AsyncIterator[None]:
        """Wait for the turn of ``body``, and keep it inside the block."""
        lock = self._locks.setdefault(_line_of(body), asyncio.Lock())
        async with lock:
            yield


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
