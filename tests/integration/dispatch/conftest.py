"""Each test has its own members, bot and database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.databases import Files
from tests.support.desk import Desk, working


@pytest.fixture
async def desk(files: Files, tmp_path: Path) -> AsyncIterator[Desk]:
    async with working(files, tmp_path) as made:
        yield made
