"""Conferences with their events, sessions and entries."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, insert, or_, select, update
from sqlmodel import col

from bot.domain.event import Conference, Entry, Event, EventTime, Session
from bot.domain.people import ImportReport
from bot.storage import bulk, tables
from bot.storage.codec import storable
from bot.storage.database import Read, Write

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query
A_DAY_ANYWHERE = timedelta(hours=25)
"""The longest day: the one on which clocks go back."""


async def upcoming(read: Read, now: datetime) -> tuple[Event, ...]:
    """Return events that are not over: dated ones by date, then those to be announced."""
    long_over = now - A_DAY_ANYWHERE  # a bare date lasts its whole day, which only a zone tells
    statement = (
        _select_events()
        .where(
            or_(
                col(t.Event.start_at).is_(None),
                func.coalesce(t.Event.end_at, t.Event.start_at) >= long_over,
            )
        )
        .order_by(col(t.Event.start_at).is_(None), col(t.Event.start_at), col(t.Event.id))
    )
    events = [_event(row) for row in await read.all(statement)]
    return tuple(event for event in events if not event.is_over(now))


async def event_by_id(read: Read, event_id: int) -> Event | None:
    """Return the event, or None."""
    row = await read.first(_select_events().where(col(t.Event.id) == event_id))
    return _event(row) if row else None


async def event_by_slug(read: Read, slug: str) -> Event | None:
    """Return the event with the id that its file gives it, or None."""
    row = await read.first(_select_events().where(col(t.Event.slug) == slug))
    return _event(row) if row else None


async def all_events(read: Read) -> tuple[Event, ...]:
    """Return all events, by slug."""
    rows = await read.all(_select_events().order_by(col(t.Event.slug)))
    return tuple(_event(row) for row in rows)


async def all_conferences(read: Read) -> tuple[Conference, ...]:
    """Return everything that can answer a question."""
    folders = await read.all(select(t.Conference.id, t.Conference.name).order_by(t.Conference.name))
    events = await read.all(_select_events().order_by(col(t.Event.id)))
    sessions = await read.all(select(t.Session).order_by(col(t.Session.id)))
    entries = await read.all(select(t.Entry).order_by(col(t.Entry.id)))
    return tuple(
        Conference(
            folder.name,
            tuple(_event(row) for row in events if row.conference_id == folder.id),
            tuple(_session(row) for row in sessions if row.conference_id == folder.id),
            tuple(_entry(row, folder.name) for row in entries if row.conference_id == folder.id),
        )
        for folder in folders
    )


async def save(
    write: Write, conference: Conference, now: datetime, *, remove_missing: bool = True
) -> ImportReport:
    """Make the stored conference equal to ``conference``; events keep their ids and answers.

    An event that is no longer in the folder stays, because people may have answered it;
    its report counts as unchanged and staff cancel it if that is meant.
    """
    folder_id = await _folder(write, conference.name, now)
    events = await _save_events(write, folder_id, conference.events)
    rows = [_session_values(folder_id, one) for one in conference.sessions]
    sessions = await _replace(write, t.Session, "key", folder_id, rows, remove=remove_missing)
    rows = [_entry_values(folder_id, one) for one in conference.entries]
    entries = await _replace(write, t.Entry, "source", folder_id, rows, remove=remove_missing)
    return ImportReport(
        events.added + sessions.added + entries.added,
        events.changed + sessions.changed + entries.changed,
        events.unchanged + sessions.unchanged + entries.unchanged,
        sessions.removed + entries.removed,
    )


async def _folder(write: Write, name: str, now: datetime) -> int:
    found: int | None = await write.scalar(
        select(t.Conference.id).where(col(t.Conference.name) == name)
    )
    if found is not None:
        await write.count(
            update(t.Conference).where(col(t.Conference.id) == found).values(imported_at=now)
        )
        return found
    new_id: int = await write.scalar(
        insert(t.Conference).values(name=name, imported_at=now).returning(t.Conference.id)
    )
    return new_id


async def _save_events(write: Write, folder_id: int, events: Sequence[Event]) -> ImportReport:
    """Add and update ``events``; their counter rows come first, as with every change of seats."""
    slugs = [event.slug for event in events]
    stored = await write.all(_select_events().where(col(t.Event.slug).in_(slugs)))
    before = {row.slug: row for row in stored}
    seats, rows, changed = [], [], set()
    for event in events:
        if (found := before.get(event.slug)) is None:
            continue
        if found.capacity != event.capacity:
            seats.append({"event_id": found.id, "capacity": event.capacity})
            changed.add(event.slug)
        values = _event_values(folder_id, event)
        if _differs(found, values):
            rows.append({"id": found.id, **values})
            changed.add(event.slug)
    await bulk.update_by_id(write, tables.EventSeats, seats, key="event_id")
    await bulk.update_by_id(write, tables.Event, rows)
    new = [event for event in events if event.slug not in before]
    await _add_events(write, folder_id, new)
    return ImportReport(len(new), len(changed), len(events) - len(new) - len(changed))


async def _add_events(write: Write, folder_id: int, events: Sequence[Event]) -> None:
    rows = [_event_values(folder_id, event) for event in events]
    if not rows:
        return
    found = await write.execute(insert(t.Event).returning(t.Event.id, t.Event.slug), rows)
    ids = {row.slug: row.id for row in found}
    seats = [
        {"event_id": ids[event.slug], "capacity": event.capacity, "taken": 0, "next_place": 1}
        for event in events
    ]
    await write.execute(insert(t.EventSeats), seats)


def _differs(stored: Any, values: Mapping[str, Any]) -> bool:
    return any(getattr(stored, name) != value for name, value in values.items())


async def _replace(
    write: Write,
    table: Any,
    key: str,
    folder_id: int,
    rows: list[dict[str, Any]],
    *,
    remove: bool,
) -> ImportReport:
    stored = await write.all(select(table).where(col(table.conference_id) == folder_id))
    before = {getattr(row, key): row for row in stored}
    new = [row for row in rows if row[key] not in before]
    changed = [row for row in rows if row[key] in before and _differs(before[row[key]], row)]
    gone = set(before) - {row[key] for row in rows} if remove else set()
    if new:
        await write.execute(insert(table), new)
    await bulk.update_by_id(write, table, [{"id": before[row[key]].id, **row} for row in changed])
    if gone:
        await _remove(write, table, [before[one].id for one in gone])
    return ImportReport(len(new), len(changed), len(rows) - len(new) - len(changed), len(gone))


async def _remove(write: Write, table: Any, row_ids: Iterable[int]) -> None:
    await write.count(delete(table).where(col(table.id).in_(list(row_ids))))


def _select_events() -> Select[Any]:
    return (
        select(
            t.Event,
            col(t.EventSeats.capacity).label("capacity"),
            col(t.Conference.name).label("conference"),
        )
        .join(t.EventSeats, col(t.EventSeats.event_id) == col(t.Event.id))
        .join(t.Conference, col(t.Conference.id) == col(t.Event.conference_id))
    )


def _event(row: Any) -> Event:
    return Event(
        slug=row.slug,
        conference=row.conference,
        titles=row.titles,
        id=row.id,
        aka=tuple(row.aka),
        status=row.status,
        start=_time(row.start, row.zone, row.start_at),
        end=_time(row.end, row.zone, row.end_at),
        zone=row.zone,
        date_note=row.date_note,
        city=row.city,
        country=row.country,
        venue=row.venue,
        capacity=row.capacity,
        reply_by=row.reply_by,
        facts=row.facts,
        source=row.source,
    )


def _event_values(folder_id: int, event: Event) -> dict[str, Any]:
    values: dict[str, Any] = storable(
        {
            "conference_id": folder_id,
            "slug": event.slug,
            "titles": event.titles,
            "aka": list(event.aka),
            "status": event.status,
            "start": _local(event.start),
            "start_at": event.start.instant if event.start else None,
            "end": _local(event.end),
            "end_at": event.end.instant if event.end else None,
            "zone": event.zone,
            "date_note": event.date_note,
            "city": event.city,
            "country": event.country,
            "venue": event.venue,
            "reply_by": event.reply_by,
            "facts": event.facts,
            "source": event.source,
        }
    )
    return values


def _session(row: Any) -> Session:
    return Session(
        key=row.key,
        title=row.title,
        type=row.type,
        track=row.track,
        room=row.room,
        speakers=tuple(row.speakers),
        start=_time(row.start, row.zone, row.start_at),
        end=_time(row.end, row.zone, row.end_at),
        abstract=row.abstract,
        source=row.source,
    )


def _session_values(folder_id: int, session: Session) -> dict[str, Any]:
    values: dict[str, Any] = storable(
        {
            "conference_id": folder_id,
            "key": session.key,
            "title": session.title,
            "type": session.type,
            "track": session.track,
            "room": session.room,
            "speakers": list(session.speakers),
            "start": _local(session.start),
            "start_at": session.start.instant if session.start else None,
            "end": _local(session.end),
            "end_at": session.end.instant if session.end else None,
            "zone": session.start.zone if session.start else "UTC",
            "abstract": session.abstract,
            "source": session.source,
        }
    )
    return values


def _entry(row: Any, conference: str) -> Entry:
    return Entry(row.source, conference, tuple(row.headings), row.body, row.language)


def _entry_values(folder_id: int, entry: Entry) -> dict[str, Any]:
    values: dict[str, Any] = storable(
        {
            "conference_id": folder_id,
            "source": entry.source,
            "headings": list(entry.headings),
            "body": entry.body,
            "language": entry.language,
        }
    )
    return values


def _local(when: EventTime | None) -> str:
    return when.local.isoformat() if when else ""


def _time(local: str, zone: str, instant: datetime | None) -> EventTime | None:
    if instant is None:
        return None
    meant = datetime.fromisoformat(local) if "T" in local else date.fromisoformat(local)
    return EventTime(meant, zone, instant)
