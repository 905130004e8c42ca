"""What people chose for themselves."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlmodel import col

from bot.domain.preferences import Preferences, QuietHours, Topic, stored_hours
from bot.storage import tables
from bot.storage.database import Read, Write
from bot.storage.quiet import zone_of_person

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


async def of(read: Read, person_id: int) -> Preferences:
    """Return what the person chose."""
    row = await read.first(
        select(
            t.Person.language,
            t.Person.zone,
            t.Person.preferred,
            t.Person.quiet_from,
            t.Person.quiet_until,
        ).where(col(t.Person.id) == person_id)
    )
    if row is None:
        return Preferences()
    muted = await read.all(
        select(t.PersonMute.topic).where(col(t.PersonMute.person_id) == person_id)
    )
    topics = frozenset(Topic(one.topic) for one in muted if one.topic in set(Topic))
    quiet = stored_hours(row.quiet_from, row.quiet_until)
    return Preferences(row.language, row.zone, row.preferred, quiet, topics)


async def choose(write: Write, person_id: int, **columns: str) -> None:
    """Set some of ``language``, ``zone``, ``preferred``."""
    await write.count(update(t.Person).where(col(t.Person.id) == person_id).values(**columns))


async def choose_quiet(write: Write, person_id: int, quiet: QuietHours | None) -> None:
    """Set the quiet hours, or none."""
    begin, end = (f"{quiet.begin:%H:%M}", f"{quiet.end:%H:%M}") if quiet else ("", "")
    await write.count(
        update(t.Person)
        .where(col(t.Person.id) == person_id)
        .values(quiet_from=begin, quiet_until=end)
    )


async def mute(write: Write, person_id: int, topic: Topic, muted: bool) -> None:
    """Switch a topic off, or on again."""
    await write.count(
        delete(t.PersonMute).where(
            col(t.PersonMute.person_id) == person_id, col(t.PersonMute.topic) == topic.value
        )
    )
    if muted:
        await write.execute(insert(t.PersonMute).values(person_id=person_id, topic=topic.value))


async def waiting_until(
    read: Read, now: datetime, default_zone: str
) -> dict[tuple[str, str, str], datetime]:
    """Return when quiet hours end that are under way at ``now``, by (zone, from, until).

    There are as many as people have different ones, not as many as there are people.
    """
    return await waiting_in(read, lambda _zone: now, default_zone)


async def waiting_in(
    read: Read, instant_in: Callable[[str], datetime | None], default_zone: str
) -> dict[tuple[str, str, str], datetime]:
    """Return the same where each zone has an instant of its own, or None."""
    zone = zone_of_person(default_zone)
    rows = await read.all(
        select(zone.label("zone"), t.Person.quiet_from, t.Person.quiet_until)
        .where(col(t.Person.quiet_from) != "")
        .distinct()
    )
    found = {}
    for row in rows:
        hours = stored_hours(row.quiet_from, row.quiet_until)
        at = instant_in(row.zone)
        ends = hours.end_after(at, row.zone) if hours and at else None
        if ends is not None:
            found[row.zone, row.quiet_from, row.quiet_until] = ends
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
