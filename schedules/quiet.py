"""What is still to be sent waits for the morning of those whose quiet hours have begun."""

import logging

from schedules.job import Bench, Job

log = logging.getLogger(__name__)


async def run(bench: Bench) -> None:
    """Look once, while anything is being sent."""
    if not (await bench.agenda()).sending:
        return
    put_off = await bench.delivery.put_off_quiet(bench.clock)
    if put_off:
        log.info("%d messages wait for the end of quiet hours", put_off)


job = Job("quiet hours", 15.0, run)
"""A message may thus reach somebody in the first 15 seconds of their quiet hours."""
