"""Audience expressions as SQL conditions on people and on rooms."""

from typing import Any

from sqlalchemy import and_, exists, false, func, not_, or_, select, true
from sqlmodel import col

from bot.domain import audience as a
from bot.domain.room import room_name
from bot.storage import tables
from bot.storage.database import Read
from bot.storage.quiet import zone_of_person

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

LONGEST_NUMBER = 9
"""Digits of an event's number; more would not fit the column."""


def condition(expression: a.Expression) -> Any:
    """Return the condition on ``person`` (with its organisation joined) for ``expression``."""
    match expression:
        case a.All():
            return true()
        case a.And(left=left, right=right):
            return and_(condition(left), condition(right))
        case a.Or(left=left, right=right):
            return or_(condition(left), condition(right))
        case a.Not(inner=inner):
            return not_(condition(inner))
        case a.EventAnswer(event=event, answer=answer):
            return _answered(event, answer)
        case _:
            return _person_term(expression)


def _person_term(term: a.Expression) -> Any:
    match term:
        case a.Org(slug=slug):
            return func.coalesce(t.Organisation.slug == slug, False)
        case a.Country(code=code):
            return func.coalesce(t.Organisation.country == code, False)
        case a.Lang(code=code):
            wanted = func.coalesce(func.nullif(t.Person.language, ""), t.Person.locale)
            return speaks(wanted, code)
        case a.Tag(name=name):
            return exists().where(
                col(t.PersonTag.person_id) == t.Person.id, col(t.PersonTag.tag) == name
            )
        case a.Role(role=role):
            return col(t.Person.role) == role
        case _:
            return _has_letter(term) if isinstance(term, a.Letter) else false()


def _has_letter(term: a.Letter) -> Any:
    return exists().where(
        col(t.AnnouncementFile.announcement_id) == int(term.number),
        col(t.AnnouncementFile.organisation_id) == t.Person.organisation_id,
    )


def speaks(column: Any, language: str) -> Any:
    """Return whether the tag in ``column`` is ``language`` or a region of it, however written."""
    tag, wanted = func.replace(func.lower(column), "_", "-"), language.lower().replace("_", "-")
    return or_(tag == wanted, tag.startswith(f"{wanted}-", autoescape=True))


def _answered(event: str, answer: str) -> Any:
    ids = select(t.Event.id).where(_names_event(event))
    mine = exists().where(col(t.Rsvp.event_id).in_(ids), col(t.Rsvp.person_id) == t.Person.id)
    match answer:
        case "silent":
            return not_(mine)
        case "waitlisted":
            return mine.where(col(t.Rsvp.seat) == "waitlisted")
        case "going":
            return mine.where(col(t.Rsvp.seat) == "confirmed")
        case "attended":
            return false()
        case _:
            return mine.where(col(t.Rsvp.answer) == answer)


def _names_event(name: str) -> Any:
    """Return the condition on ``event`` for its slug or its number."""
    is_number = name.isascii() and name.isdecimal() and len(name) <= LONGEST_NUMBER
    return or_(col(t.Event.slug) == name, col(t.Event.id) == (int(name) if is_number else -1))


async def missing_names(read: Read, expression: a.Expression) -> tuple[a.Term, ...]:
    """Return the terms that name an organisation, event or room that does not exist."""
    missing: list[a.Term] = []
    for term in a.terms(expression):
        match term:
            case a.Org(slug=slug):
                statement = select(t.Organisation.id).where(col(t.Organisation.slug) == slug)
            case a.EventAnswer(event=event):
                statement = select(t.Event.id).where(_names_event(event))
            case a.Letter(number=number):
                statement = select(t.AnnouncementFile.id).where(
                    col(t.AnnouncementFile.announcement_id) == int(number),
                    col(t.AnnouncementFile.organisation_id).is_not(None),
                )
            case a.Room(name=name):
                statement = select(t.Room.id).where(col(t.Room.name) == room_name(name))
            case _:
                continue
        if await read.first(statement) is None:
            missing.append(term)
    return tuple(missing)


async def zones(
    read: Read, expression: a.Expression, default_zone: str, limit: int = 5
) -> tuple[tuple[str, int], ...]:
    """Return the zones in which most of the audience lives, with how many people."""
    zone = zone_of_person(default_zone)
    rows = await read.all(
        _people(select(zone.label("zone"), func.count().label("people")), expression)
        .group_by(zone)
        .order_by(func.count().desc(), zone)
        .limit(limit)
    )
    return tuple((row.zone, int(row.people)) for row in rows)


def _people(chosen: Any, expression: a.Expression) -> Any:
    return (
        chosen.select_from(t.Person)
        .outerjoin(t.Organisation, col(t.Organisation.id) == col(t.Person.organisation_id))
        .where(condition(expression))
    )


def in_rooms(expression: a.Expression) -> Any:
    """Return the condition on ``room`` for ``expression``."""
    return col(t.Room.name).in_(sorted({room_name(name) for name in a.rooms(expression)}))


def has_address() -> Any:
    """Return the condition on ``person`` who has a chat with us, reachable or not."""
    return exists().where(
        col(t.Account.person_id) == t.Person.id, col(t.Address.account_id) == t.Account.id
    )
