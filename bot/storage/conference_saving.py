"""A conference as its files describe it is compared with what is stored, and saved.

:func:`compare` is the one comparison: a dry run shows what it found, and :func:`save`
writes exactly that.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlmodel import col

from bot.domain.changes import Change, FieldChange, Plan, What
from bot.domain.event import Conference, Event
from bot.storage import bulk, tables
from bot.storage.codec import storable
from bot.storage.conferences import (
    entry_values,
    event_values,
    select_events,
    session_values,
)
from bot.storage.database import Read, Write

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query
NOBODY = 0
"""Stands for the id of a conference that is not stored yet."""
_DERIVED = {"start_at": "start", "end_at": "end"}
"""Columns that say again what another one says: shown only where that one is unchanged."""


@dataclass(slots=True)
class _Difference:
    """What to write into one table.

    Attributes:
        new: Rows to add.
        updates: Rows to change, with ``id``.
        gone: Ids to delete.
    """

    new: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between a conference and what is stored of it."""

    folder_id: int
    events: _Difference
    seats: list[dict[str, Any]]
    sessions: _Difference
    entries: _Difference

    @property
    def plan(self) -> Plan:
        """The same, to be shown."""
        tables_ = (self.events, self.sessions, self.entries)
        return Plan(
            tuple(change for one in tables_ for change in one.changes),
            sum(one.unchanged for one in tables_),
        )


async def compare(read: Read, conference: Conference, *, remove_missing: bool = True) -> Comparison:
    """Return what must be written to make the stored conference equal to ``conference``.

    An event that is no longer in the folder stays, because people may have answered it;
    staff cancel it if that is meant. A lone file removes only what came from itself.
    """
    folder_id: int = (
        await read.scalar(select(t.Conference.id).where(col(t.Conference.name) == conference.name))
        or NOBODY
    )
    events, seats = await _events(read, folder_id, conference)
    sessions = [session_values(folder_id, one) for one in conference.sessions]
    entries = [entry_values(folder_id, one) for one in conference.entries]
    own = f"{conference.name}/{conference.part}#" if conference.part else ""
    remove = own if remove_missing else None
    return Comparison(
        folder_id,
        events,
        seats,
        await _contents(read, t.Session, "key", folder_id, sessions, remove=remove),
        await _contents(read, t.Entry, "source", folder_id, entries, remove=remove),
    )


async def save(
    write: Write, conference: Conference, now: datetime, *, remove_missing: bool = True
) -> Plan:
    """Make the stored conference equal to ``conference``; events keep their ids and answers."""
    found = await compare(write, conference, remove_missing=remove_missing)
    folder_id = await _folder(write, found.folder_id, conference.name, now)
    # The counter rows come first, as with every change of seats.
    await bulk.update_by_id(write, tables.EventSeats, found.seats, key="event_id")
    await bulk.update_by_id(write, tables.Event, _in(folder_id, found.events.updates))
    await _add_events(write, _in(folder_id, found.events.new), conference.events)
    for table, difference in ((t.Session, found.sessions), (t.Entry, found.entries)):
        if difference.new:
            await write.execute(insert(table), _in(folder_id, difference.new))
        await bulk.update_by_id(write, table, _in(folder_id, difference.updates))
        if difference.gone:
            await write.count(delete(table).where(col(table.id).in_(difference.gone)))
    return found.plan


def _in(folder_id: int, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return ``rows`` of the conference, whose id may only now be known."""
    return [{**row, "conference_id": folder_id} for row in rows]


async def _folder(write: Write, folder_id: int, name: str, now: datetime) -> int:
    if folder_id != NOBODY:
        await write.count(
            update(t.Conference).where(col(t.Conference.id) == folder_id).values(imported_at=now)
        )
        return folder_id
    new_id: int = await write.scalar(
        insert(t.Conference).values(name=name, imported_at=now).returning(t.Conference.id)
    )
    return new_id


async def _events(
    read: Read, folder_id: int, conference: Conference
) -> tuple[_Difference, list[dict[str, Any]]]:
    slugs = [event.slug for event in conference.events]
    stored = await read.all(select_events().where(col(t.Event.slug).in_(slugs)))
    before = {row.slug: row for row in stored}
    found = _Difference()
    seats: list[dict[str, Any]] = []
    for event in conference.events:
        values = event_values(folder_id, event)
        if (row := before.get(values["slug"])) is None:
            found.new.append(values)
            found.changes.append(_change(What.ADDED, "event", values["slug"], values))
            continue
        fields = list(_fields(row, values))
        if row.conference_id != folder_id:
            fields.insert(0, FieldChange("conference", row.conference, conference.name))
        if fields:
            found.updates.append({"id": row.id, **values})
        if row.capacity != event.capacity:
            seats.append({"event_id": row.id, "capacity": event.capacity})
            fields.append(FieldChange("capacity", row.capacity, event.capacity))
        _note(found, "event", values["slug"], values, fields)
    return found, seats


async def _contents(
    read: Read,
    table: Any,
    key: str,
    folder_id: int,
    rows: Sequence[dict[str, Any]],
    *,
    remove: str | None,
) -> _Difference:
    """Compare ``rows`` with those stored; what is missing goes if its source begins ``remove``."""
    kind = str(table.__tablename__)
    stored = await read.all(select(table).where(col(table.conference_id) == folder_id))
    before = {getattr(row, key): row for row in stored}
    found = _Difference()
    for values in rows:
        row = before.pop(values[key], None)
        if row is None:
            found.new.append(values)
            found.changes.append(_change(What.ADDED, kind, values[key], values))
            continue
        fields = list(_fields(row, values))
        if fields:
            found.updates.append({"id": row.id, **values})
        _note(found, kind, values[key], values, fields)
    for name, row in before.items():
        if remove is not None and row.source.startswith(remove):
            found.gone.append(row.id)
            found.changes.append(_change(What.REMOVED, kind, name, dict(row._mapping)))
    return found


def _note(
    found: _Difference,
    kind: str,
    key: str,
    values: Mapping[str, Any],
    fields: Sequence[FieldChange],
) -> None:
    if fields:
        found.changes.append(_change(What.CHANGED, kind, key, values, fields))
    else:
        found.unchanged += 1


def _fields(row: Any, values: Mapping[str, Any]) -> Iterator[FieldChange]:
    """Yield what differs; a time that follows from another column is shown only by itself."""
    differ = {
        name: getattr(row, name)
        for name, value in values.items()
        if name != "conference_id" and getattr(row, name) != value
    }
    for name, before in differ.items():
        if _DERIVED.get(name, "") not in differ:
            yield FieldChange(name, _shown(before), _shown(values[name]))


def _change(
    what: What,
    kind: str,
    key: str,
    values: Mapping[str, Any],
    fields: Sequence[FieldChange] = (),
) -> Change:
    title = values.get("title") or values.get("titles", {}).get("") or ""
    if not title and values.get("headings"):
        title = values["headings"][-1]
    return Change(what, kind, key, title, values.get("source", ""), tuple(fields))


def _shown(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


async def _add_events(
    write: Write, rows: Sequence[dict[str, Any]], events: Sequence[Event]
) -> None:
    if not rows:
        return
    capacities = {storable(event.slug): event.capacity for event in events}
    found = await write.execute(insert(t.Event).returning(t.Event.id, t.Event.slug), list(rows))
    seats = [
        {"event_id": row.id, "capacity": capacities[row.slug], "taken": 0, "next_place": 1}
        for row in found
    ]
    await write.execute(insert(t.EventSeats), seats)
