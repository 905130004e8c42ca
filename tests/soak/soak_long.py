"""``make soak``: the long form, on both databases; the figures are printed.

``CONVOKE_SOAK_ACTIONS`` and ``CONVOKE_SOAK_KILLS`` make it longer, ``CONVOKE_SOAK_SEED`` another.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.conftest import postgres_server, postgres_url  # noqa: F401 - fixtures
from tests.e2e.support import tell, world
from tests.soak.soak import Plan, soak

LONG = Plan(
    telegram=150,
    slack=50,
    actions=int(os.environ.get("CONVOKE_SOAK_ACTIONS", "3600")),
    pause=0.08,
    weather=0.5,
    kills=int(os.environ.get("CONVOKE_SOAK_KILLS", "20")),
    greetings=2,
    seed=int(os.environ.get("CONVOKE_SOAK_SEED", "7")),
    reconcile_seconds=300,
)
RATE = {"CONVOKE_LOG_LEVEL": "INFO"}


async def test_an_hour_on_sqlite(tmp_path: Path) -> None:
    async with world(tmp_path, **RATE) as here:
        outcome = await soak(here, LONG)
    tell("soak on SQLite", outcome.figures)
    assert outcome.found == []


@pytest.mark.postgres
async def test_an_hour_on_postgresql_in_two_processes(tmp_path: Path, postgres_url: str) -> None:  # noqa: F811 - the fixture
    async with world(tmp_path, CONVOKE_DATABASE_URL=postgres_url, **RATE) as here:
        outcome = await soak(here, replace(LONG, processes=2))
    tell("soak on PostgreSQL, two processes", outcome.figures)
    assert outcome.found == []
