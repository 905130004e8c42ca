"""Chats that a scheduled announcement will need are opened ahead, slowly."""

import logging

from bot.services import opening_ahead
from schedules.job import Bench, Job

log = logging.getLogger(__name__)


async def run(bench: Bench) -> None:
    """Look once for each account that this process holds."""
    for adapter in bench.held():
        added = await opening_ahead.add(bench.database, adapter, bench.clock.now())
        if added:
            log.debug("%s: %d direct chats are opened ahead", adapter.name, added)


job = Job("openings ahead", 10.0, run)
