"""A desk with an admin, on both databases."""

import pytest

from bot.domain.people import CLI, StaffRole
from bot.services import people
from bot.storage.database import Database
from tests.support.desk import Desk, working_on

ADMIN = "anna@example.org"


@pytest.fixture
async def desk(database: Database) -> Desk:
    desk = await working_on(database)
    now = desk.clock.now()
    await database.write(
        lambda write: people.grant_staff(
            write, email=ADMIN, role=StaffRole.ADMIN, actor=CLI, now=now
        )
    )
    return desk
