"""Claiming from the ledger: which rows a sender takes next, and in what order.

Only the holder of an account's lease claims its rows, and a row says under which epoch.
"""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.delivery import DeliveryState, Lane, Outgoing
from bot.storage import leases, tables
from bot.storage.database import Write
from bot.storage.deliveries import OPEN, announcement_runs, is_looked_for, outgoing

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

# An alias is costly to make, and each sender claims many times a second.
ROW, EARLIER, BEFORE, ANOTHER = (aliased(t.Delivery) for _ in range(4))


async def claim(
    write: Write,
    *,
    platform: str,
    account: str,
    epoch: int,
    lane: Lane,
    limit: int,
    now: datetime | None = None,
) -> tuple[Outgoing, ...]:
    """Claim up to ``limit`` rows of the lane under the lease's ``epoch``, oldest first.

    In a conversation a message waits for the one before it; in a broadcast a part waits
    for the part before it, and the card of a room for nothing. Where the fate of a part will
    be known later, the parts after it wait for that, and other messages do not.

    Args:
        now: The calendar's instant: what waits for its reader's own hour is due by it, and
            behind the account's mark (:mod:`bot.storage.late_copies`). None leaves all of that
            waiting.
    """
    if await leases.is_overtaken(write, leases.of_account(platform, account), epoch):
        return ()
    # Two looks, each along the index: thousands that wait for the morning cost nothing.
    looks = [False]
    if now is not None and lane is Lane.BULK:  # no answer waits for the morning
        looks.insert(0, True)
    given = {"of_platform": platform, "of_account": account, "by": epoch, "at": now}
    taken: list[int] = []
    for waited in looks:
        if len(taken) < limit:
            values = {**given, "most": limit - len(taken)}
            rows = await write.all(_take(lane, waited), values)
            taken += [row.id for row in rows]
    return await outgoing(write, taken)


@cache
def _take(lane: Lane, waited: bool) -> Any:
    """Return the statement that claims rows; with ``waited`` those that had to wait until now.

    Its parts are costly to put together, and each sender claims many times a second.
    """
    when = _has_come() if waited else col(ROW.not_before).is_(None)
    chosen = (
        select(ROW.id)
        .where(
            ROW.platform == bindparam("of_platform"),
            ROW.account == bindparam("of_account"),
            ROW.lane == int(lane),
            ROW.state == DeliveryState.PENDING.value,
            when,
            _is_ready(lane),
        )
        .order_by(col(ROW.not_before), col(ROW.id))
        .limit(bindparam("most"))
    )
    return (
        update(t.Delivery)
        .where(
            col(t.Delivery.id).in_(chosen),
            # Another sender may have taken the row since ``chosen`` was read.
            col(t.Delivery.state) == DeliveryState.PENDING.value,
        )
        .values(state=DeliveryState.CLAIMED.value, epoch=bindparam("by"), **_revision(lane))
        .returning(t.Delivery.id)
    )


def _has_come() -> Any:
    """The row's instant has come, and whoever looks for late copies has seen it pass."""
    now = bindparam("at", type_=t.Delivery.not_before.type)
    mark = (
        select(t.DueMark.until)
        .where(
            col(t.DueMark.platform) == bindparam("of_platform"),
            col(t.DueMark.account) == bindparam("of_account"),
        )
        .scalar_subquery()
    )
    return and_(col(ROW.not_before) <= now, col(ROW.not_before) <= func.coalesce(mark, now))


def _revision(lane: Lane) -> dict[str, Any]:
    """Note which words a copy is about to get, so that a correction knows whom it concerns."""
    if lane is not Lane.BULK:
        return {}
    newest = (
        select(t.Announcement.revision)
        .where(col(t.Announcement.id) == t.Delivery.announcement_id)
        .scalar_subquery()
    )
    return {"revision": func.coalesce(newest, t.Delivery.revision)}


def _is_ready(lane: Lane) -> Any:
    """Nothing that must arrive before the row is still on its way."""
    row, earlier = ROW, EARLIER
    if lane is Lane.CONVERSATION:
        in_front = exists().where(
            earlier.address_id == row.address_id,
            col(earlier.announcement_id).is_(None),
            earlier.lane == row.lane,
            col(earlier.id) < col(row.id),
            col(earlier.state).in_(OPEN),
            ~_waits_for_fate(earlier),
        )
        return and_(~in_front, ~_waits_for_fate(row))
    first = ~exists().where(
        earlier.announcement_id == row.announcement_id,
        earlier.address_id == row.address_id,
        earlier.part < row.part,
        earlier.state != DeliveryState.DELIVERED.value,
    )
    runs = or_(col(row.announcement_id).is_(None), announcement_runs(row))
    return and_(runs, or_(row.part == 1, first))


def _waits_for_fate(row: Any) -> Any:
    """A later part of a reply or notice whose earlier part is unconfirmed and looked for.

    A notice has no inbox number: as in :func:`_same_reply`, first parts tell them apart.
    """
    before, another = BEFORE, ANOTHER

    def same(one: Any) -> Any:
        return and_(
            one.address_id == row.address_id,
            col(one.announcement_id).is_(None),
            one.lane == row.lane,
            col(one.inbox_id).is_not_distinct_from(row.inbox_id),
            one.ordinal == row.ordinal,
            col(one.id) < col(row.id),
        )

    between = and_(same(another), another.part == 1, col(another.id) > before.id)
    another_begins = exists().where(between).correlate(row, before)
    return and_(
        col(row.part) > 1,
        exists().where(
            same(before), before.part < row.part, is_looked_for(before), ~another_begins
        ),
    )
