"""Conferences with their events, sessions and entries: reading them, and their columns."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlmodel import col

from bot.domain.event import Conference, Entry, Event, EventTime, Session
from bot.storage import tables
from bot.storage.codec import storable
from bot.storage.database import Read

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query
A_DAY_ANYWHERE = timedelta(hours=25)
"""The longest day: the one on which clocks go back."""


async def upcoming(read: Read, now: datetime) -> tuple[Event, ...]:
    """Return events that are not over: dated ones by date, then those to be announced."""
    long_over = now - A_DAY_ANYWHERE  # a bare date lasts its whole day, which only a zone tells
    statement = (
        select_events()
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
    row = await read.first(select_events().where(col(t.Event.id) == event_id))
    return _event(row) if row else None


async def event_by_slug(read: Read, slug: str) -> Event | None:
    """Return the event with the id that its file gives it, or None."""
    row = await read.first(select_events().where(col(t.Event.slug) == slug))
    return _event(row) if row else None


async def all_events(read: Read) -> tuple[Event, ...]:
    """Return all events, by slug."""
    rows = await read.all(select_events().order_by(col(t.Event.slug)))
    return tuple(_event(row) for row in rows)


async def all_conferences(read: Read) -> tuple[Conference, ...]:
    """Return everything that can answer a question."""
    folders = await read.all(select(t.Conference.id, t.Conference.name).order_by(t.Conference.name))
    events = await read.all(select_events().order_by(col(t.Event.id)))
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


def select_events() -> Select[Any]:
    """Return the query of all events, with their seats and the conference's name."""
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


def event_values(folder_id: int, event: Event) -> dict[str, Any]:
    """Return the columns of an event, as they are stored."""
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


def session_values(folder_id: int, session: Session) -> dict[str, Any]:
    """Return the columns of a session, as they are stored."""
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


def entry_values(folder_id: int, entry: Entry) -> dict[str, Any]:
    """Return the columns of an entry, as they are stored."""
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
