"""An account that nobody here serves is skipped with its reason, before or after the freeze."""

from datetime import UTC, datetime

from sqlalchemy import text

from bot.domain.announcement import Announcement, AnnouncementState, Body
from bot.domain.audience import All
from bot.domain.people import CLI, ContactRole, RosterRow
from bot.services import roster
from bot.storage import announcements, delivery_reports
from bot.storage.database import Database
from bot.storage.freeze import Freezing, freeze_chunk, prepare
from bot.storage.unserved import skip_unserved

NOW = datetime(2019, 12, 31, tzinfo=UTC)
OURS = {"slack": "T1", "telegram": "77"}


def _row(number: int, *accounts: tuple[str, str, str]) -> RosterRow:
    return RosterRow(
        line=number,
        organisation_slug=f"center-{number}",
        organisation_names={"": f"Center {number}"},
        country="",
        names={"": f"Member {number}"},
        email=f"m{number}@example.org",
        role=ContactRole.CONTACT,
        locale="",
        timezone="",
        accounts=accounts,
    )


async def _sending(database: Database, own: dict[str, str]) -> int:
    rows = [
        _row(2, ("slack", "T1", "U1")),
        _row(3, ("slack", "TWRONG", "U2")),
        _row(4, ("telegram", "", "5")),
    ]
    await database.write(lambda write: roster.save(write, rows, own={}, actor=CLI, now=NOW))
    draft = Announcement(
        id=0,
        title="Hello",
        state=AnnouncementState.SENDING,
        audience="all",
        due=NOW,
        due_local=NOW.replace(tzinfo=None),
        zone="UTC",
        bodies=(Body("en", "Hello", "Hello"),),
    )
    number = await database.write(lambda write: announcements.add(write, draft, None, NOW))
    async with database.read() as read:
        stored = await announcements.find(read, number)
    assert stored is not None
    how = Freezing(All(), "UTC", ("telegram", "slack"), {}, own)
    while not await database.write(lambda write: freeze_chunk(write, prepare(stored, how), NOW)):
        pass
    return number


async def _reasons(database: Database, number: int) -> dict[str, str]:
    async with database.read() as read:
        rows = await delivery_reports.unreached(read, number)
    return {to: reason for _state, reason, _platform, to in rows}


async def test_a_wrong_workspace_is_skipped_at_the_freeze(database: Database) -> None:
    number = await _sending(database, OURS)
    assert await _reasons(database, number) == {"m3@example.org": "other_account"}
    async with database.read() as read:
        assert (await delivery_reports.tally(read, number)).pending == 2


async def test_while_our_account_is_unknown_everything_waits(database: Database) -> None:
    number = await _sending(database, {})
    assert await _reasons(database, number) == {}
    skipped = await database.write(
        lambda write: skip_unserved(write, ("telegram", "slack"), OURS, NOW)
    )
    assert skipped == 1
    assert await _reasons(database, number) == {"m3@example.org": "other_account"}


async def test_an_adapter_that_was_taken_away_lets_the_announcement_end(
    database: Database,
) -> None:
    number = await _sending(database, OURS)
    await database.write(lambda write: skip_unserved(write, ("telegram",), OURS, NOW))
    reasons = await _reasons(database, number)
    assert reasons == {"m2@example.org": "no_adapter", "m3@example.org": "other_account"}
    async with database.read() as read:
        left = await read.all(text("SELECT platform FROM delivery WHERE state = 'pending'"))
    assert [row.platform for row in left] == ["telegram"]
