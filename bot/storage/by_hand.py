"""Whom no messenger reached, and whom staff have reached otherwise."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select
from sqlmodel import col

from bot.domain.announcement import Announcement
from bot.domain.audience import Expression
from bot.domain.delivery import DeliveryState
from bot.storage import tables
from bot.storage.database import Read, Write
from bot.storage.delivery_reports import came_whole
from bot.storage.dialect import insert
from bot.storage.meant import letters_meant

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

OPEN = (DeliveryState.PENDING.value, DeliveryState.CLAIMED.value, DeliveryState.SENDING.value)


async def add(
    write: Write,
    announcement_id: int,
    person_id: int,
    *,
    how: str,
    day: date,
    by: str,
    at: datetime,
) -> None:
    """Note how and on what day a person was reached; a later note takes its place."""
    values = {"how": how, "day": day.isoformat(), "noted_by": by, "at": at}
    statement = insert(write, t.ReachedByHand).values(
        announcement_id=announcement_id, person_id=person_id, **values
    )
    keys = ["announcement_id", "person_id"]
    await write.count(statement.on_conflict_do_update(index_elements=keys, set_=values))


async def of_announcement(read: Read, announcement_id: int) -> tuple[tuple[str, str, str], ...]:
    """Return (e-mail, how, day) of those who were reached otherwise, by e-mail address."""
    rows = await read.all(
        select(t.Person.email, t.ReachedByHand.how, t.ReachedByHand.day)
        .join(t.Person, col(t.Person.id) == col(t.ReachedByHand.person_id))
        .where(col(t.ReachedByHand.announcement_id) == announcement_id)
        .order_by(col(t.Person.email))
    )
    return tuple((row.email, row.how, row.day) for row in rows)


async def not_reached(
    read: Read, announcement: Announcement, expression: Expression
) -> Sequence[int]:
    """Return whom it is meant for and nothing has reached, and nothing will by itself."""
    announcement_id = announcement.id
    came = came_whole(announcement_id, DeliveryState.DELIVERED, DeliveryState.UNCONFIRMED)
    will_come = exists().where(
        col(t.Delivery.announcement_id) == announcement_id,
        col(t.Delivery.person_id) == t.Person.id,
        col(t.Delivery.state).in_(OPEN),
    )
    by_hand = exists().where(
        col(t.ReachedByHand.announcement_id) == announcement_id,
        col(t.ReachedByHand.person_id) == t.Person.id,
    )
    rows = await read.all(
        select(t.Person.id)
        .outerjoin(t.Organisation, col(t.Organisation.id) == col(t.Person.organisation_id))
        .where(
            *letters_meant(announcement, expression),
            *(~col(t.Person.stopped), ~came, ~will_come, ~by_hand),
        )
        .order_by(col(t.Person.email))
    )
    return [row.id for row in rows]
