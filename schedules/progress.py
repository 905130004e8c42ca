"""The cards of announcements that are being sent are kept up to date, one edit in 5 s."""

from bot.services import announcement_progress
from schedules.job import Bench, Job


async def run(bench: Bench) -> None:
    """Look once."""
    await announcement_progress.refresh(bench.database, bench.outbox, bench.clock)


job = Job("cards of announcements", announcement_progress.ROUND_SECONDS, run)
