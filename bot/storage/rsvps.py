"""Answers and seats. The counter row comes first, always (invariant 4).

:func:`lock_seats` updates the event's counter row before anything else is read, so that
two changes of the same event follow one another on every database. A condition that
counts the answers instead would sell a seat twice on PostgreSQL.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlmodel import col

from bot.domain.rsvp import Answer, Rsvp, Seats, SeatState
from bot.storage import tables
from bot.storage.database import Read, Write
from bot.storage.dialect import insert

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


async def lock_seats(write: Write, event_id: int) -> Seats | None:
    """Lock the event's counter row and return it; None if there is no such event."""
    row = await write.first(
        update(t.EventSeats)
        .where(col(t.EventSeats.event_id) == event_id)
        .values(taken=t.EventSeats.taken)
        .returning(t.EventSeats.capacity, t.EventSeats.taken)
    )
    return Seats(row.capacity, row.taken) if row else None


async def take(write: Write, event_id: int, seats: int) -> bool:
    """Take seats if they fit; False, with nothing changed, if they do not."""
    fits = (col(t.EventSeats.capacity).is_(None)) | (
        col(t.EventSeats.taken) + seats <= col(t.EventSeats.capacity)
    )
    statement = update(t.EventSeats).where(col(t.EventSeats.event_id) == event_id, fits)
    return await write.count(statement.values(taken=t.EventSeats.taken + seats)) == 1


async def give_back(write: Write, event_id: int, seats: int) -> None:
    """Give seats back to the event."""
    await write.count(
        update(t.EventSeats)
        .where(col(t.EventSeats.event_id) == event_id)
        .values(taken=t.EventSeats.taken - seats)
    )


async def next_place(write: Write, event_id: int) -> int:
    """Return the next place number of the event's waiting list; numbers only rise."""
    place: int = await write.scalar(
        update(t.EventSeats)
        .where(col(t.EventSeats.event_id) == event_id)
        .values(next_place=t.EventSeats.next_place + 1)
        .returning(t.EventSeats.next_place)
    )
    return place - 1


async def find(read: Read, event_id: int, person_id: int) -> Rsvp | None:
    """Return the person's answer with how many wait before it, or None."""
    row = await read.first(
        _select().where(col(t.Rsvp.event_id) == event_id, col(t.Rsvp.person_id) == person_id)
    )
    return _rsvp(row) if row else None


async def of_person(read: Read, person_id: int) -> tuple[Rsvp, ...]:
    """Return all answers of the person, by event."""
    rows = await read.all(
        _select().where(col(t.Rsvp.person_id) == person_id).order_by(col(t.Rsvp.event_id))
    )
    return tuple(_rsvp(row) for row in rows)


async def of_event(read: Read, event_id: int) -> tuple[Rsvp, ...]:
    """Return all answers to the event, in the order of their last change."""
    rows = await read.all(
        _select()
        .where(col(t.Rsvp.event_id) == event_id)
        .order_by(col(t.Rsvp.answered_at), col(t.Rsvp.id))
    )
    return tuple(_rsvp(row) for row in rows)


async def first_waiting(read: Read, event_id: int) -> Rsvp | None:
    """Return who waits longest, or None."""
    row = await read.first(
        _select()
        .where(
            col(t.Rsvp.event_id) == event_id,
            col(t.Rsvp.seat) == SeatState.WAITLISTED.value,
        )
        .order_by(col(t.Rsvp.place))
        .limit(1)
    )
    return _rsvp(row) if row else None


async def events_to_promote(read: Read) -> tuple[int, ...]:
    """Return events in which somebody waits although a seat is free."""
    rows = await read.all(
        select(t.EventSeats.event_id)
        .join(t.Rsvp, col(t.Rsvp.event_id) == col(t.EventSeats.event_id))
        .where(
            col(t.Rsvp.seat) == SeatState.WAITLISTED.value,
            (col(t.EventSeats.capacity).is_(None))
            | (col(t.EventSeats.taken) < col(t.EventSeats.capacity)),
        )
        .distinct()
    )
    return tuple(row.event_id for row in rows)


async def save(write: Write, rsvp: Rsvp, at: datetime) -> None:
    """Store the answer over an earlier one of the same person."""
    values: dict[str, Any] = {
        "answer": rsvp.answer.value,
        "seat": rsvp.seat.value,
        "seats": rsvp.seats,
        "place": rsvp.place,
        "answered_at": at,
    }
    statement = insert(write, t.Rsvp).values(
        event_id=rsvp.event_id, person_id=rsvp.person_id, **values
    )
    await write.execute(
        statement.on_conflict_do_update(index_elements=["event_id", "person_id"], set_=values)
    )


async def seats(read: Read, event_id: int) -> Seats | None:
    """Return the counter with how many wait, or None if there is no such event."""
    row = await read.first(
        select(t.EventSeats.capacity, t.EventSeats.taken).where(
            col(t.EventSeats.event_id) == event_id
        )
    )
    waiting = await read.scalar(
        select(func.count())
        .select_from(t.Rsvp)
        .where(col(t.Rsvp.event_id) == event_id, col(t.Rsvp.seat) == SeatState.WAITLISTED.value)
    )
    return Seats(row.capacity, row.taken, int(waiting)) if row else None


def _select() -> Select[Any]:
    other = t.Rsvp.__table__.alias("other")
    ahead = (
        select(func.count())
        .select_from(other)
        .where(
            other.c.event_id == t.Rsvp.event_id,
            other.c.seat == SeatState.WAITLISTED.value,
            other.c.place < t.Rsvp.place,
        )
        .scalar_subquery()
    )
    return select(t.Rsvp, ahead.label("ahead"))


def _rsvp(row: Any) -> Rsvp:
    return Rsvp(
        event_id=row.event_id,
        person_id=row.person_id,
        answer=Answer(row.answer),
        seat=SeatState(row.seat),
        seats=row.seats,
        place=row.place,
        ahead=row.ahead if row.place is not None else None,
        answered_at=row.answered_at,
    )


async def forget(write: Write, event_id: int, person_id: int) -> None:
    """Remove the person's answer; what it holds was given back before."""
    await write.count(
        delete(t.Rsvp).where(col(t.Rsvp.event_id) == event_id, col(t.Rsvp.person_id) == person_id)
    )
