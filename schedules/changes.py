"""Corrections, recalls and cancellations go on, copy by copy."""

from bot.services import announcement_changes
from schedules.job import Bench, Job


async def run(bench: Bench) -> None:
    """Look once, and do what there is to do now."""
    async with bench.database.read() as read:
        is_needed = await announcement_changes.is_needed(read)
    if is_needed:
        await bench.delivery.advance_changes(bench.clock)


job = Job("changes of announcements", 0.5, run)
