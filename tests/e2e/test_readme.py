"""The chat in ``README.md`` is played again: real adapters, simulated platforms, its words.

The block is the script. A line ``Name: …`` is typed, ``Name presses […]`` is pressed on the
newest message with such a button, and the secretariat's line sends the announcement below.
All indented lines are what the bot must say then.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.app import App, assemble, opened
from bot.clock import MovableClock
from bot.domain.announcement import Body
from bot.domain.people import CLI
from bot.importers.conference_folder import read_conference
from bot.importers.roster_file import read_roster
from bot.services import announcements, conferences, roster
from bot.services.announcements import Draft
from bot.settings import Settings
from bot.simulators.base import SimulatedPerson
from bot.simulators.journal import SeenMessage
from bot.simulators.slack import SlackSimulator
from bot.simulators.telegram import TelegramSimulator
from bot.storage.database import Database, Write
from tests.architecture import docs

NOW = datetime(2031, 1, 5, 9, tzinfo=UTC)
ANNOUNCED = (
    Body("en", "Come and see the lamp room", "You are invited. There is **one** seat."),
    Body("zh", "欢迎参观灯室", "诚邀您参加，只有**一**个名额。"),
)
LOOK = 0.2
UNDONE = text(
    "SELECT (SELECT count(*) FROM inbox WHERE state IN ('new', 'claimed'))"
    " + (SELECT count(*) FROM delivery WHERE state IN ('pending', 'claimed', 'sending'))"
)
PATIENCE = 60.0
MOVE = re.compile(r"^(李娜|Ines)(?: presses \[(.+)\]|: (.+))$")


class Stage:
    """Two people, each on a messenger, and what they have seen so far."""

    def __init__(self, telegram: TelegramSimulator, slack: SlackSimulator) -> None:
        self.chats: dict[str, tuple[TelegramSimulator | SlackSimulator, str]] = {
            "李娜": (telegram, "10001"),
            "Ines": (slack, "U0INES"),
        }
        telegram.add_person(SimulatedPerson("10001", "李娜", "zh-hans"))
        slack.add_person(SimulatedPerson("U0INES", "Ines", "en"))

    def seen(self) -> dict[tuple[str, str], SeenMessage]:
        return {
            (name, message.id): message
            for name, (simulator, user) in self.chats.items()
            for message in simulator.journal.from_bot(user)
        }

    def shown(self) -> dict[tuple[str, str], str]:
        return {key: message.text for key, message in self.seen().items()}

    def act(self, name: str, pressed: str, typed: str) -> None:
        simulator, user = self.chats[name]
        if typed:
            simulator.say(user, typed)
            return
        for message in reversed(simulator.journal.from_bot(user)):
            for button in message.buttons:
                if button.label == pressed:
                    simulator.press(user, message.id, button.data)
                    return
        raise AssertionError(f"{name} sees no button {pressed}")

    async def said(self, before: dict[tuple[str, str], str], database: Database) -> list[str]:
        """Wait until the bot has said all it has to say; return new and changed messages."""
        async with asyncio.timeout(PATIENCE):
            while self.shown() == before or await _undone(database):  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(LOOK)
        lines: list[str] = []
        for (name, number), message in self.seen().items():
            old = before.get((name, number))
            if old != message.text:
                lines += _shown(name, message, changed=old is not None)
        return lines


async def _undone(database: Database) -> int:
    async with database.read() as read:
        return int(await read.scalar(UNDONE))


def _shown(name: str, message: SeenMessage, changed: bool) -> list[str]:
    head = f"  to {name}, in place of what stood there:" if changed else f"  to {name}:"
    labels = " ".join(f"[{button.label}]" for button in message.buttons)
    return [head, *(f"    {one}".rstrip() for one in (*message.text.splitlines(), labels) if one)]


@asynccontextmanager
async def service(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[App, Stage]]:
    telegram, slack = TelegramSimulator(), SlackSimulator()
    async with telegram.serving(), slack.serving():
        names = '{"en": "the Alliance of Lighthouses", "zh": "灯塔联盟"}'
        given = {
            **telegram.environment(),
            **slack.environment(),
            "CONVOKE_DATABASE_URL": f"sqlite:///{folder}/convoke.db",
            "CONVOKE_CALENDAR_FILE": str(folder / "calendar"),
            "CONVOKE_ALLIANCE_NAMES": names,
        }
        for variable, value in given.items():
            monkeypatch.setenv(variable, value)
        MovableClock(folder / "calendar").move_to(NOW)
        monkeypatch.chdir(folder)  # no .env of whoever runs the tests
        settings = Settings()
        async with opened(settings) as database:
            app = assemble(settings, database)
            await _import(app, folder)
            stage = Stage(telegram, slack)
            running = asyncio.create_task(app.run())
            try:
                yield app, stage
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)


async def _import(app: App, folder: Path) -> None:
    conference, _problems = read_conference(docs.example_folder(folder / "lighthouses"))
    rows, _problems = read_roster(docs.write_example("roster.csv", folder))

    async def work(write: Write) -> None:
        now = app.clock.now()
        await conferences.save(write, conference, complete=True, actor=CLI, now=now)
        await roster.save(write, rows, own={}, actor=CLI, now=now)

    await app.database.write(work)


async def announce(app: App) -> None:
    title = ANNOUNCED[0].title
    draft = Draft(title, ANNOUNCED, "all", None, "Europe/Lisbon", "lamp-room-tour")

    async def work(write: Write) -> None:
        now = app.clock.now()
        made = await announcements.create(write, draft, actor=CLI, now=now)
        await announcements.approve(write, made.id, actor=CLI, now=now)

    await app.database.write(work)


def moves(block: str) -> Iterator[str]:
    return (line for line in block.splitlines() if line and not line.startswith(" "))


async def played(block: str, app: App, stage: Stage) -> str:
    """Play the block's moves and return it with what the bot said this time."""
    scenes = []
    for move in moves(block):
        before = stage.shown()
        found = MOVE.match(move)
        if found is None:
            await announce(app)
        else:
            stage.act(found[1], found[2] or "", found[3] or "")
        scenes.append("\n".join([move, *await stage.said(before, app.database)]))
    return "\n\n".join(scenes) + "\n"


@pytest.mark.e2e
async def test_the_chat_in_the_readme_is_what_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = docs.block("chat", "README.md")
    async with service(tmp_path, monkeypatch) as (app, stage):
        assert await played(block, app, stage) == block
