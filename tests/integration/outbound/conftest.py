"""Senders run over a SQLite file in virtual time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage.database import Database
from tests.support.databases import Files
from tests.support.fake_adapter import FakeAdapter
from tests.support.hand_clock import SteppingClock, careless
from tests.support.ledger import Ledger


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
async def sqlite(files: Files, tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(await files.fresh(tmp_path, migrated=True))
    careless(database)
    yield database
    await database.close()


@pytest.fixture
def adapter(clock: SteppingClock) -> FakeAdapter:
    return FakeAdapter(clock)


@pytest.fixture
def ledger(sqlite: Database, adapter: FakeAdapter) -> Ledger:
    return Ledger(sqlite, adapter)
