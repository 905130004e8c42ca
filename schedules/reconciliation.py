"""Messages of unknown fate are looked up, where the platform can tell."""

import logging

from schedules.job import Bench, Job

log = logging.getLogger(__name__)


async def run(bench: Bench) -> None:
    """Settle some unconfirmed messages of each account that this process holds."""
    for adapter in bench.held():
        settled = await bench.reconciler.run(bench.database, adapter, bench.clock, bench.grace)
        if settled:
            log.info("%s: %d unconfirmed messages are settled", adapter.name, settled)


job = Job("reconciliation", 5.0, run)
