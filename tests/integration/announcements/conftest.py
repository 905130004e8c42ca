"""A desk with an editor, on both databases."""

import pytest

from bot.domain.people import CLI, StaffRole
from bot.services import people
from bot.storage.database import Database
from tests.support.desk import Desk, working_on

EDITOR = "anna@example.org"


@pytest.fixture
async def desk(database: Database) -> Desk:
    """Anna (user 100, an editor), Bo (200, reads Chinese) and Chi (300)."""
    desk = await working_on(database)
    now = desk.clock.now()
    await database.write(
        lambda write: people.grant_staff(
            write, email=EDITOR, role=StaffRole.EDITOR, actor=CLI, now=now
        )
    )
    return desk
