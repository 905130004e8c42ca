"""The two clocks. See ``docs/decisions`` for why there are two.

The *calendar* (``now``) drives schedules and deadlines; a demo or a test may move it.
The *monotonic* clock drives pacing, leases and time-outs, and is never moved.
"""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Where every part of the program takes its time from."""

    def now(self) -> datetime:
        """Return the calendar's instant, aware UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never jump and never go back."""
        ...

    def epoch(self) -> float:
        """Return the real epoch seconds, never moved: what platforms stamp messages with."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for ``seconds`` of monotonic time."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the current instant, aware UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return :func:`time.monotonic`."""
        return time.monotonic()

    def epoch(self) -> float:
        """Return :func:`time.time`."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait with :func:`asyncio.sleep`."""
        await asyncio.sleep(max(0.0, seconds))


class MovableClock(SystemClock):
    """A running calendar that starts anywhere and can be set; monotonic time is real.

    Several processes share one calendar through ``path``: whoever sets it writes the
    offset there, and all others follow. The demo and rehearsals use this.
    """

    def __init__(self, path: Path) -> None:
        """Follow the calendar stored at ``path``; without a file it is the real one."""
        self._path = path
        self._read_at = -1.0
        self._offset = timedelta()

    def now(self) -> datetime:
        """Return the shared calendar's instant, aware UTC."""
        return datetime.now(UTC) + self._current_offset()

    def move_to(self, instant: datetime) -> None:
        """Set the calendar of everybody who follows this file to ``instant``."""
        offset = instant - datetime.now(UTC)
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps({"offset_seconds": offset.total_seconds()}))
        draft.replace(self._path)

    def _current_offset(self) -> timedelta:
        try:
            changed = self._path.stat().st_mtime_ns / 1e9
        except FileNotFoundError:
            return timedelta()
        if changed != self._read_at:
            self._offset = timedelta(seconds=json.loads(self._path.read_text())["offset_seconds"])
            self._read_at = changed
        return self._offset
