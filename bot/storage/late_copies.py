"""Copies that wait for their reader's own hour, and what a downtime made late among them.

The rule for announcements holds for each such copy: late by more than the grace period, it
never goes without being asked about. It takes an account's *mark*: the instant up to which the
waiting copies of the account have been judged. A copy is claimed only behind the mark
(:mod:`bot.storage.claims`), and one that became due since it stood is either in time or held::

    waits (not_before > mark) → may leave   in time: the mark has passed it, however long the
                                            platform's pace, a pause or a retry then takes
                              → held        overtaken by more than the grace period
    held (not_before = HELD) → may leave | skipped   by a person only

So nobody needs to know when the service was down: while it runs, the mark follows the clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select, update
from sqlmodel import col

from bot.domain.announcement import AnnouncementState
from bot.domain.delivery import HELD, DeliveryState, Lane
from bot.storage import tables, wake
from bot.storage.database import Read, Write
from bot.storage.dialect import insert, locked
from bot.storage.quiet import is_begun

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

LEFT_OUT = "late_left_out"


@dataclass(frozen=True, slots=True)
class Held:
    """What was held of one announcement just now.

    Attributes:
        chats: To how many chats these copies go.
        since: When the first of them was due, aware UTC.
        is_first: Nothing of it was held before, so nobody has been asked.
    """

    announcement_id: int
    chats: int
    since: datetime
    is_first: bool


def _of_account(platform: str, account: str) -> Any:
    return and_(
        col(t.Delivery.platform) == platform,
        col(t.Delivery.account) == account,
        col(t.Delivery.lane) == int(Lane.BULK),
        col(t.Delivery.state) == DeliveryState.PENDING.value,
    )


def _held_of(announcement_id: int) -> Any:
    return and_(
        col(t.Delivery.announcement_id) == announcement_id,
        col(t.Delivery.state) == DeliveryState.PENDING.value,
        col(t.Delivery.not_before) == HELD,
    )


async def _mark(read: Read, platform: str, account: str) -> datetime | None:
    this = (col(t.DueMark.platform) == platform, col(t.DueMark.account) == account)
    row = await read.first(locked(read, select(t.DueMark.until).where(*this)))
    return row.until if row else None


async def any_due(read: Read, platform: str, account: str, now: datetime) -> bool:
    """Return whether a copy of the account has become due that was not judged.

    The first mark is set at once: before it nothing keeps a copy from being claimed.
    """
    this = (col(t.DueMark.platform) == platform, col(t.DueMark.account) == account)
    row = await read.first(select(t.DueMark.until).where(*this))
    if row is None:
        return True
    due = and_(col(t.Delivery.not_before) > row.until, col(t.Delivery.not_before) <= now)
    found = select(t.Delivery.id).where(_of_account(platform, account), due).limit(1)
    return await read.first(found) is not None


async def judge(
    write: Write, platform: str, account: str, now: datetime, grace: timedelta
) -> tuple[Held, ...]:
    """Hold what became due since the mark and is too late now; move the mark to ``now``."""
    values = {"platform": platform, "account": account, "until": now}
    since = await _mark(write, platform, account)
    if since is None:
        await write.count(insert(write, t.DueMark).values(**values).on_conflict_do_nothing())
    late = and_(
        _of_account(platform, account),
        col(t.Delivery.not_before) <= now - grace,
        *([] if since is None else [col(t.Delivery.not_before) > since]),
        col(t.Delivery.attempts) == 0,
        col(t.Delivery.announcement_id).in_(_sending()),
        ~is_begun(),
    )
    found = await write.all(
        select(
            t.Delivery.announcement_id,
            func.count(col(t.Delivery.address_id).distinct()).label("chats"),
            func.min(t.Delivery.not_before).label("since"),
        )
        .where(late)
        .group_by(t.Delivery.announcement_id)
        .order_by(t.Delivery.announcement_id)
    )
    held = [
        Held(row.announcement_id, row.chats, row.since, not await _any_held(write, row[0]))
        for row in found
    ]
    if held:
        await write.count(update(t.Delivery).where(late).values(not_before=HELD))
    await write.count(
        update(t.DueMark)
        .where(
            col(t.DueMark.platform) == platform,
            col(t.DueMark.account) == account,
            col(t.DueMark.until) < now,
        )
        .values(until=now)
    )
    write.wake(wake.LEDGER)
    return tuple(held)


def _sending() -> Any:
    """A paused one is in its staff's hands already."""
    return select(t.Announcement.id).where(
        col(t.Announcement.state) == AnnouncementState.SENDING.value,
        col(t.Announcement.frozen_at).is_not(None),
        col(t.Announcement.recalled_at).is_(None),
    )


async def _any_held(read: Read, announcement_id: int) -> bool:
    return (
        await read.first(select(t.Delivery.id).where(_held_of(announcement_id)).limit(1))
        is not None
    )


async def held(read: Read, announcement_id: int) -> int:
    """Return to how many chats copies go that wait for a person's decision."""
    chats = select(func.count(col(t.Delivery.address_id).distinct())).where(
        _held_of(announcement_id)
    )
    return int(await read.scalar(chats))


async def release(write: Write, announcement_id: int) -> int:
    """Let the held copies go at once; return how many rows that are."""
    count = await write.count(
        update(t.Delivery).where(_held_of(announcement_id)).values(not_before=None)
    )
    write.wake(wake.LEDGER)
    return count


async def leave_out(write: Write, announcement_id: int, now: datetime) -> int:
    """Skip the held copies; return how many rows that are."""
    values = {"state": DeliveryState.SKIPPED.value, "reason": LEFT_OUT, "finished_at": now}
    return await write.count(update(t.Delivery).where(_held_of(announcement_id)).values(**values))
