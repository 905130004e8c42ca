"""The inbox: what reached us, committed before it is acknowledged.

::

    new → claimed → done | failed
    claimed → new      the process that held it has died, or the handler is tried again

A row is claimed only if no earlier row of its conversation is unfinished, so updates of
one conversation are handled in their order, one at a time, by any number of processes
(invariant 1). The handler's effects and ``done`` are one commit.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.address import Address
from bot.domain.incoming import Incoming
from bot.storage import tables, wake
from bot.storage.codec import from_json, storable, to_json
from bot.storage.database import Read, Write
from bot.storage.dialect import epoch_now, insert, locked

log = logging.getLogger(__name__)
t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query
# An alias is costly to make, and claims are many.
ROW, EARLIER = aliased(t.Inbox), aliased(t.Inbox)
UNFINISHED = ("new", "claimed")
CONVERSATION_LOCK = 1
"""Any number that is ours: PostgreSQL's advisory locks of conversations."""
_WORDS = frozenset({"text", "argument"})
PROCESS = "process:"
"""Prefix of the lease by which a process shows that it lives."""


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A claimed update."""

    id: int
    incoming: Incoming
    attempts: int


async def store(write: Write, incoming: Incoming, now: datetime) -> int | None:
    """Store ``incoming`` and return its id, or None if it was stored before."""
    payload = storable(to_json(incoming))
    where = Address(**payload["where"])
    await _come_in_order(write, where.conversation)
    statement = (
        insert(write, t.Inbox)
        .values(
            platform=where.platform,
            account=where.account,
            delivery_id=payload["delivery_id"],
            conversation=where.conversation,
            payload=payload,
            state="new",
            claimed_by="",
            attempts=0,
            error="",
            trace=incoming.trace,
            received_at=now,
        )
        .on_conflict_do_nothing()
        .returning(t.Inbox.id)
    )
    row_id: int | None = await write.scalar(statement)
    write.wake(wake.INBOX)
    return row_id


async def _come_in_order(write: Write, conversation: str) -> None:
    """Make arrivals of one conversation commit in the order of their numbers.

    Two processes may receive at once. Without this a higher number could be committed,
    and claimed, while a lower one of the same conversation is still on its way.
    """
    if write.dialect != "sqlite":
        name = func.hashtext(conversation)
        await write.execute(select(func.pg_advisory_xact_lock(CONVERSATION_LOCK, name)))


async def claim(write: Write, process: str, limit: int) -> tuple[InboxRow, ...]:
    """Claim up to ``limit`` heads of conversations for ``process``."""
    row, earlier = ROW, EARLIER
    heads = (
        select(row.id)
        .where(
            row.state == "new",
            ~exists().where(
                col(earlier.conversation) == row.conversation,
                col(earlier.id) < row.id,
                col(earlier.state).in_(UNFINISHED),
            ),
        )
        .order_by(col(row.id))
        .limit(limit)
    )
    # A common table expression is run once; PostgreSQL may run a sub-select once a row, and
    # then each run locks, and so claims, other rows than the last.
    chosen = locked(write, heads, skip=True).cte("chosen")
    claimed = await write.all(
        update(t.Inbox)
        .where(col(t.Inbox.id).in_(select(chosen.c.id)), col(t.Inbox.state) == "new")
        .values(state="claimed", claimed_by=process, attempts=t.Inbox.attempts + 1)
        .returning(t.Inbox.id, t.Inbox.payload, t.Inbox.attempts)
    )
    rows = []
    for one in sorted(claimed, key=lambda one: int(one.id)):
        try:
            rows.append(InboxRow(one.id, from_json(one.payload), one.attempts))
        except (LookupError, TypeError, ValueError) as error:
            # Another version wrote it. It must not stop all that come after it.
            log.error("update %d cannot be read: %r", one.id, error)
            await note_error(write, one.id, f"unreadable: {type(error).__name__}")
    return tuple(rows)


async def finish(write: Write, row_id: int, process: str, now: datetime, error: str = "") -> bool:
    """Mark the row done (or failed, with ``error``); False if it is no longer ours."""
    done = await write.count(
        update(t.Inbox)
        .where(
            col(t.Inbox.id) == row_id,
            col(t.Inbox.state) == "claimed",
            col(t.Inbox.claimed_by) == process,
        )
        .values(state="failed" if error else "done", error=error, handled_at=now)
    )
    write.wake(wake.INBOX)
    return done == 1


async def give_back(write: Write, row_ids: Sequence[int], process: str) -> int:
    """Make rows of ``process`` claimable again and return how many there were."""
    write.wake(wake.INBOX)
    return await write.count(
        update(t.Inbox)
        .where(
            col(t.Inbox.id).in_(row_ids),
            col(t.Inbox.state) == "claimed",
            col(t.Inbox.claimed_by) == process,
        )
        .values(state="new", claimed_by="")
    )


async def forget_words(write: Write, row_id: int) -> None:
    """Keep that the update came and what it was, and not what was said in it."""
    payload: dict[str, Any] | None = await write.scalar(
        select(t.Inbox.payload).where(col(t.Inbox.id) == row_id)
    )
    kept = {key: "" if key in _WORDS else one for key, one in (payload or {}).items()}
    await write.count(update(t.Inbox).where(col(t.Inbox.id) == row_id).values(payload=kept))


async def give_back_all(write: Write, process: str) -> int:
    """Make everything that ``process`` holds claimable again, at its end; return how much."""
    held = and_(col(t.Inbox.state) == "claimed", col(t.Inbox.claimed_by) == process)
    freed = await write.count(update(t.Inbox).where(held).values(state="new", claimed_by=""))
    if freed:
        write.wake(wake.INBOX)
    return freed


async def free_orphans(write: Write) -> int:
    """Make claimable again what dead processes hold, and return how many rows that were."""
    freed = await write.count(
        update(t.Inbox).where(_orphaned(write)).values(state="new", claimed_by="")
    )
    if freed:
        write.wake(wake.INBOX)
    return freed


def _orphaned(unit: Read) -> Any:
    alive = select(func.substr(t.Lease.name, len(PROCESS) + 1)).where(
        col(t.Lease.name).like(f"{PROCESS}%"), col(t.Lease.expires) > epoch_now(unit)
    )
    return and_(col(t.Inbox.state) == "claimed", col(t.Inbox.claimed_by).not_in(alive))


async def has_orphans(read: Read) -> bool:
    """Return whether a dead process holds any row."""
    return await read.first(select(t.Inbox.id).where(_orphaned(read)).limit(1)) is not None


async def has_new(read: Read) -> bool:
    """Return whether any row waits; cheap, so that an idle process takes no write lock."""
    return (
        await read.first(select(t.Inbox.id).where(col(t.Inbox.state) == "new").limit(1)) is not None
    )


async def note_error(write: Write, row_id: int, error: str) -> None:
    """Mark a row whose sender was told that its handler failed."""
    await write.count(
        update(t.Inbox).where(col(t.Inbox.id) == row_id).values(state="failed", error=error)
    )


async def counts(read: Read) -> dict[str, int]:
    """Return how many rows are in each state."""
    rows = await read.all(
        select(t.Inbox.state, func.count().label("updates")).group_by(t.Inbox.state)
    )
    return {row.state: int(row.updates) for row in rows}
