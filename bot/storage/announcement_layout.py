"""As many ledger rows a copy as its words have parts, when a correction changes how many.

A copy that has not begun to leave gets the parts that the new words have more, and loses those
that they have not. Copies that stand in chats are the correction's rows
(:mod:`bot.storage.announcement_changes`). Meanwhile nothing of the announcement is claimed or
marked: ``laid_out`` is behind ``revision`` (:func:`bot.storage.deliveries.announcement_runs`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
    false,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.announcement import AnnouncementState
from bot.domain.delivery import DeliveryState
from bot.storage import tables, wake
from bot.storage.database import Read, Write
from bot.storage.deliveries import EARLIER_PART, is_looked_for
from bot.storage.dialect import insert

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

CHUNK = 2000
"""Addresses that one transaction looks at."""
NOT_LEFT = (DeliveryState.PENDING.value, DeliveryState.CLAIMED.value)
NOT_ARRIVED = (*NOT_LEFT, DeliveryState.SENDING.value, DeliveryState.UNCONFIRMED.value)
FIRST = aliased(t.Delivery)
COLUMNS = (
    "lane",
    "kind",
    "platform",
    "account",
    "address_id",
    "person_id",
    "announcement_id",
    "ordinal",
    "part",
    "language",
    "zone",
    "summary",
    "target",
    "state",
    "reason",
    "epoch",
    "attempts",
    "message_id",
    "sending_epoch",
    "introduce",
    "not_before",
)
"""What a new row says, as the freeze writes it; the others have their defaults."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Of how many messages a copy is, and how many of these, the first, are files alone."""

    whole: int
    files: int = 0


ONE_PART = Parts(1)
PartsBy = Mapping[tuple[str, str, bool], Parts]
"""Parts of the newest words by platform, language, and whether it introduces."""


async def is_laid_out(read: Read, announcement_id: int) -> bool:
    """Return whether the rows fit the newest words, or will never be sent."""
    row = await read.first(
        select(t.Announcement.laid_out, t.Announcement.revision, t.Announcement.state).where(
            col(t.Announcement.id) == announcement_id
        )
    )
    if row is None or row.state == AnnouncementState.CANCELLED.value:
        return True
    return bool(row.laid_out >= row.revision)


async def lay_out(
    write: Write,
    announcement_id: int,
    revision: int,
    parts: PartsBy,
    *,
    after: int,
    reconciled: Collection[str],
) -> int | None:
    """Lay the next copies out, those behind the address ``after``.

    Args:
        reconciled: The platforms on which it is found out what became of unconfirmed copies.

    Returns:
        From where to go on, or None if there is nothing to do: all rows fit, the audience is
        not fixed yet, or the words were changed again meanwhile and somebody else lays them out.
    """
    found = await write.first(
        select(t.Announcement.revision, t.Announcement.frozen_at)
        .where(col(t.Announcement.id) == announcement_id)
        .with_for_update()
    )
    if found is None or found.revision != revision or found.frozen_at is None:
        return None
    upto = await _upper_end(write, announcement_id, after)
    if upto is None:
        await write.count(
            update(t.Announcement)
            .where(col(t.Announcement.id) == announcement_id)
            .values(laid_out=revision)
        )
        write.wake(wake.LEDGER)
        return None
    for which, wanted in parts.items():
        copies = _Copies(announcement_id, which, after, upto, which[0] in reconciled)
        await _drop(write, copies, wanted.whole)
        await _add(write, copies, wanted.whole)
    return upto


async def _upper_end(read: Read, announcement_id: int, after: int) -> int | None:
    ids = (
        select(t.Delivery.address_id)
        .where(
            col(t.Delivery.announcement_id) == announcement_id,
            col(t.Delivery.address_id) > after,
            col(t.Delivery.part) == 1,
        )
        .order_by(col(t.Delivery.address_id))
        .limit(CHUNK)
        .subquery()
    )
    upto: int | None = await read.scalar(select(func.max(ids.c.address_id)))
    return upto


@dataclass(frozen=True, slots=True)
class _Copies:
    """Copies of one announcement that look alike, at addresses behind ``after`` up to ``upto``."""

    announcement_id: int
    which: tuple[str, str, bool]
    after: int
    upto: int
    reconciled: bool

    def of(self, row: Any) -> list[ColumnElement[bool]]:
        """Return the conditions on ``row``."""
        platform, language, introduces = self.which
        return [
            row.announcement_id == self.announcement_id,
            row.address_id > self.after,
            row.address_id <= self.upto,
            row.platform == platform,
            row.language == language,
            row.introduce.is_(introduces),
        ]


def _is_found_out(copies: _Copies, row: Any) -> Any:
    """The platform tells later whether an unconfirmed message has arrived."""
    return is_looked_for(row) if copies.reconciled else false()


async def _drop(write: Write, copies: _Copies, wanted: int) -> None:
    """A part that the words have no more, and that has not left, is no delivery."""
    in_vain = and_(
        col(t.Delivery.state) == DeliveryState.SKIPPED.value,
        col(t.Delivery.reason) == EARLIER_PART,
    )
    await write.count(
        delete(t.Delivery).where(
            *copies.of(t.Delivery),
            col(t.Delivery.part) > wanted,
            or_(col(t.Delivery.state).in_(NOT_LEFT), in_vain),
        )
    )


async def _add(write: Write, copies: _Copies, wanted: int) -> None:
    """Whose first part has not arrived gets the other parts; who has it, by the correction.

    Where nobody knows whether it has arrived, they wait for whoever finds out: the platform's
    history, or a person who has it sent again.
    """
    given_up = and_(FIRST.state == DeliveryState.UNCONFIRMED.value, ~_is_found_out(copies, FIRST))
    for part in range(2, wanted + 1):
        said: dict[str, Any] = {
            **{name: getattr(FIRST, name) for name in COLUMNS},
            "part": literal(part),
            "state": case(
                (given_up, DeliveryState.SKIPPED.value), else_=DeliveryState.PENDING.value
            ),
            "reason": case((given_up, EARLIER_PART), else_=""),
            "epoch": literal(0),
            "attempts": literal(0),
            "message_id": literal(""),
            "sending_epoch": literal(0.0),
        }
        rows = select(*said.values()).where(
            *copies.of(FIRST), FIRST.part == 1, FIRST.state.in_(NOT_ARRIVED)
        )
        adding = insert(write, t.Delivery).from_select(list(said), rows)
        await write.execute(adding.on_conflict_do_nothing())
