"""Every command as a member of staff types it: what it prints, and how it ends."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.domain.address import AccountRef, Address
from bot.services import rooms, roster
from bot.storage import accounts
from bot.storage.database import Database, Write
from tests.support.databases import Files

ROSTER = """organisation,country,name,email,role,locale,timezone,tags,telegram_id
Moon Lab,CH,Ada Moon,ada@example.org,focal,en,Europe/Zurich,press,501
Sun Lab,CN,孙太阳,sun@example.org,contact,zh,Asia/Shanghai,,502
Star Lab,FR,Eve Star,eve@example.org,contact,fr,Europe/Paris,,
"""
DATA = Path(__file__).parents[2] / "data" / "conferences"
TALLY = (
    "total",
    "pending",
    "claimed",
    "sending",
    "delivered",
    "failed",
    "unconfirmed",
    "skipped",
)

T = TypeVar("T")
Convoke = Callable[..., Result]


@pytest.fixture
def convoke(files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Convoke:
    """Run a command in an empty folder with a database of its own."""
    url = asyncio.run(files.fresh(tmp_path, migrated=True))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONVOKE_DATABASE_URL", url)
    monkeypatch.setenv("CONVOKE_LOG_LEVEL", "WARNING")
    monkeypatch.setenv("CONVOKE_TELEGRAM_TOKEN", "111222333:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")

    def run(*words: str, expect: int = 0) -> Result:
        result = CliRunner().invoke(app, list(words), catch_exceptions=True)
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        assert result.exit_code == expect, result.output
        assert "Traceback" not in result.output
        return result

    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    (tmp_path / "letter.md").write_text("Dear **members**,\n\nhappy new year!\n", encoding="utf-8")
    (tmp_path / "letter.zh.md").write_text("# 新年快乐\n\n祝大家新年快乐！\n", encoding="utf-8")
    return run


def one_line(result: Result) -> str:
    """Return the error that a person reads: one clear line, nothing else."""
    (line,) = result.stderr.strip().splitlines()
    assert 10 < len(line) < 200
    assert result.stdout == ""
    return line


def at_once(work: Callable[[Database], Awaitable[T]]) -> T:
    """Do ``work`` with the database that the commands use."""

    async def with_database() -> T:
        database = Database(os.environ["CONVOKE_DATABASE_URL"])
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(with_database())


def printed(result: Result) -> Any:
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    "command",
    [
        "",
        "run",
        "migrate",
        "import",
        "ask",
        "gaps",
        "demo",
        "roster",
        "roster import",
        "staff",
        "staff grant",
        "staff revoke",
        "staff list",
        "announce",
        "announce create",
        "announce list",
        "announce show",
        "announce report",
        "announce approve",
        "announce cancel",
    ],
)
def test_every_command_explains_itself(convoke: Convoke, command: str) -> None:
    assert "--help" in convoke(*command.split(), "--help").output


def test_a_roster_goes_in_once(convoke: Convoke) -> None:
    assert printed(convoke("roster", "import", "roster.csv", "--json")) == {
        "added": 3,
        "changed": 0,
        "unchanged": 0,
        "refused": 0,
    }
    assert printed(convoke("roster", "import", "roster.csv", "--json"))["unchanged"] == 3


def test_a_bad_row_is_named_and_the_rest_goes_in(convoke: Convoke, tmp_path: Path) -> None:
    bad = ROSTER + "No Mail,DE,X,not-an-address,contact,de,Europe/Berlin,,\n"
    (tmp_path / "roster.csv").write_text(bad, encoding="utf-8")
    result = convoke("roster", "import", "roster.csv", expect=1)
    assert "line 5" in result.stderr
    assert "3 added" in result.stdout


def test_the_bot_of_the_settings_counts_before_it_has_ever_run(convoke: Convoke) -> None:
    """The token was changed: who is imported now belongs to the new bot, not to the last one."""

    async def last_bot_ran(database: Database) -> None:
        await database.write(partial(roster.remember_account, platform="telegram", account="999"))

    async def linked(database: Database) -> list[str]:
        async with database.read() as read:
            return [row.account for row in await read.all(text("SELECT account FROM account"))]

    at_once(last_bot_ran)
    convoke("roster", "import", "roster.csv")
    assert at_once(linked) == ["111222333"] * 2


def test_a_wrong_workspace_is_a_warning(convoke: Convoke, tmp_path: Path) -> None:
    async def slack_ran(database: Database) -> None:
        await database.write(partial(roster.remember_account, platform="slack", account="T0OURS"))

    at_once(slack_ran)
    (tmp_path / "roster.csv").write_text(
        "organisation,name,email,slack_team,slack_user\n"
        "Moon Lab,Ada Moon,ada@example.org,T0THEIRS,U0ADA\n",
        encoding="utf-8",
    )
    result = convoke("roster", "import", "roster.csv")
    assert "1 added" in result.stdout
    assert result.stderr.startswith("line 2: T0THEIRS is not")


def test_an_announcement_from_the_first_word_to_the_report(convoke: Convoke) -> None:
    convoke("roster", "import", "roster.csv")
    words = ("--title", "New year", "--text-file", "letter.md")
    made = convoke(
        "announce", "create", *words, "--lang-file", "zh=letter.zh.md", "--yes", "--json"
    )
    assert printed(made) == {"id": 1, "state": "scheduled", "recipients": 2}
    (listed,) = printed(convoke("announce", "list", "--json"))
    assert (listed["id"], listed["state"], listed["title"]) == (1, "scheduled", "New year")
    shown = printed(convoke("announce", "show", "1", "--json"))
    assert [body["title"] for body in shown["bodies"]] == ["New year", "新年快乐"]
    report = printed(convoke("announce", "report", "1", "--json"))
    assert (report["waiting"], report["waiting_until"]) == (0, None)
    assert report["state"] == "scheduled"
    assert {name: report[name] for name in TALLY} == dict.fromkeys(TALLY, 0)
    assert [one["email"] for one in report["no_messenger"]] == ["eve@example.org"]
    assert "eve@example.org" in convoke("announce", "report", "1").stdout
    assert "deliveries" in convoke("announce", "show", "1").stdout
    assert "cancelled" in convoke("announce", "cancel", "1").stdout


def test_a_draft_waits_for_its_approval(convoke: Convoke) -> None:
    result = convoke("announce", "create", "--title", "T", "--text-file", "letter.md")
    assert "Nothing is sent yet" in result.stdout
    assert "scheduled" in convoke("announce", "approve", "1").stdout
    assert "1" in one_line(convoke("announce", "approve", "1", expect=1))


def test_who_works_here(convoke: Convoke) -> None:
    assert "Ada@Example.org".lower() in convoke("staff", "grant", "Ada@Example.org", "admin").stdout
    assert printed(convoke("staff", "list", "--json")) == [
        {"email": "ada@example.org", "role": "admin"}
    ]
    assert "ada@example.org" in convoke("staff", "list").stdout
    assert "not a member" not in convoke("staff", "revoke", "ada@example.org").stdout
    assert "ada@example.org" in one_line(convoke("staff", "revoke", "ada@example.org", expect=1))


def test_questions_and_gaps(convoke: Convoke) -> None:
    convoke("import", str(DATA / "lighthouse"), expect=0)
    again = printed(convoke("import", str(DATA / "lighthouse"), "--json"))["lighthouse"]
    assert again["added"] == again["changed"] == 0
    result = convoke("ask", "zxqv wvut?", expect=1)
    assert "no answer" in result.stderr
    assert printed(convoke("gaps", "--json")) == []
    assert printed(convoke("gaps", "--undelivered", "--json")) == {
        "undelivered": [],
        "unhandled": [],
    }
    assert "Could not be handled" in convoke("gaps", "--undelivered").stdout


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("announce show 99", "announcement"),
        ("announce report 99", "announcement"),
        ("announce approve 99", "announcement"),
        ("announce cancel 99", "announcement"),
        ("announce create --title T --text-file none.md", "none.md"),
        ("announce create --title T --text-file letter.md --audience planet:mars", "planet"),
        ("announce create --title T --text-file letter.md --audience (all", "character 5"),
        ("announce create --title T --text-file letter.md --audience org:nobody", "org:nobody"),
        ("announce create --title T --text-file letter.md --rsvp ball", "ball"),
        ("announce create --title T --text-file letter.md --at 2001-01-01T00:00Z", "2001"),
        ("announce pause 99", "announcement"),
        ("announce resume 99", "announcement"),
        ("announce correct 99 --text-file letter.md", "announcement"),
        ("announce recall 99", "announcement"),
        ("announce resend 99", "announcement"),
        ("announce chase 99", "announcement"),
        ("announce create --title T --text-file letter.md --event ball --before 7d", "ball"),
        ("announce create --title T --text-file letter.md --at-local 2001-01-01T09:00", "2001"),
        ("announce create --title T --text-file letter.md --every day", "first time"),
        ("announce create --title T --text-file letter.md --until 2030-01-01", "last day"),
        ("roster import none.csv", "none.csv"),
        ("staff grant nobody admin", "nobody"),
        ("ask hello --as nobody@example.org", "nobody@example.org"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(convoke: Convoke, command: str, says: str) -> None:
    assert says in one_line(convoke(*command.split(), expect=1))


@pytest.mark.parametrize(
    "command",
    [
        "announce create",
        "announce show one",
        "announce create --title T --text-file letter.md --at tomorrow",
        "announce create --title T --text-file letter.md --at 2030-01-01T09:00",
        "announce create --title T --text-file letter.md --lang-file letter.zh.md",
        "announce create --title T --text-file letter.md --at-local tomorrow",
        "announce create --title T --text-file letter.md --at-local 2030-01-01T09:00Z",
        "announce create --title T --text-file letter.md --event talk",
        "announce create --title T --text-file letter.md --event talk --before soon",
        "announce create --title T --text-file letter.md --every blue-moon",
        "announce create --title T --text-file letter.md --every day --until never",
        "announce correct 1",
        "staff grant a@example.org king",
        "ask",
        "ask hello --now yesterday",
        "frobnicate",
        "announce frobnicate",
    ],
)
def test_wrong_use_ends_with_two(convoke: Convoke, command: str) -> None:
    assert convoke(*command.split(), expect=2).stderr


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("CONVOKE_DATABASE_URL", "mysql://x", "CONVOKE_DATABASE_URL"),
        ("CONVOKE_DATABASE_URL", "sqlite:////nowhere/at/all.db", "CONVOKE_DATABASE_URL"),
        ("CONVOKE_GRACE_MINUTES", "soon", "CONVOKE_GRACE_MINUTES"),
        ("CONVOKE_DATABASE_URL", "postgresql://u:p4ssw0rd@127.0.0.1:1/x", "CONVOKE_DATABASE_URL"),
    ],
)
def test_wrong_settings_are_explained(
    convoke: Convoke, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    line = one_line(convoke("announce", "list", expect=1))
    assert says in line
    assert "p4ssw0rd" not in line


def test_the_service_says_what_it_lacks(convoke: Convoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVOKE_ADAPTERS", "pigeon")
    assert "pigeon" in one_line(convoke("run", expect=1))
    monkeypatch.setenv("CONVOKE_ADAPTERS", "telegram")
    monkeypatch.setenv("CONVOKE_TELEGRAM_TOKEN", "")
    assert "CONVOKE_TELEGRAM_TOKEN" in one_line(convoke("run", expect=1))


def test_migrate_names_the_revision(convoke: Convoke) -> None:
    assert "revision" in convoke("migrate").stdout


def test_rooms_are_listed_renamed_and_left(convoke: Convoke) -> None:
    assert "None." in convoke("room", "list").output
    unknown = one_line(convoke("room", "leave", "forum", expect=1))
    assert unknown == "There is no room “forum”. Known are: –."
    for number, title in enumerate(("Forum 2020", "科学中心 联络群")):
        at_once(partial(let_into_room, chat=f"-{number}", title=title))
    (forum, group) = json.loads(convoke("room", "list", "--json").output)
    assert (forum["name"], forum["title"], forum["active"]) == ("forum-2020", "Forum 2020", True)
    assert group["name"] == "科学中心-联络群"
    named = convoke("room", "rename", "forum-2020", "Forum Hosts!").output
    assert named == "The room “Forum 2020” is room:forum-hosts now.\n"
    assert "taken" not in one_line(convoke("room", "rename", "nobody", "x", expect=1))
    assert "already" in one_line(
        convoke("room", "rename", "forum-hosts", "科学中心 联络群", expect=1)
    )
    convoke("room", "language", "Forum hosts", "zh")
    assert "xx" in one_line(convoke("room", "language", "forum-hosts", "xx", expect=1))
    listed = convoke("room", "list").output
    assert "room:forum-hosts" in listed
    assert "somebody@telegram" in listed
    convoke("room", "leave", "forum-hosts")
    found = json.loads(convoke("room", "list", "--json").output)
    assert [one["active"] for one in found] == [True, False]
    assert found[1]["language"] == "zh"


def test_an_announcement_names_its_rooms(convoke: Convoke) -> None:
    at_once(partial(let_into_room, chat="-1", title="Forum 2020"))
    words = ("announce", "create", "--title", "News", "--text-file", "letter.md", "--json")
    wrong = one_line(convoke(*words, "--audience", "all or room:forum", expect=1))
    assert "room:forum" in wrong
    assert "forum-2020" in wrong
    made = json.loads(convoke(*words, "--audience", 'room:"Forum 2020"', "--yes").output)
    assert made["recipients"] == 1
    assert json.loads(convoke("announce", "report", "1", "--json").output)["rooms"] == []


async def let_into_room(database: Database, chat: str, title: str) -> None:
    now = datetime(2031, 1, 1, tzinfo=UTC)

    async def work(write: Write) -> None:
        who = AccountRef("telegram", "111222333", "9")
        account_id = await accounts.ensure(write, who, name="somebody@telegram")
        where = Address("telegram", "111222333", chat)
        await rooms.let_in(
            write,
            where,
            title=title,
            language="en",
            account_id=account_id,
            by="somebody",
            now=now,
        )

    await database.write(work)


def test_hours_of_an_organisation_are_shown_set_and_refused(convoke: Convoke) -> None:
    convoke("roster", "import", "roster.csv")
    assert "quiet hours none" in convoke("roster", "hours", "moon-lab").output
    convoke("roster", "hours", "moon-lab", "--quiet", "22-7", "--days", "mon-fri")
    told = json.loads(convoke("roster", "hours", "moon-lab", "--days", "all", "--json").stdout)
    assert told["quiet"] == "22:00–07:00"
    assert len(told["days"]) == 7
    convoke("roster", "import", "roster.csv")
    assert "22:00–07:00" in convoke("roster", "hours", "moon-lab").output
    assert "quiet hours none" in convoke("roster", "hours", "moon-lab", "--quiet", "none").output
    assert "mon-fri" in convoke("roster", "hours", "moon-lab", "--days", "often", expect=2).output
    assert "none" in convoke("roster", "hours", "moon-lab", "--quiet", "25", expect=2).output
    assert "roster export" in convoke("roster", "hours", "nowhere", expect=1).output
