"""What people chose for themselves, and what staff set for an organisation."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlmodel import col

from bot.domain.preferences import NO_HOURS, Preferences, QuietHours, Topic, stored_hours
from bot.domain.rest import WEEK, Rest
from bot.storage import tables, unwanted
from bot.storage.database import Read, Write
from bot.storage.quiet import Ends, rest_of_person, zone_of_person

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


async def of(read: Read, person_id: int) -> Preferences:
    """Return what the person chose, and what holds for them by their organisation."""
    begin, until, days = rest_of_person()
    row = await read.first(
        select(
            t.Person.language,
            t.Person.zone,
            t.Person.preferred,
            t.Person.quiet_from,
            t.Person.days.label("own_days"),
            begin.label("begin"),
            until.label("until"),
            days.label("days"),
        )
        .outerjoin(t.Organisation, col(t.Organisation.id) == col(t.Person.organisation_id))
        .where(col(t.Person.id) == person_id)
    )
    if row is None:
        return Preferences()
    muted = await read.all(
        select(t.PersonMute.topic).where(col(t.PersonMute.person_id) == person_id)
    )
    topics = frozenset(Topic(one.topic) for one in muted if one.topic in set(Topic))
    quiet = stored_hours(row.begin, row.until)
    inherited = {"quiet"} if quiet and not row.quiet_from else set()
    inherited |= {"days"} if row.days and not row.own_days else set()
    return Preferences(
        row.language, row.zone, row.preferred, quiet, topics, row.days, frozenset(inherited)
    )


async def choose(write: Write, person_id: int, **columns: str) -> None:
    """Set some of ``language``, ``zone``, ``preferred``, ``days`` and the quiet hours."""
    await write.count(update(t.Person).where(col(t.Person.id) == person_id).values(**columns))


async def choose_quiet(write: Write, person_id: int, quiet: QuietHours | None) -> None:
    """Set the quiet hours, or that there are none, whatever the organisation has."""
    begin, end = _stored(quiet) if quiet else (NO_HOURS, NO_HOURS)
    await choose(write, person_id, quiet_from=begin, quiet_until=end)


def _stored(quiet: QuietHours) -> tuple[str, str]:
    return f"{quiet.begin:%H:%M}", f"{quiet.end:%H:%M}"


async def of_organisation(read: Read, slug: str) -> Rest | None:
    """Return what holds announcements to an organisation back; None if there is none such."""
    row = await read.first(select(t.Organisation).where(col(t.Organisation.slug) == slug))
    return Rest(stored_hours(row.quiet_from, row.quiet_until), row.days) if row else None


async def set_of_organisation(write: Write, slug: str, rest: Rest) -> None:
    """Set what holds announcements back to those of its people who chose nothing."""
    begin, end = _stored(rest.quiet) if rest.quiet else ("", "")
    await write.count(
        update(t.Organisation)
        .where(col(t.Organisation.slug) == slug)
        .values(quiet_from=begin, quiet_until=end, days=rest.days)
    )


async def mute(write: Write, person_id: int, topic: Topic, muted: bool) -> None:
    """Switch a topic off, or on again; what has not left follows (:mod:`bot.storage.unwanted`)."""
    await write.count(
        delete(t.PersonMute).where(
            col(t.PersonMute.person_id) == person_id, col(t.PersonMute.topic) == topic.value
        )
    )
    if muted:
        await write.execute(insert(t.PersonMute).values(person_id=person_id, topic=topic.value))
        await unwanted.skip_for_person(write, person_id, unwanted.MUTED, topic)
    else:
        await unwanted.bring_back(write, person_id)


async def waiting_until(read: Read, now: datetime, default_zone: str) -> Ends:
    """Return when the rest ends that is under way at ``now``, by (zone, from, until, days).

    There are as many as people have different ones, not as many as there are people.
    """
    return await waiting_in(read, lambda _zone: now, default_zone)


async def waiting_in(
    read: Read, instant_in: Callable[[str], datetime | None], default_zone: str
) -> Ends:
    """Return the same where each zone has an instant of its own, or None."""
    zone = zone_of_person(default_zone)
    begin, until, days = rest_of_person()
    rows = await read.all(
        select(zone.label("zone"), begin.label("begin"), until.label("until"), days.label("days"))
        .outerjoin(t.Organisation, col(t.Organisation.id) == col(t.Person.organisation_id))
        .where(or_(begin.not_in(("", NO_HOURS)), days.not_in(("", WEEK))))
        .distinct()
    )
    found = {}
    for row in rows:
        rest, at = Rest(stored_hours(row.begin, row.until), row.days), instant_in(row.zone)
        ends = rest.end_after(at, row.zone) if at else None
        if ends is not None:
            found[row.zone, row.begin, row.until, row.days] = ends
    return found


async def zones(read: Read, default_zone: str) -> tuple[str, ...]:
    """Return the zones that people live in, the default one among them, sorted."""
    zone = zone_of_person(default_zone)
    rows = await read.all(select(zone.label("zone")).distinct())
    return tuple(sorted({default_zone, *(row.zone for row in rows)}))


async def platforms_of(read: Read, person_id: int) -> tuple[str, ...]:
    """Return the messengers that the person is on, sorted."""
    rows = await read.all(
        select(t.Account.platform)
        .where(col(t.Account.person_id) == person_id)
        .distinct()
        .order_by(col(t.Account.platform))
    )
    return tuple(row.platform for row in rows)
