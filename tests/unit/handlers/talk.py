"""A conversation with the handlers over a real database, without dispatch and platforms.

What dispatch does durably is done here in memory: the open dialog, the reply.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypedDict

from bot.domain.address import AccountRef, Address, MessageRef
from bot.domain.delivery import Lane
from bot.domain.event import Conference, Entry, Event
from bot.domain.incoming import (
    Commanded,
    Incoming,
    Joined,
    Left,
    Pressed,
    Said,
    Submitted,
)
from bot.domain.message import Message
from bot.domain.people import CLI, ContactRole, Person, RosterRow
from bot.domain.reader import Reader
from bot.domain.refusal import Refusal
from bot.i18n import best_language, texts_for
from bot.routing import Context, Dialog, EndDialog, Reply, Routes
from bot.services import conferences, questions, roster
from bot.storage import accounts, people
from bot.storage.database import Database, Read, Write
from bot.storage.schema import migrate
from handlers import ROUTERS
from tests.unit.views.samples import DAY, FORUM, NOW, TALK, drawn

ROUTES = Routes(ROUTERS)
ENTRY = Entry(
    source="alliance/faq.md#where-will-the-meetings-be-held",
    conference="alliance",
    headings=("Questions", "Where will the meetings be held?"),
    body="The meetings will be held in Beijing.",
    language="en",
)
MEMBERS = (("100", "anna", "en"), ("200", "bo", "zh"), ("300", "chi", "en"))


class Common(TypedDict):
    """What every update carries."""

    delivery_id: str
    at: datetime
    where: Address
    who: AccountRef
    is_direct: bool


class Unit:
    """The handler's access to storage, as dispatch gives it."""

    def __init__(self, database: Database, stack: AsyncExitStack) -> None:
        self._database, self._stack = database, stack
        self._write: Write | None = None

    def read(self) -> AbstractAsyncContextManager[Read]:
        assert self._write is None, "a handler reads before it writes"
        return self._database.read()

    async def write(self) -> Write:
        if self._write is None:
            begun = self._database.transaction(Lane.CONVERSATION)
            self._write = await self._stack.enter_async_context(begun)
        return self._write


@dataclass
class Talk:
    """Simulated people who write to the handlers."""

    database: Database
    events: dict[str, Event] = field(default_factory=dict)
    now: datetime = NOW
    dialogs: dict[str, Dialog] = field(default_factory=dict)
    number: int = 0

    async def says(self, user: str, text: str) -> Reply:
        return await self.handle(Said(**self._common(user), text=text))

    async def commands(self, user: str, command: str) -> Reply:
        return await self.handle(Commanded(**self._common(user), command=command))

    async def presses(self, user: str, data: str, chat: str = "", direct: bool = True) -> Reply:
        action, _, value = data.partition(":")
        common = self._common(user, chat, direct)
        ref = MessageRef(common["where"], "m1")
        return await self.handle(Pressed(**common, action=action, value=value, ref=ref))

    async def submits(self, user: str, form: str, **values: str) -> Reply:
        sent = tuple(values.items())
        return await self.handle(Submitted(**self._common(user), form=form, values=sent))

    async def joins(self, user: str, leaves: bool = False) -> Reply:
        kind = Left if leaves else Joined
        return await self.handle(kind(**self._common(user)))

    async def handle(self, incoming: Incoming) -> Reply:
        """Return the reply; a refusal becomes a message, as dispatch does."""
        user = incoming.who.user
        handler = ROUTES.find(incoming, self.dialogs.get(user))
        assert handler is not None
        person, account_id, locale = await self._who(incoming.who)
        language = best_language(person.locale if person else "", locale, default="en")
        reader = Reader(language, "Asia/Shanghai")
        async with AsyncExitStack() as stack:
            ctx = Context(
                person=person,
                account_id=account_id,
                reader=reader,
                texts=texts_for(language),
                now=self.now,
                dialog=self.dialogs.get(user),
                unit=Unit(self.database, stack),
                knowledge=questions.Knowledge(self.database),
                alliance="the Alliance",
            )
            try:
                reply: Reply = await handler(incoming, ctx) or Reply()
            except Refusal as refusal:
                reply = Reply(notice=ctx.texts(refusal.key, **refusal.fields))
        if isinstance(reply.dialog, EndDialog):
            self.dialogs.pop(user, None)
        elif reply.dialog is not None:
            self.dialogs[user] = reply.dialog
        return reply

    async def person(self, email: str) -> Person:
        async with self.database.read() as read:
            found = await people.by_email(read, email)
        assert found is not None
        return found

    async def handed_over(self) -> list[str]:
        async with self.database.read() as read:
            return [one.text for one in await questions.waiting(read)]

    def _common(self, user: str, chat: str = "", direct: bool = True) -> Common:
        self.number += 1
        return {
            "delivery_id": str(self.number),
            "at": self.now,
            "where": Address("telegram", "bot", chat or user),
            "who": AccountRef("telegram", "bot", user),
            "is_direct": direct,
        }

    async def _who(self, ref: AccountRef) -> tuple[Person | None, int, str]:
        account_id = await self.database.write(lambda write: accounts.ensure(write, ref))
        async with self.database.read() as read:
            known = await accounts.find(read, ref)
            assert known is not None
            if known.person_id is None:
                return None, account_id, known.locale
            return await people.by_id(read, known.person_id), account_id, known.locale


@asynccontextmanager
async def talking(folder: Path) -> AsyncIterator[Talk]:
    """Open a fresh database with three events, one entry and three members."""
    database = Database(f"sqlite:///{folder / 'talk.db'}")
    try:
        await migrate(database)
        alliance = Conference("alliance", (FORUM, TALK, DAY), entries=(ENTRY,))
        await database.write(
            lambda write: conferences.save(write, alliance, complete=True, actor=CLI, now=NOW)
        )
        rows = [member_row(number, *member) for number, member in enumerate(MEMBERS, 2)]
        await database.write(lambda write: roster.save(write, rows, own={}, actor=CLI, now=NOW))
        async with database.read() as read:
            known = await conferences.upcoming(read, NOW)
        yield Talk(database, {event.slug: event for event in known})
    finally:
        await database.close()


def read_aloud(reply: Reply, language: str = "en") -> str:
    """Return everything of ``reply`` that a person sees in the chat."""
    reader = Reader(language, "Asia/Shanghai")
    shown = [drawn(message, reader) for message in reply.messages]
    return "\n".join((*shown, reply.notice))


def seen(message: Message | None, language: str = "en") -> str:
    """Return ``message`` as a person reads it."""
    assert message is not None
    return drawn(message, Reader(language, "Asia/Shanghai"))


def member_row(line: int, user: str, name: str, locale: str) -> RosterRow:
    return RosterRow(
        line=line,
        organisation_slug=f"{name}-center",
        organisation_names={"": f"{name.title()} Center"},
        country="CH",
        names={"": name.title()},
        email=f"{name}@example.org",
        role=ContactRole.CONTACT,
        locale=locale,
        timezone="Asia/Shanghai",
        accounts=(("telegram", "bot", user),),
    )
