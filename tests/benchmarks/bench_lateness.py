"""How late an announcement is with 10,000 of them scheduled: from its instant to its arrival.

Most lie in the future, a fifth of all depends on an event; 300 are due at random instants
within a minute, each for one person. The arrival at the platform comes after the first row
is claimed, so what is promised of the claim holds if it holds here. Beside it, in the same
run, APScheduler alone with the same instants and nothing to do.
"""

import random
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.domain.announcement import Announcement, AnnouncementState, Body
from bot.domain.timing import Due, Timing
from bot.services import conferences
from bot.storage import announcements as store
from bot.storage.database import Database, Write
from tests.e2e.conftest import postgres_server, postgres_url  # noqa: F401 - fixtures
from tests.e2e.support import World, until, world

SCHEDULED, BY_EVENT, DUE, PEOPLE = 10_000, 2_000, 300, 60
BEGIN, WITHIN = 12.0, 60.0
CHUNK = 500


def _instants(chance: random.Random, now: datetime) -> list[datetime]:
    at = sorted(chance.uniform(BEGIN, BEGIN + WITHIN) for _ in range(DUE))
    return [now + timedelta(seconds=one) for one in at]


def _announcement(number: int, due: datetime, timing: Timing) -> Announcement:
    return Announcement(
        id=0,
        title=f"L{number}",
        state=AnnouncementState.SCHEDULED,
        audience=f"tag:p{number % PEOPLE}",
        due=due,
        due_local=due.replace(tzinfo=None),
        zone="UTC",
        bodies=(Body("en", f"L{number}", "Words."),),
        timing=timing,
        before=timedelta(days=3 + number % 200),
    )


async def _fill(here: World, instants: Sequence[datetime]) -> None:
    database = Database(here.settings["CONVOKE_DATABASE_URL"])
    now = datetime.now(UTC)
    far = [now + timedelta(days=20, minutes=at) for at in range(SCHEDULED - DUE)]
    rows = [
        _announcement(at, due, Timing.EVENT if at >= SCHEDULED - BY_EVENT else Timing.INSTANT)
        for at, due in enumerate([*instants, *far])
    ]
    try:
        async with database.read() as read:
            event = await conferences.event_named(read, "forum")

        async def add(write: Write, chunk: Sequence[Announcement]) -> None:
            for one in chunk:
                before = event.id if one.timing is Timing.EVENT else None
                await store.add(write, one, None, now, before)

        for at in range(0, SCHEDULED, CHUNK):
            await database.write(partial(add, chunk=rows[at : at + CHUNK]))
    finally:
        await database.close()


def _arrivals(here: World) -> dict[str, float]:
    seen = [one for user in here.everybody() for one in here.from_bot(user)]
    return {one.text.split("\n")[0]: one.at for one in seen if one.text.startswith("L")}


async def _bare(instants: Sequence[datetime]) -> list[float]:
    """Return how late APScheduler is by itself."""
    late: list[float] = []
    scheduler = AsyncIOScheduler(timezone="UTC")

    async def ring(due: datetime) -> None:
        late.append((datetime.now(UTC) - due).total_seconds())

    for due in instants:
        scheduler.add_job(ring, "date", run_date=due, args=(due,), misfire_grace_time=None)
    scheduler.start()
    await until(lambda: len(late) == len(instants), "all have rung", WITHIN + BEGIN + 20)
    scheduler.shutdown()
    return late


def _figures(late: Sequence[float]) -> str:
    cuts = statistics.quantiles(late, n=100)
    named = {"p50": cuts[49], "p99": cuts[98], "worst": max(late)}
    return ", ".join(f"{name} {figure * 1000:.0f} ms" for name, figure in named.items())


async def lateness(folder: Path, name: str, **settings: str) -> None:
    chance = random.Random(3)
    async with world(folder, CONVOKE_ADAPTERS="telegram", **settings) as here:
        people = here.add_people(PEOPLE)
        tagged = [{**one, "tags": f"p{at}"} for at, one in enumerate(people)]
        await here.done("roster", "import", here.write_roster(tagged))
        await here.done("import", here.write_conference())
        instants = _instants(chance, datetime.now(UTC))
        await _fill(here, [one + timedelta(days=1) for one in instants])
        run = await here.started(CONVOKE_ADAPTERS="telegram")
        instants = _instants(chance, datetime.now(UTC))
        await _set_due(here, instants)
        offset = time.time() - time.monotonic()
        await until(lambda: len(_arrivals(here)) == DUE, "all have arrived", WITHIN + BEGIN + 120)
        came = _arrivals(here)
        late = [came[f"L{at}"] + offset - due.timestamp() for at, due in enumerate(instants)]
        await run.stopped()
    bare = await _bare(_instants(random.Random(3), datetime.now(UTC)))
    ratio = statistics.quantiles(late, n=100)[98] / statistics.quantiles(bare, n=100)[98]
    print(f"\n{name}, {SCHEDULED} scheduled, {DUE} due: {_figures(late)}")
    print(f"APScheduler alone: {_figures(bare)}; ratio of p99 {ratio:.1f}")


async def _set_due(here: World, instants: Sequence[datetime]) -> None:
    """Let those that were stored first be due soon, now that the service is there."""
    database = Database(here.settings["CONVOKE_DATABASE_URL"])

    async def work(write: Write) -> None:
        for at, due in enumerate(instants, 1):
            await store.set_due(write, at, Due(due, due.replace(tzinfo=None), "UTC"))

    try:
        await database.write(work)
    finally:
        await database.close()


async def test_lateness_on_sqlite(tmp_path: Path) -> None:
    await lateness(tmp_path, "SQLite")


@pytest.mark.postgres
async def test_lateness_on_postgresql(tmp_path: Path, postgres_url: str) -> None:  # noqa: F811 - the fixture
    await lateness(tmp_path, "PostgreSQL", CONVOKE_DATABASE_URL=postgres_url)
