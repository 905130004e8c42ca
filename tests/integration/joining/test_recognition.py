"""Recognised by e-mail: only where the workspace is trusted, and never who must not be."""

from dataclasses import replace

import pytest

from bot.domain.address import AccountRef
from bot.domain.outcome import Later, Scope
from bot.domain.people import CLI, StaffRole
from bot.domain.profile import Profile
from bot.services import people
from bot.storage import accounts, linking
from bot.storage.database import Database
from schedules import recognition as job
from tests.integration.joining.conftest import ADMIN, unlinked_contact
from tests.support.desk import TRUSTED, Desk, ScheduledClock, working_on
from tests.support.fake_adapter import FakeAdapter

DORA = Profile("700", "dora@example.org", "dora", "de", "Europe/Zurich", is_member=True)
(TEAM,) = TRUSTED


class Directory(FakeAdapter):
    """A workspace with a directory."""

    def __init__(self, account: str = TEAM) -> None:
        super().__init__(ScheduledClock(), account=account)
        self.profiles: list[Profile] = [DORA]
        self.away = False
        self.asked: list[str] = []

    async def profile_of(self, user: str) -> Profile | Later | None:
        self.asked.append(user)
        if self.away:
            return Later(1.0, Scope.ACCOUNT)
        return next((one for one in self.profiles if one.user == user), None)

    async def find_by_email(self, email: str) -> Profile | Later | None:
        self.asked.append(email)
        if self.away:
            return Later(1.0, Scope.ACCOUNT)
        return next((one for one in self.profiles if one.email == email), None)


async def opened(database: Database, account: str = TEAM) -> tuple[Desk, Directory]:
    directory = Directory(account)
    desk = await working_on(database, directory)
    now = desk.clock.now()
    await database.write(
        lambda write: people.grant_staff(
            write, email=ADMIN, role=StaffRole.ADMIN, actor=CLI, now=now
        )
    )
    await unlinked_contact(desk)
    return desk, directory


async def owner(desk: Desk, user: str, account: str = TEAM) -> int | None:
    async with desk.database.read() as read:
        found = await accounts.find(read, AccountRef("fake", account, user))
        return found.person_id if found else None


async def test_who_writes_is_recognised_and_told_how(database: Database) -> None:
    desk, _directory = await opened(database)
    welcome, answer = await desk.say("700", "Where will the meetings be held?")
    assert "I know you by your e-mail address, dora@example.org." in welcome
    assert "Beijing" in answer
    assert await owner(desk, "700") is not None
    async with database.read() as read:
        found = await accounts.find(read, AccountRef("fake", TEAM, "700"))
        assert found is not None
        known = await linking.account(read, found.id)
    assert known is not None
    assert known.linked_by == "email"
    (second,) = await desk.say("700", "Where will the meetings be held?")
    assert "I know you" not in second


@pytest.mark.parametrize(
    "profile",
    [
        replace(DORA, is_member=False),
        replace(DORA, email=""),
        replace(DORA, email="nobody@example.org"),
        replace(DORA, email=ADMIN),
        replace(DORA, email="chi@example.org"),
    ],
    ids=["guest", "no address", "stranger", "staff", "linked there already"],
)
async def test_who_must_not_be_recognised(database: Database, profile: Profile) -> None:
    desk, directory = await opened(database)
    directory.profiles = [profile]
    said = await desk.say("700", "/start")
    assert not any("I know you" in one for one in said)
    assert await owner(desk, "700") is None


async def test_an_untrusted_workspace_is_not_even_asked(database: Database) -> None:
    desk, directory = await opened(database, account="elsewhere")
    await desk.say("700", "/start")
    assert directory.asked == []
    assert await owner(desk, "700", "elsewhere") is None


async def test_a_directory_that_is_away_is_asked_again(database: Database) -> None:
    desk, directory = await opened(database)
    directory.away = True
    await desk.say("700", "/start")
    assert await owner(desk, "700") is None
    directory.away = False
    await desk.say("700", "/start")
    assert await owner(desk, "700") is not None


async def test_an_unknown_one_is_not_looked_up_at_every_word(database: Database) -> None:
    desk, directory = await opened(database)
    directory.profiles.append(replace(DORA, user="999", email="nobody@example.org"))
    for _time in range(3):
        await desk.say("999", "/help")
    assert directory.asked == ["999"]
    desk.clock.advance(601)
    await desk.say("999", "/help")
    assert directory.asked == ["999", "999"]


async def test_those_who_never_wrote_are_found_one_by_one_and_get_what_is_announced(
    database: Database,
) -> None:
    desk, directory = await opened(database)
    for _ring in range(10):
        await job.run(desk.bench)
    assert await owner(desk, "700") is not None
    assert ADMIN not in directory.asked, "nobody looks for staff"
    asked = len(directory.asked)
    for _ring in range(10):
        await job.run(desk.bench)
    assert len(directory.asked) == asked, "a pass a day"
    await unlinked_contact(desk, "eva@example.org", "Eva")
    desk.clock.advance(24 * 3600 + 1)
    for _ring in range(3):
        await job.run(desk.bench)
    assert directory.asked[asked:] == ["eva@example.org"], "a day later, whoever is new"


async def test_a_platform_that_asks_to_wait_loses_nobody(database: Database) -> None:
    desk, directory = await opened(database)
    directory.away = True
    await job.run(desk.bench)
    directory.away = False
    for _ring in range(3):
        await job.run(desk.bench)
    assert await owner(desk, "700") is not None
