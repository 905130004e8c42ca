"""Cards in rooms follow the answers, a few seconds later and never before an announcement."""

from schedules.job import Bench, Job


async def run(bench: Bench) -> None:
    """Refresh the cards whose answers have changed and whose turn it is."""
    await bench.cards.refresh(bench.database)


job = Job("rooms", 1.0, run)
