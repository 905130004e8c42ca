"""Somebody at a terminal: types lines, and reads what is printed.

It is no server: the adapter is given :attr:`TerminalSimulator.screen` in place of the
process's own streams. Faults that a terminal cannot have raise ``Unsupported``.
"""

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.clock import Clock
from bot.simulators.base import BareSimulator, SimulatedPerson, Unsupported
from bot.simulators.journal import BOT, Journal, Request, SeenButton, SeenFile, SeenMessage

_HEAD = re.compile(r"╭ (\S+)(?: · (changed|removed))?")
_BUTTON = re.compile(r"├ \[(\d+)\] (.*)")
_FILE = re.compile(r"├ 📎 (.*)")
SHOW = "show"


class TerminalSimulator(BareSimulator):
    """A :class:`~bot.simulators.base.Simulator` of one person's terminal."""

    platform = "terminal"

    def __init__(self, clock: Clock, user: str = "ana") -> None:
        """Let ``user`` sit there."""
        self.journal = Journal()
        self.screen = SimulatedScreen(self)
        self._clock = clock
        self._person = SimulatedPerson(user, user)
        self._numbers: dict[str, list[int]] = {}

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[None]:
        """Keep the terminal open inside the block."""
        self.screen.open = True
        self.screen.came.set()
        yield
        self.screen.open = False

    def environment(self) -> dict[str, str]:
        """Return nothing: the adapter needs no variable."""
        return {}

    def add_person(self, person: SimulatedPerson) -> None:
        """Let ``person`` sit there instead."""
        self._person = person

    def people(self) -> list[SimulatedPerson]:
        """Return who sits there."""
        return [self._person]

    def say(self, user: str, text: str, chat: str | None = None) -> None:
        """Type ``text``; a line break is typed as a backslash at the end of the line."""
        self._own(user)
        for line in text.replace("\n", "\\\n").split("\n"):
            self.screen.type(line)

    def press(self, user: str, message_id: str, data: str, chat: str | None = None) -> None:
        """Type the number of a button; ``data`` is its label here, or its number."""
        self._own(user if chat is None else chat)
        self._own(user)
        self.screen.type(data)

    def block(self, user: str, blocked: bool = True) -> None:
        """Nobody can block a terminal."""
        raise Unsupported("a terminal is open or closed")

    def lose_answers(self, count: int, method: str = "") -> None:
        """Show the next ``count`` messages and fail all the same."""
        self.screen.lost = count

    def answer_errors(self, count: int, status: int, retry_after: int | None = None) -> None:
        """A terminal knows no status."""
        raise Unsupported("a terminal answers nothing")

    def _own(self, user: str) -> None:
        if user != self._person.user:
            raise Unsupported("one person sits at a terminal")

    def read(self, block: str) -> None:
        """Put what was printed into the journal, as the person reads it."""
        lines = block.split("\n")
        head = _HEAD.fullmatch(lines[0])
        user = self._person.user
        if head is None:
            if block:
                self.journal.notice(user, "\n".join(line[2:] for line in lines if line))
            return
        self.journal.requests.append(Request(self._clock.monotonic(), SHOW, user, "ok"))
        number, how = head[1], head[2]
        standing = self.journal.find(user, number)
        if how == "removed":
            if standing is not None:
                standing.deleted = True
            return
        text = "\n".join(line[2:] for line in lines if line.startswith("│ "))
        buttons = tuple(
            SeenButton(match[2], match[1]) for line in lines if (match := _BUTTON.fullmatch(line))
        )
        paths = [Path(match[1]) for line in lines if (match := _FILE.fullmatch(line))]
        files = tuple(SeenFile(_name(one), one.stat().st_size) for one in paths)
        if how == "changed" and standing is not None:
            standing.history.append(standing.text)
            standing.text, standing.buttons = text, buttons
            return
        at = self._clock.monotonic()
        native = {"printed": block}
        self.journal.add(user, SeenMessage(number, BOT, text, buttons, files, native, at=at))


def _name(path: Path) -> str:
    """Return a saved file's own name: in front of it stands the number of its message."""
    return path.name.partition("-")[2]


class SimulatedScreen:
    """The streams of the simulated terminal."""

    def __init__(self, simulator: TerminalSimulator) -> None:
        """Let ``simulator`` read what is shown."""
        self._simulator = simulator
        self._typed: deque[str] = deque()
        self.open = True
        self.lost = 0
        self.came = asyncio.Event()

    def type(self, line: str) -> None:
        """Type ``line`` and Enter."""
        self._typed.append(line)
        self.came.set()

    async def show(self, block: str) -> None:
        """Show ``block``, and fail afterwards where an answer is to be lost."""
        if not self.open:
            raise ConnectionRefusedError("the terminal is closed")
        self._simulator.read(block)
        if block and self.lost:
            self.lost -= 1
            raise OSError("broken off")

    async def read(self) -> str | None:
        """Return the next line; a closed terminal gives none."""
        while not (self.open and self._typed):
            self.came.clear()
            await self.came.wait()
        return self._typed.popleft()
