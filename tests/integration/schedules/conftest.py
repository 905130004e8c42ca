"""The jobs of the bell over a real database, a fake platform and virtual time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.databases import Files
from tests.support.desk import Desk, ScheduledClock, working
from tests.support.fake_adapter import FakeSlack


@pytest.fixture
async def desk(files: Files, tmp_path: Path) -> AsyncIterator[Desk]:
    async with working(files, tmp_path) as made:
        yield made


@pytest.fixture
async def slack(files: Files, tmp_path: Path) -> AsyncIterator[Desk]:
    async with working(files, tmp_path, FakeSlack(ScheduledClock())) as made:
        yield made
