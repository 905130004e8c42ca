"""A desk with an admin, on both databases."""

import pytest

from bot.domain.address import AccountRef
from bot.domain.people import CLI, Person, StaffRole
from bot.services import joining, people
from bot.storage import accounts
from bot.storage import people as store
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


async def person_of(desk: Desk, email: str) -> Person:
    async with desk.database.read() as read:
        found = await store.by_email(read, email)
    assert found is not None
    return found


async def invited(desk: Desk, email: str, days: int = 30) -> str:
    """Return a fresh invitation for somebody of the roster."""
    person = await person_of(desk, email)
    return await desk.database.write(
        lambda write: joining.invite(write, person, actor=CLI, now=desk.clock.now(), days=days)
    )


async def unlinked_contact(desk: Desk, email: str = "dora@example.org", name: str = "Dora") -> None:
    """Put somebody into the roster who is on no messenger."""
    anna = await person_of(desk, ADMIN)
    assert anna.organisation is not None
    organisation_id = anna.organisation.id
    await desk.database.write(
        lambda write: store.add_contact(
            write, name=name, email=email, organisation_id=organisation_id
        )
    )


async def account_of(desk: Desk, user: str) -> str:
    """Return whose the account is, by e-mail address; ``""`` if nobody's."""
    async with desk.database.read() as read:
        found = await accounts.find(read, AccountRef("fake", "bot", user))
        if found is None or found.person_id is None:
            return ""
        person = await store.by_id(read, found.person_id)
    assert person is not None
    return person.email
