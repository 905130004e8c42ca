"""Those who join in time get what is meant for latecomers as well."""

import logging

from schedules.job import Bench, Job

log = logging.getLogger(__name__)


async def run(bench: Bench) -> None:
    """Look once."""
    added = await bench.delivery.add_latecomers(bench.clock)
    if added:
        log.info("%d chats of latecomers get what was sent before they joined", added)


job = Job("latecomers", 30.0, run)
