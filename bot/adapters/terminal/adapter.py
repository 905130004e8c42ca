"""A chat between one person and the bot, at the prompt of the machine it runs on.

What is shown, and what is typed::

    ╭ 12                        ╭ 12 · changed      ╭ 12 · removed
    │ Shall we meet?            │ …                 ╰
    ├ [3] Yes                   ╰
    ├ [4] No
    ╰

A line is a message; a backslash at its end continues it. ``/word …`` is a command. A bare
number presses the newest button with that number; with a space before it, it is text.
"""

import asyncio
import base64
import logging
import re
import secrets
import tempfile
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.adapters.base import Capabilities, DeliveryKey, Health, Pace, Part, Sink
from bot.adapters.terminal.render import TEXT_LIMIT, clean, render
from bot.adapters.terminal.screen import Screen
from bot.clock import Clock
from bot.domain.address import AccountRef, Address, MessageRef
from bot.domain.incoming import Commanded, Incoming, Pressed, Said
from bot.domain.message import Message, split_button_data
from bot.domain.outcome import Delivered, Later, Outcome, Scope, Unknown
from bot.domain.reader import Reader

PLATFORM = "terminal"
ACCOUNT = "here"
NUMBERS = 99
"""Buttons are numbered up to this, then from 1 again: the newest with a number counts."""
NOTICE_LIMIT = 1000
WAIT_SECONDS = 1.0
_COMMAND = re.compile(r"/(\w+)(?:\s+(.*))?", re.DOTALL)
_PATHLESS = re.compile(r"[^\w.() -]")

log = logging.getLogger(__name__)


class TerminalAdapter:
    """One person, one screen; a restart forgets which buttons stand on it."""

    name = PLATFORM
    capabilities = Capabilities(text_limit=TEXT_LIMIT, files=True, notice_limit=NOTICE_LIMIT)
    pace = Pace(account=1000.0, bulk=900.0, chat=1000.0, room=1000.0)

    def __init__(self, *, screen: Screen, user: str, locale: str, clock: Clock) -> None:
        """Talk to ``user``, whose ``locale`` is as the environment gives it (``LANG``)."""
        self._screen = screen
        self._user = user
        self._locale = locale
        self._clock = clock
        self._session = secrets.token_hex(3)
        self._shown = 0
        self._typed = 0
        self._pressed = 0
        self._buttons: dict[int, tuple[MessageRef, str]] = {}
        self._waiting: deque[Incoming] = deque()
        self._folder: Path | None = None

    @property
    def account(self) -> str:
        """There is only this one."""
        return ACCOUNT

    @asynccontextmanager
    async def session(self) -> AsyncIterator[None]:
        """Nothing is to be held open."""
        yield

    @asynccontextmanager
    async def running(self, sink: Sink) -> AsyncIterator[None]:
        """Read what is typed until the block ends; what was not stored is kept for the next."""
        task = asyncio.create_task(self._receive(sink), name="terminal")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _receive(self, sink: Sink) -> None:
        while True:
            try:
                if not self._waiting:
                    self._waiting.append(await self._next())
                incoming = self._waiting[0]
                notice = Notice(self._screen) if isinstance(incoming, Pressed) else None
                await sink(incoming, notice)
            except Exception as error:  # it was not stored, or the screen is away: once more
                log.warning("terminal: trying again (%s)", type(error).__name__)
                await self._clock.sleep(WAIT_SECONDS)
            else:
                self._waiting.popleft()

    async def _next(self) -> Incoming:
        """Return what is typed next; at the end of the input, wait for ever."""
        lines: list[str] = []
        while True:
            line = await self._screen.read()
            if line is None:
                await asyncio.Event().wait()
                continue
            if not line.endswith("\\"):
                return self._incoming("\n".join((*lines, line)))
            lines.append(line[:-1])

    def _incoming(self, text: str) -> Incoming:
        self._typed += 1
        where = Address(PLATFORM, ACCOUNT, self._user)
        common: dict[str, Any] = {
            "delivery_id": f"{self._session}-{self._typed}",
            "at": self._clock.now(),
            "where": where,
            "who": AccountRef(PLATFORM, ACCOUNT, self._user),
            "is_direct": True,
            "locale": self._locale,
            "name": self._user,
        }
        if text.isascii() and text.isdigit() and int(text) in self._buttons:
            ref, data = self._buttons[int(text)]
            action, value = split_button_data(data)
            return Pressed(**common, action=action, value=value, ref=ref)
        if match := _COMMAND.fullmatch(text):
            return Commanded(**common, command=match[1].lower(), argument=match[2] or "")
        said = text[1:] if text.startswith(" ") else text
        return Said(**common, text=said, ref=MessageRef(where, f"typed-{common['delivery_id']}"))

    def render(self, message: Message, reader: Reader) -> tuple[Part, ...]:
        """Return ``message`` as plain text."""
        return render(message, reader)

    async def send(self, to: Address, part: Part, key: DeliveryKey) -> Outcome:
        """Show a new message."""
        self._shown += 1
        ref = MessageRef(to, f"{self._session}-{self._shown}")
        return await self._show(ref, part)

    async def edit(self, ref: MessageRef, part: Part) -> Outcome:
        """Show the message again, as changed: a line that was printed stays printed."""
        return await self._show(ref, part, " · changed")

    async def delete(self, ref: MessageRef) -> Outcome:
        """Say that the message counts no more."""
        for number in [number for number, (of, _) in self._buttons.items() if of == ref]:
            del self._buttons[number]
        return await self._print(ref, [f"╭ {self._number(ref)} · removed"])

    async def check(self) -> Health:
        """Say whether the screen is there."""
        try:
            await self._screen.show("")
        except OSError:
            return Health(False, ACCOUNT, problem="The terminal is closed; start convoke in one.")
        return Health(True, ACCOUNT, "terminal")

    async def _show(self, ref: MessageRef, part: Part, how: str = "") -> Outcome:
        lines = [f"╭ {self._number(ref)}{how}"]
        lines += [f"│ {line}" for line in part.payload["text"].split("\n")]
        buttons = {}
        for label, data in part.payload["buttons"]:
            self._pressed = self._pressed % NUMBERS + 1
            buttons[self._pressed] = (ref, data)
            lines.append(f"├ [{self._pressed}] {' '.join(clean(label).split())}")
        lines += [f"├ 📎 {self._saved(one)}" for one in part.payload["files"]]
        outcome = await self._print(ref, lines)
        if isinstance(outcome, Delivered):
            kept = {number: one for number, one in self._buttons.items() if one[0] != ref}
            self._buttons = kept | buttons
        return outcome

    def _number(self, ref: MessageRef) -> str:
        """Return what stands over the message; one of an earlier start keeps its whole id."""
        return ref.id.removeprefix(f"{self._session}-")

    async def _print(self, ref: MessageRef, lines: list[str]) -> Outcome:
        try:
            await self._screen.show("\n".join((*lines, "╰", "")))
        except ConnectionRefusedError:
            return Later(WAIT_SECONDS, Scope.ACCOUNT, "the terminal is closed")
        except OSError as error:
            return Unknown(f"the terminal failed ({type(error).__name__})")
        return Delivered(ref)

    def _saved(self, file: dict[str, str]) -> str:
        """Save a file where only this user can read it, and return its path."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="received-"))
        name = _PATHLESS.sub("_", file["name"]).lstrip(".") or "file"
        path = self._folder / f"{self._shown}-{name}"
        path.write_bytes(base64.b64decode(file["content"]))
        return str(path)


class Notice:
    """The short answer to a press; a terminal shows it at any time, but once."""

    def __init__(self, screen: Screen) -> None:
        """Show it on ``screen``."""
        self._screen = screen
        self._answered = False

    @property
    def open(self) -> bool:
        """Whether nobody has answered yet."""
        return not self._answered

    async def answer(self, notice: str) -> bool:
        """Show ``notice`` on a line of its own."""
        if self._answered:
            return False
        self._answered = True
        if not notice:
            return True
        try:
            await self._screen.show("".join(f"· {line}\n" for line in clean(notice).split("\n")))
        except OSError:
            return False
        return True
