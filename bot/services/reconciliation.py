"""Messages of unknown fate are looked up on platforms that can tell, and not for ever.

A message that certainly is not there becomes pending again: this is the only way in which
an unconfirmed message is ever sent again by itself. One that is found absent too late (the
grace period of announcements) is left to people, as everything late is; and after a day
nothing is asked any more, so that what waits behind it can end.
"""

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from bot.adapters.abilities import Reconciles
from bot.adapters.base import Adapter, DeliveryKey
from bot.clock import Clock
from bot.domain.address import Address, MessageRef
from bot.domain.delivery import Outgoing
from bot.domain.outcome import Later, Scope
from bot.storage import deliveries, unconfirmed
from bot.storage.database import Database

RECONCILE_AFTER = 90.0
"""Seconds before which a message may still be on its way into the platform's history."""
GIVE_UP_AFTER = 24 * 3600.0
"""Seconds after which it is left unconfirmed for good."""
BATCH = 20
INTERVAL, CATCH_UP = 60 / 36, 5.0
"""Seconds between questions, and how far they may catch up: at most 40 in any minute."""
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Round:
    """How far the questions of one account have come, and who wants none for now.

    Attributes:
        after_id: The last row that was asked about: the next ones come first.
        rests_until: Monotonic instant before which the account wants no question.
        chats: The same for single chats.
    """

    after_id: int = 0
    rests_until: float = 0.0
    chats: dict[Address, float] = field(default_factory=dict)
    _next: float = 0.0

    def may_ask(self, now: float) -> bool:
        """Return whether the account may be asked anything at ``now``."""
        return max(self._next, self.rests_until) <= now

    def take(self, now: float) -> None:
        """Note that a question is asked at ``now``."""
        self._next = max(self._next, now - CATCH_UP) + INTERVAL

    def rest(self, later: Later, chat: Address, now: float) -> None:
        """Obey ``later``: it stops exactly its scope for exactly its time."""
        self.chats = {one: until for one, until in self.chats.items() if until > now}
        if later.scope is Scope.CHAT:
            self.chats[chat] = now + later.after
        else:
            self.rests_until = now + later.after


class Reconciler:
    """Asks in turns, for each account of this process, what became of unconfirmed messages."""

    def __init__(self) -> None:
        """Begin at the oldest of each account; a restart does no harm."""
        self._rounds: dict[tuple[str, str], Round] = {}

    async def run(
        self, database: Database, adapter: Adapter, clock: Clock, grace: timedelta
    ) -> int:
        """Ask about as many as the pace allows; return how many were settled."""
        if not isinstance(adapter, Reconciles) or not adapter.account:
            return 0
        await _give_up_old(database, adapter, clock)
        turn = self._rounds.setdefault((adapter.name, adapter.account), Round())
        if not turn.may_ask(clock.monotonic()):
            return 0
        waiting = await _waiting(database, adapter, clock, turn.after_id)
        settled = 0
        for row, sent_at in waiting:
            if not turn.may_ask(clock.monotonic()):
                return settled
            turn.after_id = row.id
            if turn.chats.get(row.address, 0.0) > clock.monotonic():
                continue
            found = await _ask(adapter, turn, row, sent_at, clock)
            if not isinstance(found, Later):
                is_late = clock.epoch() - sent_at > grace.total_seconds()
                await _settle(database, row, found, clock, is_late=is_late)
                settled += 1
        if len(waiting) < BATCH:
            turn.after_id = 0
        return settled


async def _ask(
    adapter: Reconciles, turn: Round, row: Outgoing, sent_at: float, clock: Clock
) -> MessageRef | Later | None:
    turn.take(clock.monotonic())
    found = await adapter.find(row.address, DeliveryKey(row.id), sent_at - RECONCILE_AFTER)
    if isinstance(found, Later):
        turn.rest(found, row.address, clock.monotonic())
    return found


async def _waiting(
    database: Database, adapter: Adapter, clock: Clock, after_id: int
) -> tuple[tuple[Outgoing, float], ...]:
    before = clock.epoch() - RECONCILE_AFTER
    async with database.read() as read:
        return await unconfirmed.looked_for(
            read, adapter.name, adapter.account, before, BATCH, after_id=after_id
        )


async def _settle(
    database: Database, row: Outgoing, found: MessageRef | None, clock: Clock, *, is_late: bool
) -> None:
    if found is None and is_late:
        why = deliveries.ABSENT_LATE
        await database.write(partial(unconfirmed.give_up, rows=[row], why=why))
        log.warning("delivery %d did not arrive; it is too late to send it again by itself", row.id)
        return
    message_id = found.id if found else None
    settle = partial(unconfirmed.settle, row_id=row.id, message_id=message_id, at=clock.now())
    await database.write(settle)


async def _give_up_old(database: Database, adapter: Adapter, clock: Clock) -> None:
    before = clock.epoch() - GIVE_UP_AFTER
    async with database.read() as read:
        old = await unconfirmed.looked_for(read, adapter.name, adapter.account, before, BATCH)
    if not old:
        return
    rows = [row for row, _sent_at in old]
    why = deliveries.FATE_UNKNOWN
    await database.write(partial(unconfirmed.give_up, rows=rows, why=why))
    log.warning(
        "%s: what became of %d messages is not asked any more; they stay unconfirmed: %s",
        *(adapter.name, len(rows), ", ".join(str(row.id) for row in rows)),
    )
