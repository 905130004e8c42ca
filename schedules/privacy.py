"""What is kept no longer is blanked; erased accounts lose their last trace."""

import logging

from bot.services import privacy
from schedules.job import Bench, Job

log = logging.getLogger(__name__)


async def run(bench: Bench) -> None:
    """Tidy once, some hundred rows at a time."""
    blanked = await privacy.tidy(bench.database, bench.clock.now())
    if blanked:
        log.info("%d old messages lost their words", blanked)


job = Job("privacy", 60.0, run)
