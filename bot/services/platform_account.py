"""One account on one platform: who holds it receives and sends for it (invariant 6).

::

    unknown → waiting for the lease → holding → waiting …

A process that does not hold the account waits, and takes over within 15 s of the
holder's death: the lease lasts 10 s, and the question is asked every 2 s.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.abilities import Menu, ShowsMenu
from bot.adapters.base import Adapter, Sink
from bot.clock import Clock
from bot.domain.delivery import Lane
from bot.outbound.lease import Lease, LeaseKeeper
from bot.outbound.sender import Sender
from bot.services import roster
from bot.storage import leases
from bot.storage.database import Database

ASK_SECONDS = 2.0
log = logging.getLogger(__name__)

MakeSender = Callable[[Adapter, Lease], Sender]


class PlatformAccount:
    """Waits for the account's lease and serves it while it is held."""

    def __init__(
        self,
        adapter: Adapter,
        *,
        database: Database,
        clock: Clock,
        keeper: LeaseKeeper,
        sink: Sink,
        make_sender: MakeSender,
        menu: Menu,
    ) -> None:
        """Serve ``adapter``; ``make_sender`` gives the sender of a lease."""
        self.adapter = adapter
        self.held = False
        self._database = database
        self._clock = clock
        self._keeper = keeper
        self._sink = sink
        self._make_sender = make_sender
        self._menu = menu
        self._menu_shown = False

    async def run(self) -> None:
        """Serve until cancelled; trouble is logged and tried again."""
        async with self.adapter.session():
            while True:
                try:
                    await self._once()
                except (SQLAlchemyError, OSError) as error:
                    log.error(
                        "%s: the database failed: %s", self.adapter.name, type(error).__name__
                    )
                except Exception:  # nothing may end the service of an account for good
                    log.exception("%s: serving failed, trying again", self.adapter.name)
                await self._clock.sleep(ASK_SECONDS)

    async def _once(self) -> None:
        if not self.adapter.account and not await self._identify():
            return
        adapter = self.adapter
        lease = await self._keeper.try_once(leases.of_account(adapter.name, adapter.account))
        if lease is None:
            return
        log.info("%s: this process receives and sends", adapter.name)
        async with self._keeper.held(lease):
            self.held = True
            try:
                await self._serve(lease)
            finally:
                self.held = False
        log.warning("%s: another process receives and sends now", adapter.name)

    async def _identify(self) -> bool:
        health = await self.adapter.check()
        if not health.ok:
            log.error("%s: %s", self.adapter.name, health.problem)
        return health.ok

    async def _serve(self, lease: Lease) -> None:
        adapter = self.adapter
        await self._database.write(
            lambda write: roster.remember_account(write, adapter.name, adapter.account),
            Lane.CONVERSATION,
        )
        sender = self._make_sender(adapter, lease)
        async with adapter.running(self._sink):
            showing = asyncio.create_task(self._show_menu(), name="menu")
            try:
                await _until_lost(lease, sender.run())
            finally:
                showing.cancel()
                await asyncio.gather(showing, return_exceptions=True)

    async def _show_menu(self) -> None:
        """Show the commands once a process, beside the work and never before it."""
        adapter = self.adapter
        if isinstance(adapter, ShowsMenu) and not self._menu_shown:
            self._menu_shown = await adapter.show_menu(self._menu)


async def _until_lost(lease: Lease, work: Awaitable[None]) -> None:
    """Run ``work`` until it ends or the lease is lost; it may finish what it has begun."""
    task = asyncio.ensure_future(work)
    lost = asyncio.ensure_future(lease.lost.wait())
    try:
        await asyncio.wait({task, lost}, return_when=asyncio.FIRST_COMPLETED)
        await task
    finally:
        lost.cancel()
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
