"""Claiming 32 rows while 100,000 of the same account wait for the morning in front of them."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

import pytest
from sqlalchemy import insert, update

from bot.domain.announcement import Announcement, AnnouncementState, Body
from bot.domain.delivery import Lane
from bot.storage import announcements as store
from bot.storage import claims, deliveries, tables
from bot.storage.database import Database, Write
from tests.integration.storage.people import add_members

NOW = datetime(2020, 1, 1, 21, 0, tzinfo=UTC)
WAITING, READY, AT_ONCE, RUNS = 100_000, 1000, 32, 50
OWN = {"platform": "telegram", "account": "bot"}
t: Any = tables


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database with an announcement that is being sent."""
    opened = Database(database_url)
    yield opened
    await opened.close()


async def _announce(write: Write) -> int:
    draft = Announcement(
        *(0, "News", AnnouncementState.SENDING, "all", NOW, NOW.replace(tzinfo=None), "UTC"),
        bodies=(Body("en", "News", "words"),),
    )
    made = await store.add(write, draft, None, NOW)
    await write.count(update(t.Announcement).values(frozen_at=NOW))
    return made


async def _fill(
    database: Database, number: int, addresses: range, not_before: datetime | None
) -> None:
    """Add a row for each of ``addresses``."""
    common = {**OWN, "lane": int(Lane.BULK), "announcement_id": number, "part": 1}
    common |= {"person_id": 1, "not_before": not_before}
    for begin in range(addresses.start, addresses.stop, 5000):
        some = range(begin, min(begin + 5000, addresses.stop))
        await database.write(partial(_insert, [{**common, "address_id": one} for one in some]))


async def _insert(rows: list[dict[str, Any]], write: Write) -> None:
    await write.execute(insert(t.Delivery), rows)


async def _milliseconds(database: Database) -> float:
    """Return the median of a claim of as many rows as the sender takes at once."""
    took = []
    for _ in range(RUNS):

        async def work(write: Write) -> None:
            begin = time.perf_counter()
            rows = await claims.claim(write, **OWN, epoch=1, lane=Lane.BULK, limit=AT_ONCE, now=NOW)
            took.append((time.perf_counter() - begin) * 1000)
            assert len(rows) == AT_ONCE
            await deliveries.give_back(write, [row.id for row in rows], 1)

        await database.write(work)
    return median(took)


async def test_rows_that_wait_cost_a_claim_nothing(database: Database) -> None:
    for begin in range(1, WAITING + READY + 1, 5000):
        await add_members(database, range(begin, begin + 5000))
    number = await database.write(_announce)
    await _fill(database, number, range(1, READY + 1), None)
    alone = await _milliseconds(database)
    await database.write(lambda write: write.count(t.Delivery.__table__.delete()))
    await _fill(database, number, range(1, WAITING + 1), NOW + timedelta(hours=9))
    await _fill(database, number, range(WAITING + 1, WAITING + READY + 1), None)
    behind = await _milliseconds(database)
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    print(f"\n{kind}: claim of {AT_ONCE} alone {alone:.1f} ms, ", end="")
    print(f"behind {WAITING:,} that wait {behind:.1f} ms, ratio {behind / alone:.2f}")
