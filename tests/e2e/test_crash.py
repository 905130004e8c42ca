"""The short form of ``make crash``: a few kills with every fault on."""

from dataclasses import asdict
from pathlib import Path

import pytest

from tests.crash.crash import Crash, Plan
from tests.e2e.support import tell, world

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(500)]

# Nobody on Slack: a change there waits 90 s until the unknown copies are looked up.
SHORT = Plan(telegram=100, slack=0, kills=4, later=1, reconciles=False)


async def test_broadcasts_under_kills_and_faults(tmp_path: Path) -> None:
    async with world(tmp_path, CONVOKE_TELEGRAM_RATE="25") as here:
        count = await Crash(here, SHORT).play()
    tell("crash", asdict(count))
    assert count.found == []
    assert count.kills >= SHORT.kills + 2 * SHORT.later
