"""A platform in memory, and its adapter: every outcome on demand, every request noted.

It passes :mod:`bot.adapters.conformance` like the real ones (``tests/contract/fake``), so
what the tests of dispatch and outbound learn from it holds for them too.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from bot.adapters.base import (
    Capabilities,
    DeliveryKey,
    Health,
    Interaction,
    Pace,
    Part,
    Sink,
)
from bot.clock import Clock
from bot.domain.address import AccountRef, Address, MessageRef
from bot.domain.incoming import Commanded, Incoming, Joined, Left, Pressed, Said
from bot.domain.message import Inline, Mention, Message, When, split_button_data
from bot.domain.outcome import Delivered, Later, Moved, Never, Outcome, Reason, Scope, Unknown
from bot.domain.reader import Reader
from bot.domain.sent_file import SentFile
from bot.i18n import when_text
from bot.simulators.base import BareSimulator, SimulatedPerson
from bot.simulators.journal import BOT, Journal, Request, SeenButton, SeenFile, SeenMessage

LIMIT = 4096
NOTICE_SECONDS = 2.0
TOKEN = "fake-token-0123456789"

Script = Outcome | Exception | Callable[[], Awaitable[Outcome]]
"""What an attempt comes to: an outcome, something raised, or whatever a coroutine says."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request as it left us."""

    at: float
    kind: str
    chat: str
    text: str
    key: int


class Notice:
    """The answer to a press, open for two seconds of the clock."""

    def __init__(self, journal: Journal, user: str, clock: Clock) -> None:
        self._journal, self._user, self._clock = journal, user, clock
        self._answered = False
        self._end = clock.monotonic() + NOTICE_SECONDS

    @property
    def open(self) -> bool:
        return not self._answered and self._clock.monotonic() < self._end

    async def answer(self, notice: str) -> bool:
        if not self.open:
            return False
        self._answered = True
        self._journal.notice(self._user, notice)
        return True


class FakePlatform(BareSimulator):
    """What people see and do, as the simulators of real platforms offer it."""

    platform = "fake"

    def __init__(self, clock: Clock, account: str = "bot") -> None:
        self.clock = clock
        self.account = account
        self.journal = Journal()
        self.updates: deque[tuple[Incoming, Interaction | None]] = deque()
        self.came = asyncio.Event()
        self.down = False
        self.blocked: set[str] = set()
        self.rooms: dict[str, str] = {}
        self.moved: dict[str, str] = {}
        self.keys: dict[int, MessageRef] = {}
        self.files: dict[str, bytes] = {}
        self._people: dict[str, SimulatedPerson] = {}
        self._past: list[tuple[Incoming, Interaction | None]] = []
        self._numbers = 0
        self._lose = 0
        self._errors: deque[Outcome] = deque()

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[None]:
        self.down = False
        yield
        self.down = True

    def environment(self) -> dict[str, str]:
        return {}

    def add_person(self, person: SimulatedPerson) -> None:
        self._people[person.user] = person

    def people(self) -> list[SimulatedPerson]:
        return list(self._people.values())

    def answer(self, user: str, text: str, message_id: str, chat: str | None = None) -> None:
        """Let ``user`` quote a message and write below it."""
        self.say(user, text, chat, quoting=message_id)

    def say(
        self, user: str, text: str, chat: str | None = None, thread: str = "", quoting: str = ""
    ) -> None:
        """Let ``user`` write to the bot; in a room, by mentioning it."""
        common = self._common(user, chat or user, thread)
        if text.startswith("/"):
            command, _, argument = text[1:].partition(" ")
            self._add(Commanded(**common, command=command.lower(), argument=argument))
        else:
            ref = MessageRef(common["where"], f"u{self._numbers}")
            heard = text.replace("<@bot>", "").strip() if chat in self.rooms else text
            reply_to = MessageRef(common["where"], quoting) if quoting else None
            self._add(Said(**common, text=heard, ref=ref, reply_to=reply_to))

    def send_files(self, user: str, *files: tuple[str, bytes], text: str = "") -> None:
        """Let ``user`` send files to the bot in one message, by name and bytes."""
        sent = []
        for name, content in files:
            id_ = f"file{len(self.files)}"
            self.files[id_] = content
            sent.append(SentFile(id_, name, size=len(content)))
        common = self._common(user, user)
        ref = MessageRef(common["where"], f"u{self._numbers}")
        self._add(Said(**common, text=text, ref=ref, files=tuple(sent)))

    def create_room(self, title: str, members: Sequence[str] = ()) -> str:
        room = f"-{len(self.rooms) + 5}"
        self.rooms[room] = title
        return room

    def add_bot(self, chat: str, by: str) -> None:
        self.blocked.discard(chat)
        self._add(Joined(**self._common(by, chat), is_bot=True))

    def remove_bot(self, chat: str, by: str) -> None:
        self.blocked.add(chat)
        self._add(Left(**self._common(by, chat), is_bot=True))

    def upgrade_room(self, chat: str) -> str:
        new = f"-100{chat.removeprefix('-')}"
        self.rooms[new] = self.rooms[chat]
        self.moved[chat] = new
        before = Address(self.platform, self.account, chat)
        self._add(Joined(**self._common("100", new), is_bot=True, moved_from=before))
        return new

    def press(
        self,
        user: str,
        message_id: str,
        data: str,
        chat: str | None = None,
        thread: str = "",
    ) -> None:
        action, value = split_button_data(data)
        common = self._common(user, chat or user, thread)
        ref = MessageRef(common["where"], message_id)
        notice = Notice(self.journal, user, self.clock)
        self._add(Pressed(**common, action=action, value=value, ref=ref), notice)

    def block(self, user: str, blocked: bool = True) -> None:
        (self.blocked.add if blocked else self.blocked.discard)(user)

    def lose_answers(self, count: int, method: str = "") -> None:
        self._lose = count

    def answer_errors(self, count: int, status: int, retry_after: int | None = None) -> None:
        outcome: Outcome = Never(Reason.REFUSED, f"error {status}")
        if status == 429:
            outcome = Later(float(retry_after or 1), Scope.CHAT, "slow down")
        elif status >= 500:
            outcome = Unknown(f"error {status}")
        self._errors.extend([outcome] * count)

    def take(self, method: str, chat: str) -> Outcome | None:
        """Return why a request fails before anything is shown, or None."""
        if self.down:
            return Later(1.0, Scope.ACCOUNT, "no connection")
        failure: Outcome | None = None
        if self._errors:
            failure = self._errors.popleft()
        elif chat in self.blocked:
            failure = Never(Reason.BLOCKED)
        elif chat in self.moved:
            failure = Moved(Address(self.platform, self.account, self.moved[chat]))
        self.journal.requests.append(
            Request(self.clock.monotonic(), method, chat, "error" if failure else "ok")
        )
        return failure

    def show(self, to: Address, part: Part, key: DeliveryKey) -> Outcome:
        self._numbers += 1
        ref = MessageRef(to, f"m{self._numbers}")
        self.keys[key.id] = ref
        seen = SeenMessage(ref.id, BOT, part.payload["text"], at=self.clock.monotonic())
        seen.buttons = _buttons(part)
        seen.files = tuple(SeenFile(*one) for one in part.payload.get("files", ()))
        self.journal.add(to.chat, seen)
        return self._answered(ref)

    def change(self, ref: MessageRef, part: Part) -> Outcome:
        seen = self.journal.find(ref.address.chat, ref.id)
        if seen is None or seen.deleted:
            return Never(Reason.NOT_FOUND)
        if seen.text != part.payload["text"]:
            seen.history.append(seen.text)
        seen.text, seen.buttons = part.payload["text"], _buttons(part)
        return self._answered(ref)

    def _answered(self, ref: MessageRef) -> Outcome:
        if self._lose:
            self._lose -= 1
            return Unknown("the answer was lost")
        return Delivered(ref)

    def _common(self, user: str, chat: str, thread: str = "") -> dict[str, Any]:
        self._numbers += 1
        person = self._people.get(user)
        return {
            "delivery_id": str(self._numbers),
            "at": self.clock.now(),
            "where": Address(self.platform, self.account, chat, thread),
            "who": AccountRef(self.platform, self.account, user),
            "is_direct": chat not in self.rooms,
            "room": self.rooms.get(chat, ""),
            "locale": person.language if person else "",
            "name": person.name if person else "",
        }

    def redeliver(self, count: int = 1) -> None:
        self.updates.extend(self._past[-count:])
        self.came.set()

    def _add(self, incoming: Incoming, interaction: Interaction | None = None) -> None:
        self.updates.append((incoming, interaction))
        self._past.append((incoming, interaction))
        self.came.set()


class FakeAdapter:
    """The adapter of a :class:`FakePlatform`.

    Attributes:
        attempts: Every request to send or edit, in the order in which they left.
        script: By chat, what the next attempts come to; ``""`` is for every chat.
        before: Awaited before each request is made, after it was noted.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        name: str = "fake",
        account: str = "bot",
        pace: Pace | None = None,
        reconcile: bool = False,
    ) -> None:
        self.name = name
        self.platform = FakePlatform(clock, account)
        self.platform.platform = name
        self.capabilities = Capabilities(
            text_limit=LIMIT, files=True, notice_limit=200, reconcile=reconcile
        )
        self.pace = pace or Pace(account=30.0, bulk=28.6, chat=1.0, room=20 / 60)
        self.clock = clock
        self.attempts: list[Attempt] = []
        self.script: dict[str, deque[Script]] = defaultdict(deque)
        self.before: Callable[[Attempt], Awaitable[None]] | None = None
        self.running_now = 0

    @property
    def account(self) -> str:
        return self.platform.account

    @asynccontextmanager
    async def running(self, sink: Sink) -> AsyncIterator[None]:
        receiving = asyncio.create_task(self._receive(sink))
        self.running_now += 1
        try:
            yield
        finally:
            self.running_now -= 1
            receiving.cancel()
            with suppress(asyncio.CancelledError):
                await receiving

    @asynccontextmanager
    async def session(self) -> AsyncIterator[None]:
        yield

    def render(self, message: Message, reader: Reader) -> tuple[Part, ...]:
        lines = ("".join(_shown(part, reader) for part in one) for one in message.lines)
        texts = list(_cut("\n".join(lines)))
        buttons = [[[one.label, one.data] for one in row] for row in message.buttons]
        parts = [Part({"text": text, "buttons": []}, text) for text in texts]
        last = parts[-1]
        files = [[one.name, len(one.content)] for one in message.attachments]
        full = {**last.payload, "buttons": buttons, "files": files}
        return (*parts[:-1], replace(last, payload=full))

    async def send(self, to: Address, part: Part, key: DeliveryKey) -> Outcome:
        scripted = await self._attempt("send", to.chat, part, key.id)
        if scripted is not None:
            return scripted
        failure = self.platform.take("send", to.chat)
        return failure or self.platform.show(to, part, key)

    async def edit(self, ref: MessageRef, part: Part) -> Outcome:
        scripted = await self._attempt("edit", ref.address.chat, part, 0)
        if scripted is not None:
            return scripted
        return self.platform.take("edit", ref.address.chat) or self.platform.change(ref, part)

    async def delete(self, ref: MessageRef) -> Outcome:
        scripted = await self._attempt("delete", ref.address.chat, Part({}, ""), 0)
        if scripted is not None:
            return scripted
        failure = self.platform.take("delete", ref.address.chat)
        if failure is not None:
            return failure
        seen = self.platform.journal.find(ref.address.chat, ref.id)
        if seen is not None:
            seen.deleted = True
        return Delivered(None)

    async def fetch(self, file: str, limit: int) -> bytes | Later | Never:
        content = self.platform.files.get(file)
        if content is None:
            return Never(Reason.GONE, "no such file")
        return content if len(content) <= limit else Never(Reason.TOO_LONG, "too large")

    async def leave(self, room: Address) -> Outcome:
        self.attempts.append(Attempt(self.clock.monotonic(), "leave", room.chat, "", 0))
        failure = self.platform.take("leave", room.chat)
        if failure is None:
            self.platform.rooms.pop(room.chat, None)
            self.platform.blocked.add(room.chat)
        return failure or Delivered(None)

    def direct_link(self) -> str:
        return "https://chat.example/alliance"

    async def check(self) -> Health:
        if self.platform.down:
            return Health(False, problem="the platform does not answer; try again")
        return Health(True, self.account, "Fake")

    def chats(self, kind: str = "send") -> list[str]:
        """Return the chats of all attempts of ``kind``, in order."""
        return [one.chat for one in self.attempts if one.kind == kind]

    async def _attempt(self, kind: str, chat: str, part: Part, key: int) -> Outcome | None:
        attempt = Attempt(self.clock.monotonic(), kind, chat, part.summary, key)
        self.attempts.append(attempt)
        if self.before is not None:
            await self.before(attempt)
        script = self.script.get(chat) or self.script.get("")
        if not script:
            return None
        following = script.popleft()
        if isinstance(following, Exception):
            raise following
        return await following() if callable(following) else following

    async def _receive(self, sink: Sink) -> None:
        platform = self.platform
        while True:
            platform.came.clear()
            if platform.updates and not platform.down:
                incoming, interaction = platform.updates[0]
                try:
                    await sink(incoming, interaction)
                except Exception:  # not stored, so not acknowledged: it comes again
                    await self.clock.sleep(1.0)
                else:
                    platform.updates.popleft()
            elif platform.updates:
                await self.clock.sleep(1.0)
            else:
                await platform.came.wait()


class FakeSlack(FakeAdapter):
    """A platform whose direct chats want to be opened, and that finds messages again."""

    def __init__(self, clock: Clock, *, pace: Pace | None = None) -> None:
        slow = Pace(account=5.0, bulk=4.0, chat=1.0, room=1.0, edit=50 / 60, open_direct=50 / 60)
        super().__init__(clock, pace=pace or slow, reconcile=True)
        self.opened: set[str] = set()
        self.openings: list[tuple[float, str]] = []
        self.open_script: dict[str, deque[Later | Never | Exception]] = defaultdict(deque)
        self.found: dict[int, MessageRef | Later | None] = {}
        self.looked_for: list[tuple[int, float]] = []

    async def is_open(self, to: Address) -> bool:
        return to.chat in self.opened

    async def open_direct(self, to: Address) -> Later | Never | None:
        self.openings.append((self.clock.monotonic(), to.chat))
        if self.open_script[to.chat]:
            following = self.open_script[to.chat].popleft()
            if isinstance(following, Exception):
                raise following
            return following
        self.opened.add(to.chat)
        return None

    async def find(self, to: Address, key: DeliveryKey, since: float) -> MessageRef | Later | None:
        self.looked_for.append((key.id, since))
        return self.found[key.id] if key.id in self.found else self.platform.keys.get(key.id)


def _shown(part: Inline, reader: Reader) -> str:
    match part:
        case When(instant, zone, date_only):
            return when_text(instant, zone, reader, date_only)
        case Mention(name=name):
            return name
        case _:
            return part.text


def _cut(text: str) -> Iterator[str]:
    while len(text) > LIMIT:
        end = text.rfind(" ", 1, LIMIT)
        end = end if end > 0 else LIMIT
        yield text[:end]
        text = text[end:]
    yield text


def _buttons(part: Part) -> tuple[SeenButton, ...]:
    rows: Sequence[Sequence[Sequence[str]]] = part.payload["buttons"]
    return tuple(SeenButton(label, data) for row in rows for label, data in row)
