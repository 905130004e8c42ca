"""``convoke check`` in front of loopback platforms: each line by making it true."""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web

from bot.adapters.conformance import HandClock
from bot.adapters.slack.manifest import BOT_SCOPES
from bot.domain.people import CLI, StaffRole
from bot.services import people
from bot.setup.checkup import checkup
from bot.setup.finding import Finding, Level
from bot.simulators.slack import SlackSimulator
from bot.simulators.telegram import TelegramSimulator
from bot.storage.database import Database
from tests.integration.conftest import OpenDatabase

KEY = "a-key-that-is-long-enough-for-everything"
VOICE = '{"en": "Alliance of Lighthouses"}'
Environment = dict[str, str]


@pytest.fixture
async def environment(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Environment]:
    """Both platforms and a database, all of it well; a test then breaks one thing."""
    for name in [name for name in os.environ if name.startswith("CONVOKE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    telegram, slack = TelegramSimulator(HandClock()), SlackSimulator()
    async with AsyncExitStack() as serving:
        await serving.enter_async_context(telegram.serving())
        await serving.enter_async_context(slack.serving())
        slack.grant(BOT_SCOPES)
        yield {
            **telegram.environment(),
            **slack.environment(),
            "CONVOKE_DATABASE_URL": database_url,
            "CONVOKE_SECRET_KEY": KEY,
            "CONVOKE_ALLIANCE_NAMES": VOICE,
        }


async def checked(values: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return the lines for an environment, which they must keep secret."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        found = await checkup()
    secrets = [values.get(f"CONVOKE_{one}", "") for one in ("TELEGRAM_TOKEN", "SLACK_BOT_TOKEN")]
    for one in found:
        assert "\n" not in one.text
        assert not any(secret in one.text for secret in (*secrets, KEY) if len(secret) > 8)
    return found


def amiss(found: tuple[Finding, ...]) -> list[tuple[Level, str]]:
    return [(one.level, one.thing) for one in found if one.level is not Level.OK]


def line(found: tuple[Finding, ...], thing: str) -> Finding:
    (one,) = [one for one in found if one.thing == thing]
    return one


async def make_admin(database: Database) -> None:
    await database.write(
        lambda write: people.grant_staff(
            write, email="a@example.org", role=StaffRole.ADMIN, actor=CLI, now=HandClock().now()
        )
    )


async def test_all_is_well(environment: Environment, open_database: OpenDatabase) -> None:
    await make_admin(open_database())
    found = await checked(environment)
    assert amiss(found) == []
    assert [one.thing for one in found] == [
        "settings",
        "proxy",
        "clock",
        "database",
        "staff",
        "telegram",
        "slack",
    ]
    assert "1 person" in line(found, "staff").text


async def test_nobody_is_admin_yet(environment: Environment) -> None:
    found = await checked(environment)
    assert amiss(found) == [(Level.WARNING, "staff")]
    assert "convoke staff grant" in line(found, "staff").text


WRONG = {
    "wrong Telegram token": (
        {"CONVOKE_TELEGRAM_TOKEN": "111222333:" + "B" * 35},
        "telegram",
        "@BotFather",
    ),
    "no token at all": ({"CONVOKE_TELEGRAM_TOKEN": ""}, "telegram", "is empty"),
    "half a token": ({"CONVOKE_TELEGRAM_TOKEN": "111222333"}, "telegram", "does not look like"),
    "wrong bot token": ({"CONVOKE_SLACK_BOT_TOKEN": "xoxb-other"}, "slack", "SLACK_BOT_TOKEN"),
    "wrong app token": ({"CONVOKE_SLACK_APP_TOKEN": "xapp-other"}, "slack", "SLACK_APP_TOKEN"),
    "swapped tokens": ({"CONVOKE_SLACK_APP_TOKEN": "xoxb-other"}, "slack", "no app-level token"),
    "unknown adapter": ({"CONVOKE_ADAPTERS": "telegram,slack,fax"}, "fax", "no adapter 'fax'"),
    "Telegram away": (
        {"CONVOKE_TELEGRAM_API_URL": "http://127.0.0.1:9"},
        "telegram",
        "CONVOKE_PROXY",
    ),
    "Slack away": ({"CONVOKE_SLACK_API_URL": "http://127.0.0.1:9/api/"}, "slack", "API_URL"),
    "not a language": ({"CONVOKE_DEFAULT_LANGUAGE": "tlh"}, "language", "choose one of"),
    "no public address": (
        {"CONVOKE_TELEGRAM_MODE": "webhook"},
        "public URL",
        "CONVOKE_PUBLIC_URL is empty",
    ),
    "plain public address": (
        {"CONVOKE_SLACK_MODE": "http", "CONVOKE_PUBLIC_URL": "http://bot.example.org"},
        "public URL",
        "must be https://",
    ),
    "folder that is not": (
        {"CONVOKE_DATABASE_URL": "sqlite:///nowhere/convoke.db"},
        "database",
        "make the folder",
    ),
    "no database server": (
        {"CONVOKE_DATABASE_URL": "postgresql://me:hidden@127.0.0.1:9/x"},
        "database",
        "check that it exists",
    ),
    "other database": (
        {"CONVOKE_DATABASE_URL": "mysql://me:hidden@127.0.0.1/x"},
        "database",
        "CONVOKE_DATABASE_URL",
    ),
}


@pytest.mark.parametrize("case", WRONG)
async def test_what_is_wrong_is_one_line_and_hides_no_other(
    case: str, environment: Environment
) -> None:
    change, thing, said = WRONG[case]
    found = await checked({**environment, **change})
    one = line(found, thing)
    assert one.level is Level.WRONG
    assert said in one.text
    assert "hidden" not in one.text
    others = {"telegram", "slack", "database"} - {thing}
    if "PUBLIC_URL" not in said:
        assert all(line(found, other).level is not Level.WRONG for other in others)


async def test_a_file_that_is_no_database(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear members, " * 200)
    found = await checked({**environment, "CONVOKE_DATABASE_URL": "sqlite:///letter.db"})
    assert line(found, "database").level is Level.WRONG
    assert "letter.db cannot be used" in line(found, "database").text


async def test_no_database_yet_is_made_by_migrate_and_not_by_looking(
    environment: Environment, tmp_path: Path
) -> None:
    found = await checked({**environment, "CONVOKE_DATABASE_URL": "sqlite:///new.db"})
    assert line(found, "database").level is Level.WARNING
    assert "convoke migrate" in line(found, "database").text
    assert not (tmp_path / "new.db").exists()


async def test_an_empty_database(environment: Environment, empty_url: str, tmp_path: Path) -> None:
    if empty_url.startswith("sqlite"):
        (tmp_path / "empty.db").touch()
        empty_url = "sqlite:///empty.db"
    found = await checked({**environment, "CONVOKE_DATABASE_URL": empty_url})
    assert "convoke migrate" in line(found, "database").text


@pytest.mark.parametrize(
    ("revision", "level", "said"),
    [
        ("0001", Level.WARNING, "lacks a migration"),
        ("9999", Level.WRONG, "made by a newer version"),
    ],
)
async def test_another_schema(
    environment: Environment,
    open_database: OpenDatabase,
    revision: str,
    level: Level,
    said: str,
) -> None:
    from sqlalchemy import text

    async with open_database().connection() as connection, connection.begin():
        await connection.execute(
            text("UPDATE alembic_version SET version_num = :r"), {"r": revision}
        )
    one = line(await checked(environment), "database")
    assert (one.level, said in one.text) == (level, True)


async def test_a_proxy_that_is_away(environment: Environment) -> None:
    found = await checked({**environment, "CONVOKE_PROXY": "socks5://me:hidden@127.0.0.1:9"})
    assert line(found, "proxy").level is Level.WRONG
    assert "socks5://127.0.0.1:9" in line(found, "proxy").text
    assert "CONVOKE_PROXY" in line(found, "telegram").text
    assert "CONVOKE_PROXY" in line(found, "slack").text
    assert "hidden" not in str(found)


async def test_a_slip_of_the_pen(environment: Environment) -> None:
    found = await checked({**environment, "CONVOKE_TELEGRAM_TOKN": "1"})
    (one,) = [one for one in found if one.level is Level.WARNING and one.thing == "settings"]
    assert "did you mean CONVOKE_TELEGRAM_TOKEN?" in one.text


async def test_every_wrong_setting_has_a_line(environment: Environment) -> None:
    found = await checked(
        {**environment, "CONVOKE_TELEGRAM_RATE": "fast", "CONVOKE_DEFAULT_ZONE": "Mars/Olympus"}
    )
    assert [one.level for one in found] == [Level.WRONG, Level.WRONG]
    assert "CONVOKE_DEFAULT_ZONE" in found[0].text + found[1].text


async def test_nothing_is_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CONVOKE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (one,) = await checkup()
    assert "convoke init" in one.text


@pytest.mark.parametrize(
    ("off", "mode", "level", "said"),
    [
        (5, "socket", Level.OK, "agrees"),
        (-90, "socket", Level.WARNING, "1.5 minutes ahead of"),
        (600, "socket", Level.WARNING, "10.0 minutes behind"),
        (600, "http", Level.WRONG, "set-ntp"),
    ],
)
async def test_a_clock_that_is_off(
    environment: Environment, off: int, mode: str, level: Level, said: str
) -> None:
    """A server whose ``Date`` says something else, as ours would if our clock were wrong."""

    async def say(_: web.Request) -> web.Response:
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + off))
        return web.Response(headers={"Date": date}, status=404)

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", say)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    change = {"CONVOKE_TELEGRAM_API_URL": f"http://127.0.0.1:{port}", "CONVOKE_SLACK_MODE": mode}
    try:
        one = line(await checked({**environment, **change}), "clock")
    finally:
        await runner.cleanup()
    assert one.level is level
    assert said in one.text


async def test_a_server_that_never_answers_is_given_up(environment: Environment) -> None:
    """It takes connections and is silent: the whole check ends all the same."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        change = {
            "CONVOKE_TELEGRAM_API_URL": f"http://127.0.0.1:{port}",
            "CONVOKE_SLACK_API_URL": f"http://127.0.0.1:{port}/api/",
        }
        async with asyncio.timeout(15):
            found = await checked({**environment, **change})
    assert line(found, "telegram").level is Level.WRONG
    assert line(found, "slack").level is Level.WRONG
    assert line(found, "clock").level is Level.WARNING
