"""A person's own data: all of it in their hands, or gone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.event import Event
from bot.domain.message import ATTACHMENT_BYTES
from bot.domain.people import Actor, Person
from bot.domain.refusal import Refusal
from bot.domain.rsvp import Rsvp, SeatState
from bot.services import conferences, rsvps
from bot.storage import audit, erasures, personal_data, room_cards
from bot.storage import rsvps as answers
from bot.storage.database import Database, Read, Write

KEPT_DAYS = 180
"""After this the words of conversations are blanked; docs/privacy.md says so too."""
AT_ONCE = 500
_LONG = ("inbox", "delivery")
"""What can be too much for one file: then the oldest of it is left out, and that is said."""


@dataclass(frozen=True, slots=True)
class Promoted:
    """Somebody who moved up because a seat came free."""

    event: Event
    rsvp: Rsvp


async def export(read: Read, person: Person) -> bytes:
    """Return everything that is kept of the person, as JSON that a person can read."""
    of = await personal_data.traces(read, person.id, person.email)
    found = await personal_data.everything(read, of)
    left_out = 0
    while len(content := _written(found, left_out)) > ATTACHMENT_BYTES:
        longest = max(_LONG, key=lambda name: len(found.get(name, ())))
        rows = found.get(longest, [])
        if not rows:
            break
        cut = max(1, len(rows) // 4)
        found = {**found, longest: rows[cut:]}
        left_out += cut
    return content


def _written(found: Mapping[str, Any], left_out: int) -> bytes:
    shown = dict(found) | ({"older_rows_left_out": left_out} if left_out else {})
    return json.dumps(shown, ensure_ascii=False, indent=2, default=str).encode()


async def erase(write: Write, person: Person, now: datetime) -> tuple[Promoted, ...]:
    """Delete the person's data, and give their seats to whoever waits longest.

    Raises:
        Refusal: they are staff, whose role has to be taken away first.
    """
    if person.staff is not None:
        raise Refusal("refusal.erase-staff")
    of = await personal_data.traces(write, person.id, person.email)
    promoted = await _give_seats_back(write, person.id, now)
    await personal_data.take_away(write, of)
    await erasures.note(write, person.email, now)
    who = Actor(f"({personal_data.ERASED})")
    await audit.record(write, actor=who, action="data deleted", subject=who.name, at=now)
    return promoted


async def _give_seats_back(write: Write, person_id: int, now: datetime) -> tuple[Promoted, ...]:
    """Give back what the answers hold, event after event, each with its counter row first."""
    mine = sorted(await answers.of_person(write, person_id), key=lambda one: one.event_id)
    promoted: list[Promoted] = []
    for rsvp in mine:
        await answers.lock_seats(write, rsvp.event_id)
        await room_cards.count_up(write, rsvp.event_id, [person_id])
        if rsvp.seat is SeatState.CONFIRMED:
            await answers.give_back(write, rsvp.event_id, rsvp.seats)
        await answers.forget(write, rsvp.event_id, person_id)
        event = await conferences.event(write, rsvp.event_id)
        moved = await rsvps.promote(write, event_id=rsvp.event_id, now=now)
        promoted += [Promoted(event, one) for one in moved]
    return tuple(promoted)


async def tidy(database: Database, now: datetime) -> int:
    """Forget erased accounts whose last message has left, and blank what is old."""
    before = now - timedelta(days=KEPT_DAYS)

    async def work(write: Write) -> int:
        await personal_data.forget_accounts(write)
        return await personal_data.blank_old(write, before, AT_ONCE)

    return await database.write(work)
