"""A bot, its members and rooms, on both databases."""

import pytest

from bot.storage.database import Database
from tests.support.desk import Desk, ScheduledClock, working_on
from tests.support.fake_adapter import FakeSlack


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await working_on(database)


@pytest.fixture
async def slack(database: Database) -> Desk:
    return await working_on(database, FakeSlack(ScheduledClock()))
