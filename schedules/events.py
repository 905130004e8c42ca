"""Announcements that come before an event move when it moves."""

import logging

from bot.domain.timing import NO_DATE
from bot.services import announcement_times
from schedules.job import Bench, Job

log = logging.getLogger(__name__)


async def run(bench: Bench) -> None:
    """Look once."""
    async with bench.database.read() as read:
        if not await announcement_times.moved_by_events(read):
            return
    for plan, due in await bench.database.write(announcement_times.follow_events):
        when = "its event has no date" if due.at >= NO_DATE else f"{due.at:%Y-%m-%d %H:%MZ}"
        log.info("announcement %d is due elsewhen now: %s", plan.id, when)


job = Job("announcements before events", 5.0, run)
