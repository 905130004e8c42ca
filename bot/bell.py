"""APScheduler rings; what is to be done stands in the tables.

Its own defaults would lose and double jobs (FACTS, "APScheduler"), so: memory store only,
no grace time, coalesced, one instance of each job. A lost ring costs one interval.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

Ring = Callable[[], Awaitable[None]]


class Bell:
    """Calls each job every so many seconds of real time, while entered."""

    def __init__(self, jobs: Mapping[str, tuple[float, Ring]]) -> None:
        """Take (seconds, what to call) by name."""
        self._jobs = dict(jobs)
        self._scheduler: AsyncIOScheduler | None = None

    def __enter__(self) -> Self:
        """Start ringing on the running event loop."""
        scheduler = AsyncIOScheduler(timezone="UTC")
        for name, (seconds, ring) in self._jobs.items():
            scheduler.add_job(
                self._safely,
                "interval",
                args=(name, ring),
                id=name,
                seconds=seconds,
                misfire_grace_time=None,
                coalesce=True,
                max_instances=1,
            )
        scheduler.start()
        self._scheduler = scheduler
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop ringing."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None

    async def ring(self) -> None:
        """Call every job once, now; tests use it instead of waiting."""
        for _seconds, ring in self._jobs.values():
            await ring()

    async def _safely(self, name: str, ring: Ring) -> None:
        try:
            await ring()
        except asyncio.CancelledError:
            # We are ending; APScheduler would log it as a failure of the job.
            log.debug("the job %s was under way at the end", name)
        except Exception:  # a job that fails now is rung again in a moment
            log.exception("the job %s failed; it will be rung again", name)
