"""The ledger: adding, marking and recording; claims are :mod:`bot.storage.claims`.

The states stand in ``bot.domain.delivery``.

Only the holder of an account's lease touches its rows, and every change names the
lease's epoch: a sender that lost its lease changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.address import Address
from bot.domain.announcement import AnnouncementState
from bot.domain.delivery import REPEATABLE, DeliveryState, Kind, Lane, Outgoing, Result
from bot.storage import leases, tables, wake
from bot.storage.database import Read, Write

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

ABSENT_LATE, FATE_UNKNOWN = "absent_late", "fate_unknown"
"""Reasons with which an unconfirmed row is left to people: nothing asks about it again."""

EARLIER_PART = "earlier_part"
"""Reason with which a part is skipped because one before it did not arrive."""

OPEN = (DeliveryState.PENDING.value, DeliveryState.CLAIMED.value, DeliveryState.SENDING.value)

_REPEATABLE = tuple(kind.value for kind in REPEATABLE)


async def enqueue(write: Write, rows: Sequence[dict[str, Any]]) -> None:
    """Add ledger rows for replies and notices; see :class:`~bot.storage.tables.Delivery`."""
    if not rows:
        return
    for row in rows:
        if row["kind"] in _REPEATABLE:
            await _supersede(write, row)
    await write.execute(insert(t.Delivery), list(rows))
    for platform, account in {(row["platform"], row["account"]) for row in rows}:
        write.wake(topic(platform, account))


async def add(write: Write, row: dict[str, Any]) -> int:
    """Add one ledger row as :func:`enqueue` does, and return its id."""
    if row["kind"] in _REPEATABLE:
        await _supersede(write, row)
    row_id: int = await write.scalar(insert(t.Delivery).values(**row).returning(t.Delivery.id))
    write.wake(topic(row["platform"], row["account"]))
    return row_id


async def shows(read: Read, row_id: int, payload: Mapping[str, Any]) -> bool:
    """Return whether the row carried just this part, and it arrived."""
    row = await read.first(
        select(t.Delivery.payload).where(
            col(t.Delivery.id) == row_id, col(t.Delivery.state) == DeliveryState.DELIVERED.value
        )
    )
    return row is not None and row.payload == dict(payload)


def topic(platform: str, account: str) -> str:
    """Return what rings when the ledger of an account has work."""
    return f"{wake.LEDGER}:{platform}:{account}"


async def _supersede(write: Write, row: dict[str, Any]) -> None:
    """A newer change of the same message, or page, makes one that has not left yet pointless."""
    await write.count(
        update(t.Delivery)
        .where(
            col(t.Delivery.address_id) == row["address_id"],
            col(t.Delivery.announcement_id).is_(None),
            col(t.Delivery.target) == row["target"],
            col(t.Delivery.kind) == row["kind"],
            col(t.Delivery.state) == DeliveryState.PENDING.value,
        )
        .values(state=DeliveryState.SKIPPED.value, reason="superseded")
    )


def is_looked_for(row: Any) -> Any:
    """Unconfirmed, and its fate may still be found out."""
    return and_(
        col(row.state) == DeliveryState.UNCONFIRMED.value,
        col(row.kind) == Kind.SEND.value,
        *(~col(row.reason).startswith(why, autoescape=True) for why in (ABSENT_LATE, FATE_UNKNOWN)),
    )


def announcement_runs(row: Any) -> Any:
    """Return the condition that the row's announcement is being sent.

    One that is sent already runs too: reconciliation may find that a message is missing. One
    whose words were corrected waits until its parts are laid out.
    """
    running = (AnnouncementState.SENDING.value, AnnouncementState.SENT.value)
    return exists().where(
        col(t.Announcement.id) == row.announcement_id,
        col(t.Announcement.state).in_(running),
        col(t.Announcement.frozen_at).is_not(None),
        col(t.Announcement.recalled_at).is_(None),
        col(t.Announcement.laid_out) >= col(t.Announcement.revision),
    )


# Put together once: the sender asks for this at every claim.
_OUTGOING = (
    select(
        t.Delivery,
        t.Address.chat,
        t.Address.thread,
        t.Address.account_id,
        col(t.AnnouncementChange.announcement_id).label("changes"),
    )
    .join(t.Address, col(t.Address.id) == col(t.Delivery.address_id))
    .outerjoin(t.AnnouncementChange, col(t.AnnouncementChange.id) == col(t.Delivery.change_id))
    .where(col(t.Delivery.id).in_(bindparam("ids", expanding=True)))
    .order_by(col(t.Delivery.id))
)


async def outgoing(read: Read, row_ids: Sequence[int]) -> tuple[Outgoing, ...]:
    """Return the rows with what their sender needs, by id."""
    if not row_ids:
        return ()
    rows = await read.all(_OUTGOING, {"ids": list(row_ids)})
    return tuple(
        Outgoing(
            id=row.id,
            lane=Lane(row.lane),
            kind=Kind(row.kind),
            address=Address(row.platform, row.account, row.chat, row.thread),
            address_id=row.address_id,
            announcement_id=row.announcement_id,
            language=row.language,
            zone=row.zone,
            part=row.part,
            payload=row.payload,
            summary=row.summary,
            target=row.target,
            attempts=row.attempts,
            later_since=row.later_since,
            moves=row.moves,
            is_direct=row.account_id is not None,
            introduce=row.introduce,
            trace=row.trace or _trace(row.announcement_id or row.changes),
            person_id=row.person_id,
            change_id=row.change_id,
            changes=row.changes,
            revision=row.revision,
        )
        for row in rows
    )


def _trace(announcement_id: int | None) -> str:
    return f"a{announcement_id}" if announcement_id else ""


async def mark_sending(
    write: Write, row_ids: Sequence[int], epoch: int, at_epoch: float, now: datetime
) -> frozenset[int]:
    """Mark claimed rows as ``sending`` and return which are: the others were taken away.

    A row of an announcement that was paused or cancelled meanwhile is not among them, nor one
    whose reader's quiet hours have begun since it was claimed. ``now`` is the calendar's.
    """
    given = {"ids": list(row_ids), "by": epoch, "left_at": at_epoch, "at": now}
    rows = await write.all(_MARK, given)
    return frozenset(row.id for row in rows)


_MARK = (
    update(t.Delivery)
    .where(
        col(t.Delivery.id).in_(bindparam("ids", expanding=True)),
        col(t.Delivery.state) == DeliveryState.CLAIMED.value,
        col(t.Delivery.epoch) == bindparam("by"),
        or_(col(t.Delivery.announcement_id).is_(None), announcement_runs(t.Delivery)),
        or_(col(t.Delivery.not_before).is_(None), col(t.Delivery.not_before) <= bindparam("at")),
    )
    .values(
        state=DeliveryState.SENDING.value,
        attempts=t.Delivery.attempts + 1,
        sending_epoch=bindparam("left_at"),
    )
    .returning(t.Delivery.id)
)


async def give_back(write: Write, row_ids: Sequence[int], epoch: int) -> None:
    """Make claimed rows pending again: they never left."""
    await write.count(
        update(t.Delivery)
        .where(
            col(t.Delivery.id).in_(row_ids),
            col(t.Delivery.state) == DeliveryState.CLAIMED.value,
            col(t.Delivery.epoch) == epoch,
        )
        .values(state=DeliveryState.PENDING.value)
    )


async def record(write: Write, results: Sequence[Result], epoch: int, at: datetime) -> None:
    """Record what became of rows that were ``sending``, in one batch."""
    if not results:
        return
    values = [
        {
            "row_id": result.row.id,
            "new_state": result.state.value,
            "new_message": result.message_id,
            "new_reason": result.reason,
            "new_later_since": result.later_since,
            "new_moves": result.moves,
            "at": at if result.state is not DeliveryState.PENDING else None,
            "by": epoch,
        }
        for result in results
    ]
    await write.execute(_RECORD, values)


_ROWS = t.Delivery.__table__
_RECORD = (
    _ROWS.update()
    .where(
        _ROWS.c.id == bindparam("row_id"),
        _ROWS.c.state == DeliveryState.SENDING.value,
        _ROWS.c.epoch == bindparam("by"),
    )
    .values(
        state=bindparam("new_state"),
        message_id=bindparam("new_message"),
        reason=bindparam("new_reason"),
        later_since=bindparam("new_later_since"),
        moves=bindparam("new_moves"),
        finished_at=bindparam("at"),
    )
)


async def skip_cancelled(write: Write, at: datetime, limit: int) -> int:
    """Skip what has not left of cancelled announcements, ``limit`` rows at most."""
    chosen = _cancelled().limit(limit)
    return await write.count(
        update(t.Delivery)
        .where(col(t.Delivery.id).in_(chosen), col(t.Delivery.state) == DeliveryState.PENDING.value)
        .values(state=DeliveryState.SKIPPED.value, reason="cancelled", finished_at=at)
    )


async def any_cancelled(read: Read) -> bool:
    """Return whether something of cancelled or recalled announcements has not been skipped."""
    return await read.first(_cancelled().limit(1)) is not None


def _cancelled() -> Any:
    return (
        select(t.Delivery.id)
        .join(t.Announcement, col(t.Announcement.id) == col(t.Delivery.announcement_id))
        .where(
            or_(
                col(t.Announcement.state) == AnnouncementState.CANCELLED.value,
                col(t.Announcement.recalled_at).is_not(None),
            ),
            col(t.Delivery.state) == DeliveryState.PENDING.value,
        )
    )


async def count_delivered(read: Read, announcement_id: int) -> int:
    """Return in how many chats the announcement has arrived."""
    return int(
        await read.scalar(
            select(func.count())
            .select_from(t.Delivery)
            .where(
                col(t.Delivery.announcement_id) == announcement_id,
                col(t.Delivery.part) == 1,
                col(t.Delivery.state) == DeliveryState.DELIVERED.value,
            )
        )
    )


async def skip_later_parts(write: Write, rows: Iterable[Outgoing]) -> None:
    """The rest of a message whose earlier part did not arrive would be a riddle: skip it."""
    for row in rows:
        await write.count(
            update(t.Delivery)
            .where(
                _same_announcement(row) if row.announcement_id is not None else _same_reply(row),
                col(t.Delivery.address_id) == row.address_id,
                col(t.Delivery.part) > row.part,
                col(t.Delivery.state) == DeliveryState.PENDING.value,
            )
            .values(state=DeliveryState.SKIPPED.value, reason=EARLIER_PART)
        )


def _same_announcement(row: Outgoing) -> Any:
    return col(t.Delivery.announcement_id) == row.announcement_id


def _same_reply(row: Outgoing) -> Any:
    """The condition on later parts of the same reply or notice.

    A notice answers no update, so nothing but the order of its rows tells its parts from
    those of the next one: a message ends where another first part begins.
    """
    me, other = aliased(t.Delivery), aliased(t.Delivery)
    same_cause = exists().where(
        col(me.id) == row.id,
        col(t.Delivery.announcement_id).is_(None),
        col(me.inbox_id).is_not_distinct_from(t.Delivery.inbox_id),
        me.ordinal == t.Delivery.ordinal,
    )
    another_begins = exists().where(
        other.address_id == row.address_id,
        col(other.announcement_id).is_(None),
        col(other.inbox_id).is_not_distinct_from(t.Delivery.inbox_id),
        other.ordinal == t.Delivery.ordinal,
        other.part == 1,
        col(other.id) > row.id,
        col(other.id) < t.Delivery.id,
    )
    return and_(same_cause, col(t.Delivery.id) > row.id, ~another_begins)


async def take_over(
    write: Write,
    *,
    platform: str,
    account: str,
    epoch: int,
    at: datetime,
    blocks_later_parts: bool,
) -> int:
    """Settle what an earlier sender of the account left behind; return the unconfirmed count.

    What was claimed never left. What was ``sending`` may have arrived: a new message
    becomes unconfirmed, a change is simply made again. With ``blocks_later_parts`` (no
    reconciliation on this platform) later parts of unconfirmed messages are skipped.
    Whoever has lost the lease already leaves everything to the next holder.
    """
    if await leases.is_overtaken(write, leases.of_account(platform, account), epoch):
        return 0
    mine = and_(col(t.Delivery.platform) == platform, col(t.Delivery.account) == account)
    was_sending = and_(mine, col(t.Delivery.state) == DeliveryState.SENDING.value)
    pending = {"state": DeliveryState.PENDING.value}
    await write.count(
        update(t.Delivery)
        .where(mine, col(t.Delivery.state) == DeliveryState.CLAIMED.value)
        .values(**pending)
    )
    await write.count(
        update(t.Delivery)
        .where(was_sending, col(t.Delivery.kind).in_(_REPEATABLE))
        .values(**pending)
    )
    lost = await write.all(
        update(t.Delivery)
        .where(was_sending)
        .values(state=DeliveryState.UNCONFIRMED.value, reason="sender_died", finished_at=at)
        .returning(t.Delivery.id)
    )
    if blocks_later_parts:
        await skip_later_parts(write, await outgoing(write, [row.id for row in lost]))
    return len(lost)
