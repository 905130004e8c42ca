"""Every test of a handler starts with its own database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.handlers.talk import Talk, talking


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path) as made:
        yield made
