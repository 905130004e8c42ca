"""Seats that came free otherwise (staff raised the capacity) go to those who wait."""

from functools import partial

from bot.domain.event import Event
from bot.services import rsvps
from bot.services.outbox import Cause
from bot.storage.database import Write
from bot.views.rsvps import promoted_to
from schedules.job import Bench, Job


async def run(bench: Bench) -> None:
    """Promote in every event that has both free seats and a waiting list."""
    async with bench.database.read() as read:
        events = await rsvps.with_free_seats_and_waiting(read)
    for event in events:
        await bench.database.write(partial(_promote, bench, event))


async def _promote(bench: Bench, event: Event, write: Write) -> None:
    for rsvp in await rsvps.promote(write, event_id=event.id, now=bench.clock.now()):
        await bench.outbox.tell(write, rsvp.person_id, partial(promoted_to, event), Cause())


job = Job("waitlist", 3.0, run)
