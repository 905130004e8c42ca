"""Fixing an audience: how long, how evenly, and what a member's message waits meanwhile.

``CONVOKE_BENCH_RECIPIENTS=1000000`` measures the largest; without it 100,000 is. Beside the
time stands the processor's, of this process and of all of PostgreSQL's: on a machine that is
busy otherwise only that can be compared.
"""

import asyncio
import os
import resource
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Any

import pytest
from sqlalchemy import text, update

from bot.adapters.base import Pace
from bot.clock import SystemClock
from bot.domain.address import AccountRef, Address
from bot.domain.announcement import Announcement, AnnouncementState, Body
from bot.domain.delivery import Lane
from bot.domain.incoming import Said
from bot.services.delivery import Delivery
from bot.services.introductions import Introductions
from bot.services.readers import Readers
from bot.storage import announcements as store
from bot.storage import inbox, tables
from bot.storage.database import Database, Write
from tests.support.fake_adapter import FakeAdapter

LARGEST = int(os.environ.get("CONVOKE_BENCH_RECIPIENTS", "100000"))
SIZES = tuple(size for size in (1_000, 10_000, 100_000, 1_000_000) if size <= LARGEST)
NOW = datetime(2020, 1, 1, 12, tzinfo=UTC)
PAUSE = 0.02
t: Any = tables


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


NUMBERS = (
    "WITH RECURSIVE n(i) AS (SELECT CAST(:low AS integer) UNION ALL "
    "SELECT i + 1 FROM n WHERE i < CAST(:high AS integer)) "
)
FILL = (
    "INSERT INTO person (id, email, names, title, family_name, organisation_id, role, locale, "
    "language, timezone, stopped, zone, preferred, quiet_from, quiet_until) "
    "{numbers} SELECT i, 'p' || i || '@example.org', '{{}}', '', '', i % 90 + 1, 'contact', "
    "CASE WHEN i % 3 = 0 THEN 'zh' ELSE 'en' END, '', 'Europe/Zurich', {no}, '', '', '', '' FROM n",
    'INSERT INTO account (id, platform, account, "user", person_id, locale, name, zone, linked_by) '
    "{numbers} SELECT i, 'fake', 'bot', CAST(i AS varchar), i, '', '', '', '' FROM n",
    "INSERT INTO address (id, platform, account, chat, thread, account_id, unreachable, "
    "introduced_at) {numbers} SELECT i, 'fake', 'bot', CAST(i AS varchar), '', i, '', :now FROM n",
)


async def fill(database: Database, low: int, high: int) -> None:
    """Add people, each with a chat, with numbers from ``low`` to ``high``."""
    no = "0" if database.is_sqlite else "false"

    async def work(write: Write) -> None:
        for statement in FILL:
            # On both databases the WITH stands behind the INSERT.
            sql = statement.format(numbers=NUMBERS, no=no)
            values: dict[str, Any] = {"low": low, "high": high}
            if ":now" in sql:
                values["now"] = NOW if not database.is_sqlite else "2020-01-01 12:00:00.000000"
            await write.execute(text(sql), values)

    await database.write(work)


async def organisations(database: Database) -> None:
    rows = [
        {"id": n, "slug": f"c{n}", "names": {"": f"C {n}"}, "country": "CH"} for n in range(1, 91)
    ]
    await database.write(lambda write: write.execute(t.Organisation.__table__.insert(), rows))


async def begin(database: Database) -> int:
    draft = Announcement(
        *(0, "News", AnnouncementState.SENDING, "all", NOW, NOW.replace(tzinfo=None), "UTC"),
        bodies=(Body("en", "News", "words"), Body("zh", "新闻", "文字")),
    )
    return await database.write(lambda write: store.add(write, draft, None, NOW))


class Member:
    """Somebody who writes all the time; how long the inbox takes is what is measured."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._number = 0
        self.waits: list[float] = []

    async def write(self) -> None:
        while True:
            self._number += 1
            said = Said(
                delivery_id=f"{time.time_ns()}-{self._number}",
                at=NOW,
                where=Address("fake", "bot", "1"),
                who=AccountRef("fake", "bot", "1"),
                is_direct=True,
                text="hello",
            )
            begun = time.perf_counter()
            storing = partial(inbox.store, incoming=said, now=NOW)
            await self._database.write(storing, Lane.CONVERSATION)
            self.waits.append((time.perf_counter() - begun) * 1000)
            await asyncio.sleep(PAUSE)

    def p99(self) -> float:
        return quantiles(self.waits, n=100)[98]


async def writes_for(database: Database, seconds: float) -> float:
    member = Member(database)
    task = asyncio.create_task(member.write())
    await asyncio.sleep(seconds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return member.p99()


async def test_an_audience_is_fixed_while_members_write(database: Database) -> None:
    clock = SystemClock()
    adapter = FakeAdapter(clock, pace=Pace(account=1.0, bulk=1.0, chat=1.0, room=1.0))
    introductions = Introductions(lambda language: "the Alliance", clock)
    delivery = Delivery(database, {"fake": adapter}, Readers("en", "UTC"), introductions)
    await organisations(database)
    idle = await writes_for(database, 4.0)
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    print(f"\n{kind}: a member's message alone, p99 {idle:.1f} ms")
    have, first = 0, 0.0
    for size in SIZES:
        for low in range(have + 1, size + 1, 50_000):
            await fill(database, low, min(low + 49_999, size))
        have = size
        number = await begin(database)
        member = Member(database)
        task = asyncio.create_task(member.write())
        await asyncio.sleep(0.1)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        ours, theirs = time.process_time(), servers_time()
        begun = time.perf_counter()
        await delivery.freeze_due(clock)
        took = time.perf_counter() - begun
        ours, theirs = time.process_time() - ours, servers_time() - theirs
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        each = took / size * 1e6
        first = first or each
        p99 = member.p99() if len(member.waits) > 5 else max(member.waits)
        print(
            f"{size:>9,} recipients in {took:6.2f} s, {each:5.1f} µs each (ratio {each / first:.2f}"
            f"), processor {ours:.1f} + {theirs:.1f} s, a message meanwhile p99 {p99:.1f} ms, "
            f"memory +{grown:.0f} MiB"
        )
        await database.write(partial(end, number=number))


def servers_time() -> float:
    """Return how many seconds PostgreSQL's processes have had of the processor, 0 elsewhere."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:  # it has ended
            continue
        if name.endswith("(postgres"):
            ticks += sum(int(one) for one in rest.split()[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


async def end(write: Write, number: int) -> None:
    this = t.Announcement
    await write.count(update(this).where(this.id == number).values(state="sent"))
