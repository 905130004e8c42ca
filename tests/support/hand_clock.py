"""Virtual time for whole programs: it jumps from one sleeper to the next, and never waits.

The database works in threads, so "nothing happens any more" is asked of its pools: while
no connection is out and the event loop has nothing ready, only time can change anything.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from bot.adapters.conformance import HandClock
from bot.storage.database import Database

QUIET_TURNS = 40
"""Turns of the event loop without any work before the program counts as waiting for time."""
A_MOMENT = 0.0002
SPINS = 400
"""Sleeps at one instant that no honest loop needs."""
LEAST = 1e-6
"""What a float of a large clock can still tell apart."""


class SteppingClock(HandClock):
    """A hand clock that knows when its next sleeper wakes, and catches a loop that spins."""

    def __init__(self) -> None:
        super().__init__()
        self._ends: list[float] = []
        self._spins = 0

    async def sleep(self, seconds: float) -> None:
        self._spins += 1
        assert self._spins < SPINS, "something sleeps again and again at the same instant"
        end = self._passed + max(seconds, LEAST if seconds > 0 else 0.0)
        self._ends.append(end)
        try:
            while self._passed < end:
                await self._moved.wait()
        finally:
            self._ends.remove(end)
        await asyncio.sleep(0)

    @property
    def passed(self) -> float:
        return self._passed

    def next_end(self) -> float:
        """Return when the next sleeper wakes, infinity if nobody sleeps."""
        return min((one for one in self._ends if one > self._passed), default=float("inf"))

    def jump_to(self, passed: float) -> None:
        """Make it ``passed`` seconds since the start, exactly."""
        self._spins = 0
        self._passed = passed
        self.advance(0.0)


def careless(database: Database) -> None:
    """Let commits not wait for the disk: there are thousands, and nobody cuts the power."""

    @event.listens_for(database._writer.sync_engine, "connect")
    def relax(connection: Any, _record: Any) -> None:
        connection.cursor().execute("PRAGMA synchronous=OFF")


async def quiet(database: Database) -> None:
    """Return when nothing but time can make anything go on."""
    calm = 0
    while calm < QUIET_TURNS:
        at_work = _at_work(database)
        # While a thread works, the loop waits in its selector and leaves the thread the GIL.
        await asyncio.sleep(A_MOMENT if at_work else 0)
        calm = 0 if at_work else calm + 1


def _at_work(database: Database) -> bool:
    engines = (database._writer, database._reader)
    return any(engine.pool.checkedout() for engine in engines)  # type: ignore[attr-defined]  # of every pool with a size


async def pass_time(
    clock: SteppingClock,
    database: Database,
    seconds: float,
    until: Callable[[], object] = lambda: False,
) -> None:
    """Let ``seconds`` pass, stopping for every sleeper; end early once ``until`` holds."""
    end = clock.passed + seconds
    while True:
        await quiet(database)
        if until():
            return
        following = clock.next_end()
        if following > end:
            clock.jump_to(end)
            await quiet(database)
            return
        clock.jump_to(following)
