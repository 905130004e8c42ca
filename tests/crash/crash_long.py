"""``make crash``: at least 200 kills, on both databases, in one and two processes.

``CONVOKE_CRASH_KILLS`` changes how many there are, ``CONVOKE_CRASH_SEED`` when they come. On
PostgreSQL a successor waits for the lease of whom it follows, so a kill takes ten seconds.
"""

import os
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.crash.crash import Crash, Plan
from tests.e2e.conftest import postgres_server, postgres_url  # noqa: F401 - fixtures
from tests.e2e.support import tell, world

KILLS = int(os.environ.get("CONVOKE_CRASH_KILLS", "210"))
SEED = int(os.environ.get("CONVOKE_CRASH_SEED", "5"))
RATE = {"CONVOKE_TELEGRAM_RATE": "25"}


async def crashed(folder: Path, kills: int, processes: int, **settings: str) -> None:
    plan = Plan(max(200, 22 * kills), 24, kills, max(2, kills // 12), processes, SEED)
    async with world(folder, **RATE, **settings) as here:
        count = await Crash(here, plan).play()
    tell(f"{settings.get('CONVOKE_DATABASE_URL', 'sqlite')[:10]}, {processes}", asdict(count))
    assert count.found == []


async def test_sqlite(tmp_path: Path) -> None:
    await crashed(tmp_path, KILLS * 2 // 3, 1)


@pytest.mark.postgres
async def test_postgresql(tmp_path: Path, postgres_url: str) -> None:  # noqa: F811 - the fixture
    await crashed(tmp_path, KILLS // 6, 1, CONVOKE_DATABASE_URL=postgres_url)


@pytest.mark.postgres
async def test_postgresql_in_two_processes(tmp_path: Path, postgres_url: str) -> None:  # noqa: F811 - the fixture
    await crashed(tmp_path, KILLS // 6, 2, CONVOKE_DATABASE_URL=postgres_url)
