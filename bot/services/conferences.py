"""Events as members see them, and their import."""

from datetime import datetime

from bot.domain.event import Conference, Event
from bot.domain.people import Actor, ImportReport
from bot.domain.refusal import Refusal
from bot.storage import audit, key_values
from bot.storage import conferences as store
from bot.storage.database import Read, Write


async def upcoming(read: Read, now: datetime) -> tuple[Event, ...]:
    """Return events that are not over at ``now``: dated ones by date, then the others."""
    return await store.upcoming(read, now)


async def event(read: Read, event_id: int) -> Event:
    """Return the event.

    Raises:
        Refusal: there is no such event (any more).
    """
    found = await store.event_by_id(read, event_id)
    if found is None:
        raise Refusal("refusal.event-unknown")
    return found


async def event_named(read: Read, name: str) -> Event:
    """Return the event with the id of its file, or the number that we gave it.

    Raises:
        Refusal: there is none; the sentence lists those there are.
    """
    found = await store.event_by_slug(read, name)
    if found is None and name.isascii() and name.isdecimal() and len(name) < 10:
        found = await store.event_by_id(read, int(name))
    if found is None:
        known = ", ".join(one.slug for one in await store.all_events(read)) or "-"
        raise Refusal("refusal.event-not-among", event=name, known=known)
    return found


async def save(
    write: Write, conference: Conference, *, complete: bool, actor: Actor, now: datetime
) -> ImportReport:
    """Make the stored conference equal to ``conference``; importing again doubles nothing.

    Args:
        complete: False if a file could not be read: then nothing is removed, because what
            is missing may only be unreadable.
    """
    report = await store.save(write, conference, now, remove_missing=complete)
    if report.added or report.changed or report.removed:
        await key_values.raise_knowledge_version(write)
    await audit.record(
        write,
        actor=actor,
        action="import",
        subject=f"conference {conference.name}",
        at=now,
        added=report.added,
        changed=report.changed,
        removed=report.removed,
    )
    return report
