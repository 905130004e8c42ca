"""Answering an invitation.

Every change of seats locks the event's counter row first (invariant 4), so the rule
below holds for any number of people, processes and crashes:

* ``going`` takes a seat if one is free and nobody waits; else it waits, first come first.
* A seat that comes free goes at once to whoever waits longest, in the same commit.
* The same answer again changes nothing, not even the place in the queue.
* Cards in rooms that show the answer, or the seats, are counted up in the same commit.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.event import Event
from bot.domain.people import Person
from bot.domain.refusal import Refusal
from bot.domain.rsvp import Answer, Rsvp, Seats, SeatState
from bot.storage import conferences, room_cards
from bot.storage import rsvps as store
from bot.storage.database import Read, Write


@dataclass(frozen=True, slots=True)
class EventStatus:
    """What is known of a person and an event; ``rsvp`` is None without an answer."""

    rsvp: Rsvp | None
    seats: Seats


@dataclass(frozen=True, slots=True)
class RsvpResult:
    """What an answer came to.

    Attributes:
        changed: False if the same answer was recorded before.
        before: The person's earlier answer.
        promoted: Answers of other people who got a seat because of this one.
    """

    rsvp: Rsvp
    seats: Seats
    changed: bool
    before: Rsvp | None = None
    promoted: tuple[Rsvp, ...] = ()


async def status(read: Read, event_id: int, person_id: int | None) -> EventStatus:
    """Return the person's answer and the event's seats.

    Raises:
        Refusal: there is no such event.
    """
    seats = await store.seats(read, event_id)
    if seats is None:
        raise Refusal("refusal.event-unknown")
    rsvp = await store.find(read, event_id, person_id) if person_id is not None else None
    return EventStatus(rsvp, seats)


async def mine(read: Read, person_id: int) -> tuple[tuple[Event, Rsvp], ...]:
    """Return the person's answers with their events."""
    pairs = []
    for rsvp in await store.of_person(read, person_id):
        event = await conferences.event_by_id(read, rsvp.event_id)
        if event is not None:
            pairs.append((event, rsvp))
    return tuple(pairs)


async def answer(
    write: Write, *, event: Event, person: Person, answer: Answer, now: datetime
) -> RsvpResult:
    """Record the person's answer.

    Raises:
        Refusal: the event is unknown, cancelled or over, or answers are closed; nothing
            has been changed.
    """
    check_open(event, now)
    if await store.lock_seats(write, event.id) is None:
        raise Refusal("refusal.event-unknown")
    before = await store.find(write, event.id, person.id)
    if before is not None and before.answer is answer:
        return RsvpResult(before, await _seats(write, event.id), changed=False, before=before)
    if before is not None and before.seat is SeatState.CONFIRMED:
        await store.give_back(write, event.id, before.seats)
    new = await _seated(write, Rsvp(event.id, person.id, answer, SeatState.NONE))
    await store.save(write, new, now)
    seated = await _promote(write, event.id, now)
    promoted = tuple(one for one in seated if one.person_id != person.id)
    changed = [person.id, *(one.person_id for one in promoted)]
    await room_cards.count_up(write, event.id, changed)
    recorded = await store.find(write, event.id, person.id) or new
    return RsvpResult(recorded, await _seats(write, event.id), True, before, promoted)


def check_open(event: Event, now: datetime) -> None:
    """Raise a :class:`Refusal` if the event takes no answers at ``now``."""
    if event.status == "cancelled":
        raise Refusal("refusal.event-cancelled")
    if event.is_over(now):
        raise Refusal("refusal.event-over")
    if event.reply_by is not None and now > event.reply_by:
        raise Refusal("refusal.reply-by-passed")


async def with_free_seats_and_waiting(read: Read) -> tuple[Event, ...]:
    """Return events in which somebody waits although a seat is free."""
    found = [
        await conferences.event_by_id(read, event_id)
        for event_id in await store.events_to_promote(read)
    ]
    return tuple(event for event in found if event is not None)


async def promote(write: Write, *, event_id: int, now: datetime) -> tuple[Rsvp, ...]:
    """Give free seats to those who wait, longest first, and return who got one."""
    promoted = await _promote(write, event_id, now)
    if promoted:
        await room_cards.count_up(write, event_id, [one.person_id for one in promoted])
    return promoted


async def _promote(write: Write, event_id: int, now: datetime) -> tuple[Rsvp, ...]:
    await store.lock_seats(write, event_id)
    promoted = []
    while (first := await store.first_waiting(write, event_id)) is not None:
        if not await store.take(write, event_id, first.seats):
            break
        seated = replace(first, seat=SeatState.CONFIRMED, place=None, ahead=None)
        await store.save(write, seated, first.answered_at or now)
        promoted.append(seated)
    return tuple(promoted)


async def _seated(write: Write, rsvp: Rsvp) -> Rsvp:
    if rsvp.answer is not Answer.GOING:
        return rsvp
    nobody_waits = await store.first_waiting(write, rsvp.event_id) is None
    if nobody_waits and await store.take(write, rsvp.event_id, rsvp.seats):
        return replace(rsvp, seat=SeatState.CONFIRMED)
    place = await store.next_place(write, rsvp.event_id)
    return replace(rsvp, seat=SeatState.WAITLISTED, place=place)


async def _seats(read: Read, event_id: int) -> Seats:
    return await store.seats(read, event_id) or Seats(None, 0)
