"""Messages to an account that is served no more are skipped, so their announcement can end."""

import logging

from schedules.job import Bench, Job

log = logging.getLogger(__name__)


async def run(bench: Bench) -> None:
    """Look once; a report then names each of them with its reason."""
    if not (await bench.agenda()).sending:
        return
    skipped = await bench.delivery.skip_unserved(bench.clock)
    if skipped:
        log.warning("%d messages were skipped: no adapter here serves their account", skipped)


job = Job("unserved accounts", 30.0, run)
