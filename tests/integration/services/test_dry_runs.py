"""A dry run writes nothing, and says what the import then does."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.adapters.conformance import HandClock
from bot.domain.changes import Plan, What
from bot.domain.event import Conference, Entry, Event, Session
from bot.domain.people import CLI, ContactRole, ImportReport, RosterRow
from bot.domain.refusal import Refusal
from bot.domain.zoned import event_time
from bot.importers.lone_file import Asked, read_path
from bot.importers.roster_export import csv_text, export_lines
from bot.importers.roster_file import read_roster
from bot.services import conferences, roster
from bot.storage import conferences as conference_rows
from bot.storage import tables
from bot.storage.database import Database, Write

NOW = datetime(2020, 1, 1, tzinfo=UTC)
DATA = Path(__file__).parents[2] / "data"
OWN = {"telegram": "999", "slack": "T1"}


async def everything(database: Database) -> list[Any]:
    """Return every row of every table."""
    async with database.read() as read:
        return [
            (table.name, sorted(map(repr, await read.all(select(table)))))
            for table in tables.Table.metadata.sorted_tables
        ]


async def planned(database: Database, one: Conference, *, complete: bool = True) -> Plan:
    before = await everything(database)
    async with database.read() as read:
        plan = await conferences.plan(read, one, complete=complete)
    assert await everything(database) == before
    return plan


async def saved(database: Database, one: Conference, *, complete: bool = True) -> ImportReport:
    return await database.write(
        lambda write: conferences.save(write, one, complete=complete, actor=CLI, now=NOW)
    )


async def agreed(database: Database, one: Conference, *, complete: bool = True) -> Plan:
    """Plan, import, and compare the numbers; then nothing is left to do."""
    plan = await planned(database, one, complete=complete)
    assert await saved(database, one, complete=complete) == plan.report
    again = await planned(database, one, complete=complete)
    assert again.changes == ()
    return plan


def event(slug: str, **fields: Any) -> Event:
    return replace(
        Event(slug, "fog", {"": slug}, zone="Asia/Tokyo", source=f"fog/events.yaml#{slug}"),
        **fields,
    )


def some(dice: random.Random) -> Conference:
    """Return a conference out of a small world, so that two of them overlap."""
    days = [
        None,
        event_time(date(2031, 5, 1), "Asia/Tokyo"),
        event_time(datetime(2031, 5, 1, 9), "Asia/Tokyo"),
        event_time(date(2031, 5, 2), "UTC"),
    ]
    words = ["a", "b", "b\0", "", "=1", "李"]
    return Conference(
        "fog",
        tuple(
            event(
                slug,
                titles={"": dice.choice(words) or slug},
                start=dice.choice(days),
                capacity=dice.choice([None, 1, 2]),
                facts={"x": dice.choice(words)},
            )
            for slug in dice.sample("pqr", dice.randint(0, 3))
        ),
        tuple(
            Session(key, dice.choice(words), start=dice.choice(days), source=f"fog/sessions#{key}",
                    speakers=tuple(dice.sample(words, 2)))
            for key in dice.sample("stuv", dice.randint(0, 4))
        ),
        tuple(
            Entry(f"fog/faq.md#{key}", "fog", ("FAQ",), dice.choice(words))
            for key in dice.sample("xyz", dice.randint(0, 3))
        ),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
async def test_the_import_does_what_the_dry_run_said(database: Database, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(4):
        await agreed(database, some(dice), complete=dice.random() < 0.7)


async def test_each_change_is_shown_with_its_fields(database: Database) -> None:
    talk = Session("t", "Talk", room="A", source="fog/sessions.json#t")
    await saved(database, Conference("fog", (event("p", capacity=3),), (talk,)))
    plan = await planned(
        database,
        Conference("fog", (event("p", capacity=4, start=event_time(date(2031, 5, 1), "UTC")),),
                   (replace(talk, key="u"),)),
    )  # fmt: skip
    shown = {(one.what, one.kind, one.key): one for one in plan.changes}
    assert list(shown) == [
        (What.CHANGED, "event", "p"),
        (What.ADDED, "session", "u"),
        (What.REMOVED, "session", "t"),
    ]
    fields = {one.name: (one.before, one.after) for one in plan.changes[0].fields}
    assert fields == {"start": ("", "2031-05-01"), "capacity": (3, 4)}
    assert (plan.changes[0].title, plan.changes[0].place) == ("p", "fog/events.yaml#p")


@pytest.mark.parametrize("name", ["fog.json", "fog.xml"])
async def test_a_schedule_imported_again_changes_nothing(database: Database, name: str) -> None:
    file = DATA / "schedules" / name
    found = read_path(file, Asked())
    plan = await agreed(database, found.conference)
    assert plan.report.added == 6
    other = read_path(DATA / "schedules" / "fog.json", Asked())
    assert await saved(database, other.conference) == ImportReport(unchanged=6)


async def test_a_lone_schedule_answers_for_itself_alone(database: Database) -> None:
    schedule = read_path(DATA / "schedules" / "fog.json", Asked("fog")).conference
    page = Entry("fog/faq.md#a", "fog", ("FAQ",), "Words.")
    own = Session("own", "Own", source="fog/sessions.json#own")
    rich = event("fog-2031", capacity=60)
    await saved(database, Conference("fog", (rich,), (own,), (page,)))
    plan = await agreed(database, schedule)
    assert plan.report.added == 5
    assert [problem.refused for problem in plan.problems] == [False]
    shorter = replace(schedule, sessions=schedule.sessions[:2])
    assert (await agreed(database, shorter)).report.removed == 3
    async with database.read() as read:
        (stored,) = await conference_rows.all_conferences(read)
    assert [one.capacity for one in stored.events] == [60]
    assert own in stored.sessions
    assert stored.entries == (page,)


async def test_an_event_of_a_calendar_is_known_by_its_uid(
    database: Database, tmp_path: Path
) -> None:
    def calendar(title: str, day: str, name: str) -> Conference:
        text = (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u1\n"
            f"SUMMARY:{title}\nDTSTART;VALUE=DATE:{day}\nEND:VEVENT\nEND:VCALENDAR\n"
        )
        (tmp_path / name).write_text(text, encoding="utf-8")
        return read_path(tmp_path / name, Asked()).conference

    await saved(database, calendar("Tea", "20310101", "fog.ics"))
    plan = await agreed(database, calendar("Supper", "20310102", "fog (1).ics"))
    assert [(one.what, one.key) for one in plan.changes] == [(What.CHANGED, "tea-2031-01-01")]
    async with database.read() as read:
        (stored,) = await conference_rows.all_events(read)
    assert stored.titles == {"": "Supper"}


async def test_two_calendars_may_swap_their_days(database: Database, tmp_path: Path) -> None:
    def calendar(one: str, two: str) -> Conference:
        parts = [f"BEGIN:VEVENT\nUID:{uid}\nSUMMARY:Tea\nDTSTART;VALUE=DATE:{day}\nEND:VEVENT\n"
                 for uid, day in (("u1", one), ("u2", two))]  # fmt: skip
        text = f"BEGIN:VCALENDAR\n{''.join(parts)}END:VCALENDAR\n"
        (tmp_path / "fog.ics").write_text(text, encoding="utf-8")
        return read_path(tmp_path / "fog.ics", Asked()).conference

    await saved(database, calendar("20310101", "20310102"))
    plan = await agreed(database, calendar("20310102", "20310101"))
    assert {(one.what, one.key) for one in plan.changes} == {
        (What.CHANGED, "tea-2031-01-01"),
        (What.CHANGED, "tea-2031-01-02"),
    }


def test_paths_of_one_command_do_not_touch_one_another() -> None:
    first = Conference("fog", (event("p"),))
    second = Conference("sea", (replace(event("p"), source="sea/x.ics#p"), event("q")))
    kept, problems = conferences.apart([first, second])
    assert [[one.slug for one in it.events] for it in kept] == [["p"], ["q"]]
    assert [problem.place for problem in problems] == ["sea/x.ics#p"]
    with pytest.raises(Refusal):
        conferences.apart([first, Conference("fog")])
    conferences.apart([first, Conference("fog", part="schedule")])
    one, two = (
        Conference("fog", (event(slug, facts={"uid": "u1"}),), part="calendar") for slug in "xy"
    )
    kept, problems = conferences.apart([one, two])  # two calendars of one conference
    assert [len(it.events) for it in kept] == [1, 0]
    assert len(problems) == 1


def row(line: int, dice: random.Random) -> RosterRow:
    organisation = dice.choice("abc")
    names = dice.choice([{}, {"zh": "海"}, {"de": "See"}])
    return RosterRow(
        line=line,
        organisation_slug=organisation,
        organisation_names={"": organisation, **names},
        country=dice.choice(["", "DE", "CN"]),
        names={"": dice.choice("MN"), **dice.choice([{}, {"zh": "安"}])},
        email=f"{dice.choice('pqrst')}@x.org",
        role=dice.choice(list(ContactRole)),
        locale=dice.choice(["", "zh"]),
        timezone="",
        tags=frozenset(dice.sample("xyz", dice.randint(0, 2))),
        accounts=tuple(
            dice.sample(
                [("telegram", "", "1"), ("telegram", "999", "1"), ("telegram", "", "2"),
                 ("slack", "", "U1"), ("slack", "T2", "U1")],
                dice.randint(0, 2),
            )
        ),
    )  # fmt: skip


async def roster_planned(database: Database, rows: Sequence[RosterRow]) -> Plan:
    before = await everything(database)
    async with database.read() as read:
        plan = await roster.plan(read, rows, own=OWN)
    assert await everything(database) == before
    return plan


async def roster_saved(database: Database, rows: Sequence[RosterRow]) -> ImportReport:
    return await roster.import_rows(database, rows, own=OWN, actor=CLI, clock=HandClock())


@pytest.mark.parametrize("chunk", [2, 100])
@pytest.mark.parametrize("seed", range(12))
async def test_the_roster_import_does_what_the_dry_run_said(
    database: Database, seed: int, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster, "CHUNK", chunk)
    dice = random.Random(seed)
    for _ in range(3):
        rows = [row(line, dice) for line in range(2, dice.randint(3, 9))]
        plan = await roster_planned(database, rows)
        assert await roster_saved(database, rows) == plan.report


async def test_a_changed_contact_is_shown_field_by_field(database: Database) -> None:
    before = replace(row(2, random.Random(1)), email="p@x.org", tags=frozenset({"x"}), accounts=(),
                     names={"": "Ann"}, country="DE", organisation_names={"": "A"})  # fmt: skip
    await roster_saved(database, [before])
    after = replace(before, line=7, names={"": "Ann Lee"}, tags=frozenset({"x", "y"}), country="CN",
                    accounts=(("telegram", "", "5"),))  # fmt: skip
    (change,) = (await roster_planned(database, [after])).changes
    assert (change.what, change.key, change.place) == (What.CHANGED, "p@x.org", "line 7")
    assert [(one.name, one.before, one.after) for one in change.fields] == [
        ("name", "Ann", "Ann Lee"),
        ("tags", "x", "x y"),
        ("telegram account", "", "5"),
        ("country", "DE", "CN"),
    ]


async def test_what_is_exported_and_imported_changes_nothing(
    database: Database, tmp_path: Path
) -> None:
    header = (
        "organisation,country,name,email,role,locale,timezone,tags,telegram_id,slack_team,"
        "slack_user,title,family_name,name_zh-Hant,organisation_zh"
    )
    lines = [
        "=Danger,DE,=cmd|'/c calc'!A0,-a@x.org,focal,de,Europe/Berlin,-x;y,7,T2,U7,@Dr,+Lee,李,",
        "'=Danger too,,'s-Hertogenbosch,'=b@x.org,contact,,,,,,U8,,,,海",
        '"Comma, Quote ""x"" and Line",CN,Ann,c@x.org,,,,,,,,,,,',
    ]
    first = tmp_path / "first.csv"
    first.write_text("\n".join((header, *lines)), encoding="utf-8")
    rows, problems = read_roster(first)
    assert [problem for problem in problems if problem.refused] == []
    assert len(rows) == 3
    await roster_saved(database, rows)
    text, _columns = await _exported(database)
    for cell in ("'=Danger", "'=cmd", "'-a@x.org", "'@Dr", "'+Lee", "'-x y"):
        assert cell in text
    second = tmp_path / "second.csv"
    second.write_text(text, encoding="utf-8-sig", newline="")
    rows, problems = read_roster(second)
    assert problems == ()
    plan = await roster_planned(database, rows)
    assert plan.changes == ()
    assert plan.unchanged == 3
    before = await everything(database)
    assert await roster_saved(database, rows) == plan.report
    after = await everything(database)
    assert [one for one in after if one[0] != "audit"] == [
        one for one in before if one[0] != "audit"
    ]


async def _exported(database: Database) -> tuple[str, tuple[str, ...]]:
    async with database.read() as read:
        columns, lines, left_out = export_lines(await roster.stored(read), OWN)
    assert left_out == 0
    return csv_text(columns, lines), columns


async def test_staff_without_an_organisation_are_no_contacts(database: Database) -> None:
    async def work(write: Write) -> None:
        from bot.storage import people

        await people.save_staff_person(write, "boss@x.org")

    await database.write(work)
    async with database.read() as read:
        assert await roster.stored(read) == ()


async def test_accounts_without_a_column_are_counted(database: Database) -> None:
    both = replace(
        row(2, random.Random(3)), accounts=(("telegram", "", "1"), ("telegram", "5", "2"))
    )
    await roster_saved(database, [both])
    async with database.read() as read:
        _columns, (line,), left_out = export_lines(await roster.stored(read), OWN)
    assert (line["telegram_id"], left_out) == ("1", 1)
