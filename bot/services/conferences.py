"""Events as members see them, and their import."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.changes import Plan
from bot.domain.event import CALENDAR, Conference, Event
from bot.domain.people import Actor, ImportReport, Problem
from bot.domain.refusal import Refusal
from bot.services.known_events import names_of, settled
from bot.storage import audit, key_values, room_cards
from bot.storage import conference_saving as saving
from bot.storage import conferences as store
from bot.storage.database import Read, Write


async def upcoming(read: Read, now: datetime) -> tuple[Event, ...]:
    """Return events that are not over at ``now``: dated ones by date, then the others."""
    return await store.upcoming(read, now)


async def past(read: Read, now: datetime) -> tuple[Event, ...]:
    """Return events that are over at ``now``, the latest first."""
    over = [one for one in await store.all_events(read) if one.is_over(now)]
    return tuple(sorted(over, key=_last_instant, reverse=True))


def _last_instant(event: Event) -> datetime:
    last = event.end or event.start
    return last.instant if last else datetime.min.replace(tzinfo=UTC)


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


def apart(
    conferences: Iterable[Conference],
) -> tuple[tuple[Conference, ...], tuple[Problem, ...]]:
    """Return conferences that do not touch one another, so that their order does not matter.

    Raises:
        Refusal: two of them are the same conference, and the second would undo the first.
    """
    seen: set[tuple[str, str]] = set()
    places: dict[str, str] = {}  # by id, and by UID
    kept, problems = [], []
    for one in conferences:
        if (one.name, one.part) in seen and one.part != CALENDAR:  # that removes nothing
            raise Refusal("refusal.conference-twice", name=one.name, option="--conference")
        seen.add((one.name, one.part))
        events = []
        for event in one.events:
            if found := next((places[name] for name in names_of(event) if name in places), ""):
                text = f"event {event.slug!r} stands in {found} already: left out here"
                problems.append(Problem(event.source, text))
            else:
                events.append(event)
        for event in events:
            places |= dict.fromkeys(names_of(event), event.source.partition("#")[0])
        kept.append(replace(one, events=tuple(events)))
    return tuple(kept), tuple(problems)


async def plan(read: Read, conference: Conference, *, complete: bool) -> Plan:
    """Return what :func:`save` would do now; nothing is written."""
    conference, notes = await _settled(read, conference)
    found = await saving.compare(read, conference, remove_missing=complete)
    return found.plan.with_problems(notes)


async def save(
    write: Write, conference: Conference, *, complete: bool, actor: Actor, now: datetime
) -> ImportReport:
    """Make the stored conference equal to ``conference``; importing again doubles nothing.

    Args:
        complete: False if a file could not be read: then nothing is removed, because what
            is missing may only be unreadable.
    """
    conference, notes = await _settled(write, conference)
    done = await saving.save(write, conference, now, remove_missing=complete)
    report = done.with_problems(notes).report
    if report.added or report.changed or report.removed:
        await key_values.raise_knowledge_version(write)
        await room_cards.count_up_events(write, [event.slug for event in conference.events])
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


async def _settled(read: Read, conference: Conference) -> tuple[Conference, tuple[Problem, ...]]:
    """Return the conference with its events as they are known already, and what is left out."""
    stored = await store.all_events(read) if conference.events else ()
    return settled(conference, stored)
