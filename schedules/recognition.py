"""People of the roster who have never written are looked for in trusted workspaces."""

import logging

from schedules.job import Bench, Job

log = logging.getLogger(__name__)


async def run(bench: Bench) -> None:
    """Look for one person in each workspace that this process serves.

    One every two seconds: Slack allows fifty look-ups a minute, and people who write need
    some of them.
    """
    for adapter in bench.held():
        await bench.recognition.look_for_next(adapter)


job = Job("recognition", 2.0, run)
