"""Who has confirmed that they have read an announcement.

An organisation has when one of its contacts has.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.delivery import DeliveryState
from bot.storage import tables
from bot.storage.database import Read, Write
from bot.storage.delivery_reports import came_whole
from bot.storage.dialect import insert

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

OTHER = aliased(t.Person)


async def add(write: Write, announcement_id: int, person_id: int, at: datetime) -> bool:
    """Note that the person has read it; False if that was noted before."""
    values = {"announcement_id": announcement_id, "person_id": person_id, "at": at}
    statement = insert(write, t.Acknowledgement).values(**values).on_conflict_do_nothing()
    return await write.count(statement) == 1


async def of_person(read: Read, announcement_id: int, person_id: int) -> datetime | None:
    """Return when the person confirmed it, aware UTC, or None."""
    row = await read.first(
        select(t.Acknowledgement.at).where(
            col(t.Acknowledgement.announcement_id) == announcement_id,
            col(t.Acknowledgement.person_id) == person_id,
        )
    )
    return row.at if row else None


async def count(read: Read, announcement_id: int) -> int:
    """Return how many people have confirmed it."""
    statement = (
        select(func.count())
        .select_from(t.Acknowledgement)
        .where(col(t.Acknowledgement.announcement_id) == announcement_id)
    )
    return int(await read.scalar(statement))


def silent(announcement_id: int) -> Any:
    """Return the condition on ``person`` for whom a reminder of the announcement is meant.

    They were sent it, and nobody of their organisation has confirmed; who has no organisation
    counts as their own.
    """
    was_sent = came_whole(announcement_id, DeliveryState.DELIVERED, DeliveryState.UNCONFIRMED)
    return was_sent & nobody_confirmed(announcement_id)


def nobody_confirmed(announcement_id: int) -> Any:
    """Return the condition on ``person`` of whose organisation nobody has confirmed it."""
    confirmed = exists().where(
        col(t.Acknowledgement.announcement_id) == announcement_id,
        col(t.Acknowledgement.person_id) == OTHER.id,
        or_(OTHER.id == t.Person.id, OTHER.organisation_id == t.Person.organisation_id),
    )
    return ~confirmed
