"""Whom an announcement is meant for: said once for counting, freezing, and the report."""

from typing import Any

from sqlalchemy import and_, exists, false, func, literal, or_, select
from sqlmodel import col

from bot.domain.announcement import Announcement
from bot.domain.audience import Expression
from bot.domain.delivery import DeliveryState
from bot.storage import tables
from bot.storage.acknowledgements import nobody_confirmed, silent
from bot.storage.announcement_tellings import told_people, told_rooms
from bot.storage.audiences import condition, has_address, in_rooms
from bot.storage.database import Read
from bot.storage.delivery_reports import came_whole

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


def people_meant(announcement: Announcement, expression: Expression) -> list[Any]:
    """Return the conditions on ``person``, with the organisation joined, as it is now.

    A reminder goes to those only whom it is about, and what tells of a correction to those who
    had the old words, whoever is in the audience by now.
    """
    if announcement.change is not None and announcement.corrects is not None:
        return [told_people(announcement.corrects, announcement.change)]
    if announcement.chases is not None:
        return [condition(expression), silent(announcement.chases)]
    return [condition(expression)]


def letters_meant(announcement: Announcement, expression: Expression) -> list[Any]:
    """Return the same for whom staff write to by hand: also who was sent nothing so far."""
    if announcement.chases is not None and announcement.change is None:
        return [condition(expression), nobody_confirmed(announcement.chases)]
    return people_meant(announcement, expression)


def rooms_meant(announcement: Announcement, expression: Expression) -> list[Any]:
    """Return the same for ``room``; none is reminded, since none can confirm."""
    if announcement.change is not None and announcement.corrects is not None:
        return [told_rooms(announcement.corrects, announcement.change)]
    return [in_rooms(expression), literal(announcement.chases is None)]


def of_report(announcement: Announcement, expression: Expression) -> Any:
    """Return the condition on ``person`` for whom the report counts.

    Once the audience is fixed it is whoever has a row, and those of the audience on no
    messenger: they have none, and yet were meant.
    """
    if announcement.frozen_at is None:
        return and_(*people_meant(announcement, expression))
    has_row = (
        select(t.Delivery.person_id)
        .where(
            col(t.Delivery.announcement_id) == announcement.id,
            col(t.Delivery.person_id).is_not(None),
        )
        .distinct()
    )
    return or_(col(t.Person.id).in_(has_row), _on_no_messenger(announcement, expression))


def _on_no_messenger(announcement: Announcement, expression: Expression) -> Any:
    """Of the audience; what goes to those only who had another one is not meant for them."""
    if announcement.change is not None or announcement.chases is not None:
        return false()
    return and_(condition(expression), ~has_address())


async def count_people(
    read: Read, announcement: Announcement, expression: Expression
) -> tuple[int, int]:
    """Return for how many people it is, and of how many organisations."""
    row = await read.first(
        select(
            func.count().label("people"),
            func.count(t.Person.organisation_id.distinct()).label("organisations"),
        )
        .select_from(t.Person)
        .outerjoin(t.Organisation, col(t.Organisation.id) == col(t.Person.organisation_id))
        .where(of_report(announcement, expression))
    )
    return (int(row.people), int(row.organisations)) if row else (0, 0)


async def on_no_messenger(
    read: Read, announcement: Announcement, expression: Expression
) -> tuple[tuple[str, str], ...]:
    """Return (e-mail, organisation) of people it is meant for whom no messenger reaches."""
    rows = await read.all(
        select(t.Person.email, t.Organisation.slug)
        .outerjoin(t.Organisation, col(t.Organisation.id) == col(t.Person.organisation_id))
        .where(_on_no_messenger(announcement, expression))
        .order_by(col(t.Person.email))
    )
    return tuple((row.email, row.slug or "") for row in rows)


async def by_organisation(
    read: Read, announcement: Announcement, expression: Expression
) -> tuple[tuple[str, dict[str, str], int, int, int, int], ...]:
    """Return (slug, names, people, reached, acknowledged, by hand) in people, by organisation.

    People of no organisation stand under ``""``. An organisation with nobody on a messenger
    is one of those that it is for: else the report says that everybody was reached.
    """
    number = announcement.id
    reached = came_whole(number, DeliveryState.DELIVERED)
    confirmed = exists().where(
        col(t.Acknowledgement.announcement_id) == number,
        col(t.Acknowledgement.person_id) == t.Person.id,
    )
    by_hand = exists().where(
        col(t.ReachedByHand.announcement_id) == number,
        col(t.ReachedByHand.person_id) == t.Person.id,
    )
    people = (
        select(
            t.Person.organisation_id.label("organisation"),
            reached.label("reached"),
            confirmed.label("confirmed"),
            by_hand.label("by_hand"),
        )
        .outerjoin(t.Organisation, col(t.Organisation.id) == col(t.Person.organisation_id))
        .where(or_(of_report(announcement, expression), confirmed, by_hand))
        .subquery()
    )
    rows = await read.all(
        select(
            people.c.organisation,
            func.count().label("people"),
            func.count().filter(people.c.reached).label("reached"),
            func.count().filter(people.c.confirmed).label("confirmed"),
            func.count().filter(people.c.by_hand).label("by_hand"),
        ).group_by(people.c.organisation)
    )
    known = await organisations(read)
    found = [
        (
            *known.get(row.organisation, ("", {})),
            *(row.people, row.reached, row.confirmed, row.by_hand),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda one: one[0]))


async def organisations(read: Read) -> dict[int, tuple[str, dict[str, str]]]:
    """Return (slug, names) of all organisations, by row id."""
    rows = await read.all(select(t.Organisation.id, t.Organisation.slug, t.Organisation.names))
    return {row.id: (row.slug, row.names) for row in rows}
