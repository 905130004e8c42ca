"""What dead processes held is handled by those that live."""

import logging

from bot.services import upkeep
from schedules.job import Bench, Job

log = logging.getLogger(__name__)


async def run(bench: Bench) -> None:
    """Free the updates of processes whose lease has ended."""
    freed = await upkeep.free_orphans(bench.database)
    if freed:
        log.warning("%d updates of a process that died are handled again", freed)


job = Job("inbox", 2.0, run)
