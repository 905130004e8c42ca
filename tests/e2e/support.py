"""The real service as its operator runs it: a process of its own, settings by environment.

Nothing here looks into the service. What happened is read from the simulators' journals,
from what the commands print, and (only where no command says it) from the tables.
"""

import asyncio
import csv
import json
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot.simulators.base import SimulatedPerson
from bot.simulators.journal import SeenMessage
from bot.simulators.slack import SlackSimulator
from bot.simulators.telegram import TelegramSimulator
from bot.storage.database import Database

ROOT = Path(__file__).parents[2]
TEAM = "T0CONVOKE"
READY = "this process receives and sends"
COLUMNS = (
    "organisation,country,name,email,role,locale,timezone,tags,telegram_id,slack_team,slack_user"
)


def clean_environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without any setting of ours, and ``variables``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONVOKE_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default", **variables}


async def until(holds: Callable[[], object], what: str, seconds: float = 40.0) -> None:
    """Return as soon as ``holds()`` is true.

    Raises:
        AssertionError: it was not within ``seconds``.
    """
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.02)


def email_of(user: str) -> str:
    """Return the address that the roster has of somebody, by their account's id."""
    return f"p{user.lower()}@center.example"


def tell(what: str, figure: object) -> None:
    """Say a measured figure; ``pytest -rP`` or ``-s`` shows it."""
    sys.stdout.write(f"{what}: {figure}\n")


@dataclass(frozen=True, slots=True)
class Told:
    """What a command ended with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON; the command must have succeeded."""
        assert self.code == 0, self
        return json.loads(self.out)


@dataclass(slots=True)
class Running:
    """One run of the service; standard error stays in ``log``."""

    process: asyncio.subprocess.Process
    log: Path
    begun: float

    @property
    def text(self) -> str:
        """What it has logged so far."""
        return self.log.read_text()

    def kill(self) -> None:
        """Send SIGKILL; :meth:`ended` waits for it."""
        self.process.send_signal(signal.SIGKILL)

    async def ended(self, seconds: float = 15.0) -> int:
        """Wait for the end and return the exit code."""
        async with asyncio.timeout(seconds):
            return await self.process.wait()

    async def killed(self) -> None:
        """Kill and wait."""
        self.kill()
        assert await self.ended() == -signal.SIGKILL, self.text[-2000:]

    async def stopped(self) -> float:
        """End it with SIGTERM, expect exit 0, and return how long that took."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert await self.ended() == 0, self.text[-3000:]
        return time.monotonic() - begun

    async def ready(self, platforms: Iterable[str] = ("telegram", "slack")) -> None:
        """Wait until it holds the accounts of ``platforms``."""
        wanted = [f"{name}: {READY}" for name in platforms]
        await until(
            lambda: all(one in self.text for one in wanted) or self.process.returncode is not None,
            f"the service is ready: {self.text[-2000:]}",
            20,
        )
        assert self.process.returncode is None, self.text[-3000:]


@dataclass(slots=True)
class Installation:
    """A folder, settings, and what runs in it."""

    folder: Path
    settings: dict[str, str]
    secrets: list[str] = field(default_factory=list)
    runs: list[Running] = field(default_factory=list)
    said: list[Told] = field(default_factory=list)
    count: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    commands: asyncio.subprocess.Process | None = None

    async def start(self, **settings: str) -> Running:
        """Start ``convoke run``; ``settings`` change the usual ones."""
        self.count += 1
        log = self.folder / f"run-{self.count}.log"
        with log.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run",
                cwd=self.folder,
                env=clean_environment(**{**self.settings, **settings}),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )  # fmt: skip
        running = Running(process, log, time.monotonic())
        self.runs.append(running)
        return running

    async def started(self, **settings: str) -> Running:
        """Start and wait until it receives and sends."""
        running = await self.start(**settings)
        names = (settings.get("CONVOKE_ADAPTERS") or "telegram,slack").split(",")
        await running.ready(names)
        return running

    async def cli(self, *arguments: str, only: Mapping[str, str] | None = None) -> Told:
        """Run a command to its end, in a process of its own; with ``only`` under just these."""
        async with self.turn, asyncio.timeout(60):
            if self.commands is None:
                self.commands = await asyncio.create_subprocess_exec(
                    sys.executable, str(Path(__file__).with_name("many_commands.py")),
                    cwd=self.folder,
                    env=clean_environment(),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    limit=2**24,
                )  # fmt: skip
            assert self.commands.stdin is not None
            assert self.commands.stdout is not None
            settings = self.settings if only is None else dict(only)
            self.commands.stdin.write(json.dumps([arguments, settings]).encode() + b"\n")
            told = Told(*json.loads(await self.commands.stdout.readline()))
        self.said.append(told)
        return told

    async def done(self, *arguments: str, only: Mapping[str, str] | None = None) -> Told:
        """Run a command that must succeed."""
        told = await self.cli(*arguments, only=only)
        assert told.code == 0, told
        return told

    async def announce(self, *more: str, title: str = "Greeting", words: str = "") -> int:
        """Create and approve an announcement and return its number."""
        file = self.write("letter.md", words or "Happy **New Year** to all of you!")
        told = await self.done(
            "announce", "create", "--title", title, "--text-file", file, "--yes", "--json", *more
        )
        return int(told.json["id"])

    async def report(self, number: int) -> dict[str, Any]:
        """Return what ``announce report --json`` says."""
        told = await self.done("announce", "report", str(number), "--json")
        found: dict[str, Any] = told.json
        return found

    async def is_sent(self, number: int, seconds: float = 30.0) -> dict[str, Any]:
        """Wait until announcement ``number`` is sent and return its report."""
        end = time.monotonic() + seconds
        sent = "SELECT count(*) AS n FROM announcement WHERE state = 'sent' AND id = :id"
        while not (await self.rows(sent, id=number))[0].n:
            assert time.monotonic() < end, await self.report(number)
            await asyncio.sleep(0.3)
        return await self.report(number)

    async def is_idle(self, seconds: float = 15.0) -> None:
        """Wait until everything that came is handled, and everything said is sent."""
        undone = (
            "SELECT (SELECT count(*) FROM inbox WHERE state IN ('new', 'claimed'))"
            " + (SELECT count(*) FROM delivery WHERE state IN ('pending', 'claimed', 'sending'))"
            " AS n"
        )
        end = time.monotonic() + seconds
        while (await self.rows(undone))[0].n:
            assert time.monotonic() < end, "something is still under way"
            await asyncio.sleep(0.1)

    async def rows(self, query: str, **values: Any) -> Sequence[Any]:
        """Return rows of the tables: for what no command shows."""
        database = Database(self.settings["CONVOKE_DATABASE_URL"])
        try:
            async with database.read() as read:
                found: Sequence[Any] = (await read.execute(text(query), values)).all()
                return found
        finally:
            await database.close()

    async def unconfirmed_replies(self) -> set[str]:
        """Return the chats that have a reply or a changed card of unknown fate."""
        rows = await self.rows(
            "SELECT address.chat FROM delivery JOIN address ON address.id = delivery.address_id "
            "WHERE delivery.announcement_id IS NULL AND delivery.state = 'unconfirmed'"
        )
        return {str(row.chat) for row in rows}

    def write(self, name: str, words: str | bytes) -> str:
        """Write a file and return its name."""
        (self.folder / name).write_bytes(words if isinstance(words, bytes) else words.encode())
        return name

    def write_roster(self, people: Iterable[Mapping[str, str]], name: str = "roster.csv") -> str:
        """Write a roster; every row is an organisation of its own unless it names one."""
        columns = COLUMNS.split(",")
        with (self.folder / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            for number, person in enumerate(people, 1):
                key = "".join(person.get(one, "") for one in ("telegram_id", "slack_user"))
                usual = {
                    "organisation": f"Center {number}",
                    "country": "DE",
                    "name": f"Person {number}",
                    "email": email_of(key or str(number)),
                    "role": "contact",
                    "locale": "en",
                    "timezone": "Europe/Berlin",
                    "slack_team": TEAM if person.get("slack_user") else "",
                }
                writer.writerow({**usual, **person})
        return name

    def write_conference(self, capacity: int = 100) -> str:
        """Write a conference folder with one event and one answer."""
        folder = self.folder / "forum"
        folder.mkdir(exist_ok=True)
        (folder / "event.yaml").write_text(
            "id: forum\ntitle: Science Forum\nstatus: planned\nstart: null\nend: null\n"
            f"date_note: Some day.\ntimezone: Asia/Shanghai\ncity: Beijing\ncapacity: {capacity}\n"
        )
        (folder / "faq.md").write_text(
            "# Questions\n\n## Where is the cafeteria?\n\nThe cafeteria is in hall 42.\n"
        )
        return "forum"

    async def close(self) -> None:
        """End what runs, then prove that no secret stands in anything that was said."""
        if self.commands is not None:
            assert self.commands.stdin is not None
            self.commands.stdin.close()
            await self.commands.wait()
        for run in self.runs:
            if run.process.returncode is None:
                await run.killed()
        for run in self.runs:
            self._check_words(run.text)
        for told in self.said:
            self._check_words(told.out + told.err)

    def _check_words(self, words: str) -> None:
        for secret in self.secrets:
            assert secret not in words, f"a secret is told: …{_around(words, secret)}…"
        assert not re.search(r"\d{6,}:[\w-]{30,}|xox[a-z]-\w{6,}|xapp-\w{6,}", words)
        assert "never awaited" not in words
        assert "never retrieved" not in words, words[-3000:]


def _around(words: str, secret: str) -> str:
    at = words.index(secret)
    return words[max(0, at - 200) : at + 20]


@dataclass(slots=True)
class World(Installation):
    """An installation with both of our simulators."""

    telegram: TelegramSimulator = field(default_factory=TelegramSimulator)
    slack: SlackSimulator = field(default_factory=SlackSimulator)

    def add_people(self, telegram: int, slack: int = 0) -> list[dict[str, str]]:
        """Open so many accounts and return roster rows of their people."""
        rows = []
        for number in range(1, telegram + 1):
            user = str(1000 + number)
            self.telegram.add_person(SimulatedPerson(user, f"T{number}"))
            rows.append({"telegram_id": user})
        for number in range(1, slack + 1):
            user = f"U{number:08}"
            self.slack.add_person(SimulatedPerson(user, f"S{number}"))
            rows.append({"slack_user": user})
        return rows

    async def furnish(self, telegram: int, slack: int = 0, **more: str) -> None:
        """Import so many people and the conference."""
        rows = self.add_people(telegram, slack)
        await self.done("roster", "import", self.write_roster([{**row, **more} for row in rows]))
        await self.done("import", self.write_conference())

    def from_bot(self, user: str) -> list[SeenMessage]:
        """Return what the bot wrote to ``user``, whatever the platform."""
        simulator = self.slack if user.startswith("U") else self.telegram
        return simulator.journal.from_bot(user)

    def copies(self, user: str, title: str) -> int:
        """Return how often ``user`` got the announcement with this title."""
        return sum(one.text.startswith(title) for one in self.from_bot(user))

    def everybody(self) -> list[str]:
        """Return all users of both platforms."""
        people = [*self.telegram.people(), *self.slack.people()]
        return [person.user for person in people]

    def say(self, user: str, words: str) -> None:
        """Let ``user`` write to the bot."""
        (self.slack if user.startswith("U") else self.telegram).say(user, words)

    def press(self, user: str, message: SeenMessage, label: str) -> None:
        """Let ``user`` press the button whose label holds ``label``."""
        data = next(one.data for one in message.buttons if label in one.label)
        simulator = self.slack if user.startswith("U") else self.telegram
        simulator.press(user, message.id, data)

    async def gets(
        self, user: str, words: str, count: int = 1, seconds: float = 15
    ) -> list[SeenMessage]:
        """Wait until ``count`` messages to ``user`` hold ``words`` and return them."""

        def found() -> list[SeenMessage]:
            return [one for one in self.from_bot(user) if words in one.text]

        await until(lambda: len(found()) >= count, f"{user} reads {words!r}", seconds)
        return found()


@asynccontextmanager
async def world(folder: Path, **settings: str) -> AsyncIterator[World]:
    """Serve both simulators and give an installation that points at them."""
    made = World(folder, {})
    async with made.telegram.serving(), made.slack.serving():
        made.settings = {
            "CONVOKE_DATABASE_URL": f"sqlite:///{folder}/convoke.db",
            "CONVOKE_LOG_LEVEL": "DEBUG",
            "CONVOKE_HTTP_PORT": "0",
            **made.telegram.environment(),
            **made.slack.environment(),
            **settings,
        }
        made.secrets = [made.telegram.token, "xoxb-simulated-bot-token", "xapp-simulated-app-token"]
        try:
            yield made
        finally:
            await made.close()
