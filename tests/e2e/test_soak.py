"""The short form of ``make soak``: minutes of members, all faults, kills, on both databases."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.support import tell, world
from tests.soak.soak import Plan, soak

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(400)]

SHORT = Plan(telegram=30, slack=8, actions=300, pause=0.035, weather=0.35, kills=2, greetings=1)


async def test_soak_on_sqlite(tmp_path: Path) -> None:
    async with world(tmp_path, CONVOKE_LOG_LEVEL="INFO") as here:
        outcome = await soak(here, SHORT)
    tell("soak", outcome.figures)
    assert outcome.found == []


@pytest.mark.postgres
async def test_soak_on_postgresql_in_two_processes(tmp_path: Path, postgres_url: str) -> None:
    settings = {"CONVOKE_DATABASE_URL": postgres_url, "CONVOKE_LOG_LEVEL": "INFO"}
    async with world(tmp_path, **settings) as here:
        outcome = await soak(here, replace(SHORT, processes=2))
    tell("soak", outcome.figures)
    assert outcome.found == []
