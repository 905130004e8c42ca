"""Opening direct chats, where a platform wants that before the first message.

It has a pace of its own and can be repeated, so the row stays ``claimed`` meanwhile.
"""

import logging

from bot.adapters.abilities import OpensDirect
from bot.adapters.base import REQUEST_SECONDS, Adapter
from bot.clock import Clock
from bot.domain.delivery import Kind, Outgoing
from bot.domain.outcome import Later, Never, Scope
from bot.outbound.lease import Lease
from bot.outbound.pacer import Pacer

WAIT_SECONDS = 1.0
"""Until openings are tried again when the lease is about to end."""
log = logging.getLogger(__name__)


class DirectOpener:
    """Opens chats for one account."""

    def __init__(self, adapter: Adapter, pacer: Pacer, clock: Clock, lease: Lease) -> None:
        """Open through ``adapter`` at the pace of ``pacer`` while ``lease`` lasts."""
        self._adapter = adapter
        self._pacer = pacer
        self._clock = clock
        self._lease = lease
        # Asked for each row, and the question of what an adapter can do is a slow one.
        self._opens = adapter if isinstance(adapter, OpensDirect) else None

    async def is_needed(self, row: Outgoing) -> bool:
        """Return whether the row's chat must be opened first."""
        if self._opens is None or not row.is_direct or row.kind is Kind.HOME:
            return False
        return not await self._opens.is_open(row.address)

    async def open(self, row: Outgoing) -> Never | None:
        """Make one paced attempt; ``Never`` if the chat cannot be opened at all."""
        adapter = self._opens
        assert adapter is not None  # noqa: S101 - is_needed said so
        now = await self._turn_of(row)
        if not self._lease.covers(now, REQUEST_SECONDS):
            self._pacer.halt_openings(now + WAIT_SECONDS)
            return None
        try:
            trouble = await adapter.open_direct(row.address)
        except Exception as error:  # the contract says never; one chat must not stop the others
            log.exception("%s broke its promise opening a chat", self._adapter.name)
            trouble = Later(5.0, Scope.CHAT, type(error).__name__)
        if isinstance(trouble, Never):
            return trouble
        if isinstance(trouble, Later):
            until = self._clock.monotonic() + trouble.after
            if trouble.scope is Scope.CHAT:
                self._pacer.halt(row, Scope.CHAT, until)
            else:
                self._pacer.halt_openings(until)
        return None

    async def _turn_of(self, row: Outgoing) -> float:
        """Wait for the row's turn, take it, and return when that is.

        A turn is taken when it has come and not before: so whoever answers a person goes
        past the announcement's rows that wait here already.
        """
        while (ready := self._pacer.opening_ready_at(row.lane)) > self._clock.monotonic():
            await self._clock.sleep(ready - self._clock.monotonic())
        now = self._clock.monotonic()
        self._pacer.take_opening(now)
        return now
