"""Conferences and rosters: importing again doubles nothing, changing keeps what hangs on it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from bot.domain.address import AccountRef
from bot.domain.event import Conference, Entry, Event, Session
from bot.domain.people import CLI, ContactRole, ImportReport, RosterRow
from bot.domain.refusal import Refusal
from bot.domain.rsvp import Answer
from bot.domain.zoned import event_time
from bot.importers.conference_folder import read_conference
from bot.services import conferences, roster, rsvps
from bot.storage import accounts, audit, key_values, people, tables
from bot.storage import conferences as conference_rows
from bot.storage.database import Database, Write
from tests.integration.storage.people import row

NOW = datetime(2020, 1, 1, tzinfo=UTC)
LIGHTHOUSE = Path(__file__).parents[2] / "data" / "conferences" / "lighthouse"
ZONE = "Asia/Shanghai"
FORUM = Event(
    "forum",
    "alliance",
    {"": "Forum", "zh": "论坛"},
    aka=("the forum",),
    zone=ZONE,
    date_note={"": "Spring."},
    capacity=5,
    reply_by=NOW + timedelta(days=9, microseconds=5),
    facts={"phases": ["a", {"b": [1, None, True, 1.5]}], "url": "https://x"},
    source="alliance/events.yaml#forum",
)
DAY = replace(FORUM, slug="day", start=event_time(date(2020, 5, 1), ZONE), titles={"": "Day"})
TALK = Session(
    "t1", "Talk", speakers=("A", "B"), start=event_time(datetime(2020, 5, 1, 9), ZONE), source="s"
)
ENTRY = Entry("alliance/faq.md#a", "alliance", ("FAQ", "A"), "Words.", "en")
OTHER = replace(ENTRY, source="alliance/faq.md#b")
ALLIANCE = Conference("alliance", (FORUM, DAY), (TALK,), (ENTRY, OTHER))


async def save(
    database: Database, conference: Conference = ALLIANCE, *, complete: bool = True
) -> ImportReport:
    return await database.write(
        lambda write: conferences.save(write, conference, complete=complete, actor=CLI, now=NOW)
    )


async def event(database: Database, name: str = "forum") -> Event:
    async with database.read() as read:
        return await conferences.event_named(read, name)


async def stored(database: Database) -> Conference:
    async with database.read() as read:
        (found,) = await conference_rows.all_conferences(read)
    return found


async def knowledge(database: Database) -> int:
    async with database.read() as read:
        return await key_values.knowledge_version(read)


async def test_importing_again_changes_nothing(database: Database) -> None:
    assert await save(database) == ImportReport(added=5)
    before, version = await stored(database), await knowledge(database)
    assert await save(database) == ImportReport(unchanged=5)
    assert await stored(database) == before
    assert await knowledge(database) == version
    without_ids = tuple(replace(one, id=0) for one in before.events)
    assert replace(before, events=without_ids) == ALLIANCE


async def test_a_real_folder_imported_again_changes_nothing(database: Database) -> None:
    conference, _problems = read_conference(LIGHTHOUSE)
    first = await save(database, conference)
    again = await save(database, read_conference(LIGHTHOUSE)[0])
    assert (again.added, again.changed, again.removed) == (0, 0, 0)
    assert again.unchanged == first.added > 5


@pytest.mark.parametrize(
    "changed",
    [
        replace(FORUM, titles={"": "Forum II"}),
        replace(FORUM, capacity=None),
        replace(FORUM, capacity=6),
        replace(FORUM, start=event_time(date(2020, 5, 2), ZONE)),
        replace(FORUM, reply_by=None),
        replace(FORUM, facts={"phases": []}),
        replace(FORUM, status="cancelled"),
    ],
)
async def test_a_changed_event_keeps_its_number_and_its_answers(
    database: Database, changed: Event
) -> None:
    await save(database)
    before = await event(database)
    person_id = await _answered(database, before)
    report = await save(database, replace(ALLIANCE, events=(changed, DAY)))
    assert report == ImportReport(changed=1, unchanged=4)
    after = await event(database)
    assert after == replace(changed, id=before.id)
    async with database.read() as read:
        status = await rsvps.status(read, after.id, person_id)
    assert status.rsvp is not None
    assert (status.seats.taken, status.seats.capacity) == (1, changed.capacity)


async def _answered(database: Database, to: Event) -> int:
    async def work(write: Write) -> int:
        await roster.save(write, [row(1)], own={}, actor=CLI, now=NOW)
        person = await people.by_email(write, "p1@example.org")
        assert person is not None
        await rsvps.answer(write, event=to, person=person, answer=Answer.GOING, now=NOW)
        return person.id

    return await database.write(work)


async def test_what_is_gone_is_removed_but_never_an_event(database: Database) -> None:
    await save(database)
    await _answered(database, await event(database))
    report = await save(database, Conference("alliance", (DAY,), (), (ENTRY,)))
    assert report == ImportReport(unchanged=2, removed=2)
    assert (await event(database)).slug == "forum"
    found = await stored(database)
    assert (found.sessions, found.entries) == ((), (ENTRY,))


async def test_nothing_is_removed_while_a_file_cannot_be_read(database: Database) -> None:
    await save(database)
    assert await save(database, Conference("alliance"), complete=False) == ImportReport()
    assert (await stored(database)).entries == (ENTRY, OTHER)


async def test_knowledge_is_renewed_when_anything_changed(database: Database) -> None:
    await save(database)
    version = await knowledge(database)
    for entries in ((ENTRY,), (replace(ENTRY, body="Other words."),), (ENTRY, OTHER)):
        await save(database, replace(ALLIANCE, entries=entries))
        assert await knowledge(database) > version
        version = await knowledge(database)


async def test_two_folders_stay_apart(database: Database) -> None:
    await save(database)
    await save(database, Conference("other", (), (TALK,), (replace(ENTRY, source="other/a"),)))
    await save(database, Conference("other"))
    async with database.read() as read:
        found = await conference_rows.all_conferences(read)
    assert [(one.name, len(one.sessions), len(one.entries)) for one in found] == [
        ("alliance", 1, 2),
        ("other", 0, 0),
    ]


async def test_an_event_is_listed_until_its_last_day_has_ended_at_the_venue(
    database: Database,
) -> None:
    """A bare date is stored as its first moment, 16 hours before the UTC day ends there."""
    await save(database)

    async def listed(now: datetime) -> list[str]:
        async with database.read() as read:
            return [one.slug for one in await conferences.upcoming(read, now)]

    ends = datetime(2020, 5, 1, 16, tzinfo=UTC)
    assert await listed(ends - timedelta(seconds=1)) == ["day", "forum"]
    assert await listed(ends) == ["forum"]


async def test_an_event_is_found_by_its_name_or_number(database: Database) -> None:
    await save(database)
    found = await event(database)
    assert await event(database, str(found.id)) == found
    for name in ("99", "forum ", "9" * 30, "²", "-1", "nul\x00"[:3]):
        with pytest.raises(Refusal) as refused:
            await event(database, name)
        assert refused.value.fields["known"] == "day, forum"


# ------------------------------------------------------------------ roster


async def save_roster(
    database: Database, rows: Sequence[RosterRow], own: dict[str, str] | None = None
) -> ImportReport:
    return await database.write(
        lambda write: roster.save(write, rows, own=own or {}, actor=CLI, now=NOW)
    )


async def owners(database: Database) -> dict[tuple[str, str, str], str | None]:
    """Return the e-mail address behind each account."""
    async with database.read() as read:
        rows = await read.all(
            select(  # type: ignore[call-overload]  # SQLModel types a column as its value
                tables.Account.platform,
                tables.Account.account,
                tables.Account.user,
                tables.Person.email,
            ).outerjoin(tables.Person, col(tables.Person.id) == col(tables.Account.person_id))
        )
    return {(one.platform, one.account, one.user): one.email for one in rows}


async def direct(database: Database, email: str) -> list[tuple[str, str, str]]:
    async with database.read() as read:
        person = await people.by_email(read, email)
        assert person is not None
        found = await accounts.direct_addresses(read, person.id)
    return [(one.address.platform, one.address.account, one.address.chat) for one in found]


async def meets(database: Database, user: str, account: str = "bot") -> int:
    """Somebody writes to the bot, as dispatch notes it."""

    async def work(write: Write) -> int:
        ref = AccountRef("telegram", account, user)
        account_id = await accounts.ensure(write, ref, locale="de", name="A name")
        await accounts.ensure_direct(write, ref, account_id)
        return account_id

    return await database.write(work)


async def bot_starts(database: Database, account: str = "bot") -> None:
    await database.write(lambda write: roster.remember_account(write, "telegram", account))


async def test_a_roster_saved_twice_changes_nothing(database: Database) -> None:
    rows = [row(n, tags=frozenset({"a", "b"})) for n in range(1, 6)]
    assert await save_roster(database, rows) == ImportReport(added=5)
    assert await save_roster(database, rows) == ImportReport(unchanged=5)
    async with database.read() as read:
        assert len(await people.all_people(read)) == 5
        assert (await audit.newest(read))[0][2] == "roster import"


@pytest.mark.parametrize(
    "fields",
    [
        {"names": {"": "Other"}},
        {"role": ContactRole.FOCAL},
        {"locale": "zh"},
        {"tags": frozenset({"c"})},
        {"tags": frozenset()},
        {"organisation_slug": "elsewhere"},
        {"organisation_names": {"": "Renamed"}},
        {"country": "DE"},
        {"accounts": (("slack", "T1", "U1"),)},
    ],
)
async def test_a_changed_row_updates_its_person(
    database: Database, fields: dict[str, object]
) -> None:
    before = row(1, tags=frozenset({"a"}))
    await save_roster(database, [before])
    after = replace(before, **fields)  # type: ignore[arg-type]  # the names are checked when it is made
    assert await save_roster(database, [after]) == ImportReport(changed=1)
    assert await save_roster(database, [after]) == ImportReport(unchanged=1)


async def test_what_a_person_chose_survives_the_roster(database: Database) -> None:
    await save_roster(database, [row(1)])

    async def work(write: Write) -> None:
        person = await people.by_email(write, "P1@example.org ")
        assert person is not None
        await people.set_stopped(write, person.id, True)

    await database.write(work)
    await save_roster(database, [row(1, locale="fr")])
    async with database.read() as read:
        person = await people.by_email(read, "p1@example.org")
    assert person is not None
    assert (person.stopped, person.locale) == (True, "fr")


async def test_an_account_of_somebody_else_is_refused_and_the_rest_goes_on(
    database: Database,
) -> None:
    await save_roster(database, [row(1)])
    taken = replace(row(2), accounts=(("telegram", "bot", "1"), ("slack", "T1", "U2")))
    report = await save_roster(database, [taken, row(3)])
    assert report.added == 2
    (problem,) = report.problems
    assert problem.place == "line 3"
    assert (await owners(database))["telegram", "bot", "1"] == "p1@example.org"
    assert await direct(database, "p2@example.org") == [("slack", "T1", "U2")]


async def test_two_rows_of_one_file_cannot_share_an_account(database: Database) -> None:
    rows = [row(1, accounts=(("telegram", "", "7"),)), row(2, accounts=(("telegram", "", "7"),))]
    assert [one.place for one in (await save_roster(database, rows)).problems] == ["line 3"]


@pytest.mark.parametrize("order", ["imported first", "met first", "bot known"])
async def test_an_account_is_one_whoever_comes_first(database: Database, order: str) -> None:
    rows = [row(1, accounts=(("telegram", "", "1"),))]
    if order == "imported first":
        await save_roster(database, rows)
        await bot_starts(database)
        await meets(database, "1")
    elif order == "met first":
        await save_roster(database, rows)
        await meets(database, "1")
        await bot_starts(database)
    else:
        await bot_starts(database)
        await meets(database, "1")
        async with database.read() as read:
            own = await roster.known_accounts(read, ["telegram", "slack"])
        await save_roster(database, rows, own)
    assert await direct(database, "p1@example.org") == [("telegram", "bot", "1")]
    assert (await owners(database))["telegram", "bot", "1"] == "p1@example.org"
    async with database.read() as read:
        own = await roster.known_accounts(read, ["telegram"])
    assert await save_roster(database, rows, own) == ImportReport(unchanged=1)
    await bot_starts(database)
    assert await direct(database, "p1@example.org") == [("telegram", "bot", "1")]


async def test_adopting_takes_no_account_from_somebody_who_holds_it(database: Database) -> None:
    await save_roster(database, [row(1)])
    await save_roster(database, [row(2, accounts=(("telegram", "", "1"),))])
    await bot_starts(database)
    assert (await owners(database))["telegram", "bot", "1"] == "p1@example.org"
    assert await direct(database, "p1@example.org") == [("telegram", "bot", "1")]
    assert await direct(database, "p2@example.org") == []


async def test_adopting_again_moves_nothing(database: Database) -> None:
    await save_roster(database, [row(1, accounts=(("telegram", "", "1"), ("slack", "T1", "U1")))])
    for _time in range(2):
        await bot_starts(database)
    before = await owners(database)
    await bot_starts(database)
    assert await owners(database) == before
