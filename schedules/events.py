"""Announcements that come before an event move when it moves."""

import logging

from bot.services import announcement_times
from schedules.job import Bench, Job

log = logging.getLogger(__name__)


async def run(bench: Bench) -> None:
    """Look once."""
    now = bench.clock.now()
    async with bench.database.read() as read:
        if not await announcement_times.any_moved(read, now):
            return
    moved = await bench.database.write(lambda write: announcement_times.follow_events(write, now))
    for one in moved:
        due = "its event has no date" if one.waits_for_date else f"{one.due:%Y-%m-%d %H:%MZ}"
        log.info("announcement %d is due elsewhen now: %s", one.id, due)


job = Job("announcements before events", 5.0, run)
