"""A large roster goes in beside the running service, and the settings' bot has the last word."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlmodel import col

from bot.adapters.conformance import HandClock
from bot.domain.address import AccountRef, Address
from bot.domain.event import Conference, Entry, Event, Session
from bot.domain.people import CLI, ImportReport, RosterRow
from bot.services import conferences, roster
from bot.storage import accounts, key_values, people, tables
from bot.storage.database import Database
from tests.integration.storage.people import row

NOW = datetime(2020, 1, 1, tzinfo=UTC)
t: Any = tables
ROWS = [
    row(
        n,
        organisation_slug=f"center-{n // 3}",
        organisation_names={"": f"Center {n // 3}"},
        tags=frozenset({"a", f"t{n}"}),
    )
    for n in range(1, 251)
]


class Beside(HandClock):
    """In every pause of the import another process writes, without any patience."""

    def __init__(self, other: Database) -> None:
        super().__init__()
        self._other = other
        self.seen: list[int] = []

    async def sleep(self, seconds: float) -> None:
        await self._other.write(partial(key_values.put, key="beside", value="x"))
        async with self._other.read() as read:
            self.seen.append(await read.scalar(select(func.count()).select_from(t.Person)))


async def imported(database: Database, rows: Sequence[RosterRow], **own: str) -> ImportReport:
    return await roster.import_rows(database, rows, own=own, actor=CLI, clock=HandClock())


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Collect the statements that are written."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    engine = database._writer.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)


async def test_others_write_between_the_chunks(
    database: Database, open_database: Callable[[], Database]
) -> None:
    other = open_database()

    @event.listens_for(other._writer.sync_engine, "connect")
    def impatient(connection: Any, _record: Any) -> None:
        if other.is_sqlite:
            connection.cursor().execute("PRAGMA busy_timeout=0")

    clock = Beside(other)
    report = await roster.import_rows(database, ROWS, own={}, actor=CLI, clock=clock)
    assert report == ImportReport(added=250)
    assert clock.seen == [100, 200, 250]
    async with database.read() as read:
        entries = await read.all(select(t.Audit.action, t.Audit.detail))
    assert [one.action for one in entries] == ["roster import"]
    assert entries[0].detail == {"added": 250, "changed": 0, "unchanged": 0}


@pytest.mark.parametrize("again", [False, True])
async def test_a_row_costs_no_statement_of_its_own(database: Database, again: bool) -> None:
    if again:
        await imported(database, ROWS)
    with counted(database) as said:
        report = await imported(database, ROWS)
    assert report == (ImportReport(unchanged=250) if again else ImportReport(added=250))
    assert len(said) <= 3 * 12 + 2


async def test_an_import_that_broke_off_is_mended_by_the_next(database: Database) -> None:
    class PullsThePlug(HandClock):
        async def sleep(self, seconds: float) -> None:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await roster.import_rows(database, ROWS, own={}, actor=CLI, clock=PullsThePlug())
    assert await imported(database, ROWS) == ImportReport(added=150, unchanged=100)
    assert await imported(database, ROWS) == ImportReport(unchanged=250)


async def test_only_what_differs_is_changed(database: Database) -> None:
    await imported(database, ROWS)
    rows = [
        replace(ROWS[0], names={"": "Other"}),
        replace(ROWS[1], tags=frozenset()),
        replace(ROWS[3], accounts=(*ROWS[3].accounts, ("slack", "T1", "U1"))),
        *ROWS[4:],
    ]
    assert await imported(database, rows) == ImportReport(changed=3, unchanged=246)
    async with database.read() as read:
        tags = await read.all(select(t.PersonTag.tag).where(col(t.PersonTag.person_id) < 5))
        found = await people.by_email(read, ROWS[0].email)
    assert found is not None
    assert found.name("en") == "Other"
    assert len(tags) == 2 * 3


async def test_rows_of_one_person_count_one_after_the_other(database: Database) -> None:
    rows = [row(1), row(2), row(1, locale="de"), row(1, locale="de")]
    assert await imported(database, rows) == ImportReport(added=2, changed=1, unchanged=1)


async def test_problems_of_all_chunks_are_told(database: Database) -> None:
    await imported(database, [row(900, accounts=(("slack", "T1", "U9"),))])
    taken = (("slack", "T1", "U9"),)
    rows = [replace(one, accounts=taken) if one.line in (5, 205) else one for one in ROWS]
    report = await imported(database, rows)
    assert [one.place for one in report.problems] == ["line 5", "line 205"]
    assert report.added == 250


async def test_another_workspace_than_ours_is_a_warning(database: Database) -> None:
    rows = [
        row(1, accounts=(("slack", "T1", "U1"),)),
        row(2, accounts=(("slack", "TWRONG", "U2"),)),
        row(3, accounts=(("slack", "", "U3"),)),
    ]
    assert (await imported(database, rows)).problems == ()
    report = await imported(database, rows, slack="T1")
    (problem,) = report.problems
    assert (problem.place, problem.refused) == ("line 3", False)
    assert "TWRONG" in problem.text
    assert "T1" in problem.text


# ------------------------------------------------------------------ another bot


async def starts(database: Database, account: str, platform: str = "telegram") -> None:
    await database.write(partial(roster.remember_account, platform=platform, account=account))


async def chats(database: Database, number: int) -> list[tuple[str, str, str]]:
    async with database.read() as read:
        person = await people.by_email(read, f"p{number}@example.org")
        assert person is not None
        found = await accounts.direct_addresses(read, person.id)
    return [(one.address.account, one.address.chat, one.unreachable) for one in found]


async def test_another_bot_takes_over_the_people_of_the_one_before(database: Database) -> None:
    await starts(database, "bot")
    await imported(database, [row(1), row(2)], telegram="bot")
    blocked = Address("telegram", "bot", "2")
    await database.write(partial(accounts.set_unreachable, address=blocked, why="blocked"))
    for _again in range(2):
        await starts(database, "new")
        assert await chats(database, 1) == [("new", "1", "")]
        assert await chats(database, 2) == [("new", "2", "")]
    assert await imported(
        database, [replace(row(1), accounts=(("telegram", "", "1"),))], telegram="new"
    ) == ImportReport(unchanged=1)
    await starts(database, "bot")
    assert await chats(database, 1) == [("bot", "1", "")]
    assert await chats(database, 2) == [("bot", "2", "blocked")]


async def test_whom_the_new_bot_knows_already_stays_who_they_are(database: Database) -> None:
    await imported(database, [row(1), row(2)])
    await imported(database, [row(3, accounts=(("telegram", "new", "1"),))])
    met = AccountRef("telegram", "new", "2")
    await database.write(partial(accounts.ensure, ref=met, locale="zh", name="Met"))
    await starts(database, "new")
    assert await chats(database, 3) == [("new", "1", "")]
    assert await chats(database, 1) == []
    assert await chats(database, 2) == [("new", "2", "")]
    async with database.read() as read:
        known = await accounts.find(read, met)
    assert known is not None
    assert known.locale == "zh"


async def test_of_two_bots_before_the_newer_link_counts(database: Database) -> None:
    await imported(database, [row(1)])
    await imported(database, [row(2, accounts=(("telegram", "second", "1"),))])
    await starts(database, "third")
    assert (await chats(database, 1), await chats(database, 2)) == ([], [("third", "1", "")])


async def test_another_workspace_takes_over_nobody(database: Database) -> None:
    await imported(database, [row(1, accounts=(("slack", "T1", "U1"),))])
    await starts(database, "T2", "slack")
    assert await chats(database, 1) == [("T1", "U1", "")]


# ------------------------------------------------------------------ conferences


def conference(n: int, body: str) -> Conference:
    events = [
        Event(f"e{i}", "c", {"": body}, capacity=len(body), source="c/event.yaml") for i in range(n)
    ]
    sessions = [Session(f"s{i}", body, source="c/sessions.json") for i in range(n)]
    entries = [Entry(f"c/{i}", "c", ("Head",), body) for i in range(n)]
    return Conference("c", tuple(events), tuple(sessions), tuple(entries))


async def test_a_large_conference_takes_few_statements(database: Database) -> None:
    async def save(body: str) -> ImportReport:
        return await database.write(
            partial(
                conferences.save,
                conference=conference(200, body),
                complete=True,
                actor=CLI,
                now=NOW,
            )
        )

    for body, expected in (
        ("x", ImportReport(added=600)),
        ("xy", ImportReport(changed=600)),
        ("xy", ImportReport(unchanged=600)),
    ):
        with counted(database) as said:
            assert await save(body) == expected
        assert len(said) < 40
    async with database.read() as read:
        seats = await read.all(select(t.EventSeats.capacity, t.EventSeats.taken))
    assert {tuple(one) for one in seats} == {(2, 0)}
