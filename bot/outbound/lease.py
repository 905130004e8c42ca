"""One process at a time polls and sends for one platform account (invariant 6)."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.domain.delivery import Lane
from bot.storage import leases
from bot.storage.database import Database

log = logging.getLogger(__name__)


class Lease:
    """A lease that this process holds until :attr:`deadline`, or loses before."""

    def __init__(self, name: str, epoch: int, deadline: float) -> None:
        """Hold ``name`` under ``epoch`` until the monotonic ``deadline``."""
        self.name = name
        self.epoch = epoch
        self.deadline = deadline
        self.lost = asyncio.Event()

    def covers(self, now: float, seconds: float) -> bool:
        """Return whether a request of at most ``seconds`` begun at ``now`` ends in time."""
        return not self.lost.is_set() and now + seconds < self.deadline


class LeaseKeeper:
    """Takes leases for one process and renews them."""

    def __init__(self, database: Database, clock: Clock, process: str) -> None:
        """Act as ``process``, a name that no other process has."""
        self._database = database
        self._clock = clock
        self.process = process

    async def try_once(self, name: str) -> Lease | None:
        """Take the lease if it is free."""
        before = self._clock.monotonic()
        epoch = await self._database.write(
            lambda write: leases.acquire(write, name, self.process), Lane.CONVERSATION
        )
        # Counted from before the question: the database's lease ends no earlier than ours.
        return Lease(name, epoch, before + leases.SECONDS) if epoch is not None else None

    @asynccontextmanager
    async def held(self, lease: Lease) -> AsyncIterator[None]:
        """Renew ``lease`` inside the block, set ``lost`` when that fails, release at the end."""
        renewing = asyncio.create_task(self._renew(lease), name=f"renew {lease.name}")
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            await self._release(lease)

    async def _renew(self, lease: Lease) -> None:
        while not lease.lost.is_set():
            await self._clock.sleep(leases.RENEW_SECONDS)
            before = self._clock.monotonic()
            try:
                async with asyncio.timeout(leases.RENEW_SECONDS):
                    renewed = await self.try_once(lease.name)
            except Exception as error:  # whatever it is, the lease runs on and must be seen to end
                log.warning("could not renew %s: %s", lease.name, type(error).__name__)
                if before > lease.deadline:
                    lease.lost.set()
                continue
            if renewed is None or renewed.epoch != lease.epoch:
                lease.lost.set()
            else:
                lease.deadline = renewed.deadline

    async def _release(self, lease: Lease) -> None:
        try:
            await self._database.write(
                lambda write: leases.release(write, lease.name, self.process), Lane.CONVERSATION
            )
        except (SQLAlchemyError, OSError) as error:
            log.warning("could not release %s: %s", lease.name, type(error).__name__)
