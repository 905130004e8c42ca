"""Members who write to the bot in memory: sink, dispatch, ledger, sender, and back.

Everything is real but the platform and the time.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update

from bot.acting import Actors
from bot.adapters.base import Adapter
from bot.app import all_routes
from bot.dispatch import Dispatcher
from bot.domain.event import Conference
from bot.domain.people import CLI, RosterRow
from bot.inbox_sink import InboxSink
from bot.interactions import Interactions
from bot.routing import Router, Routes
from bot.services import conferences, roster
from bot.services.delivery import Delivery
from bot.services.introductions import Introductions
from bot.services.outbox import Outbox
from bot.services.readers import Readers
from bot.services.recognition import Recognition
from bot.services.room_cards import RoomCards
from bot.settings import Settings
from bot.storage import tables
from bot.storage.database import Database
from handlers import ROUTERS
from schedules.job import Bench
from tests.support.databases import Files
from tests.support.fake_adapter import FakeAdapter
from tests.support.hand_clock import SteppingClock, careless
from tests.support.ledger import Ledger, sending
from tests.unit.handlers.talk import ENTRY, MEMBERS, member_row
from tests.unit.views.samples import DAY, FORUM, NOW, TALK

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query
PROCESS = "test"
READERS = Readers("en", "Asia/Shanghai")
TRUSTED = frozenset({"trusted"})
"""The workspace whose directory is believed, where a test has one."""


@dataclass
class Desk:
    """A bot, its members, and what they see."""

    database: Database
    clock: SteppingClock
    adapter: FakeAdapter
    dispatcher: Dispatcher
    sink: InboxSink
    interactions: Interactions
    bench: Bench
    ledger: Ledger
    events: dict[str, int] = field(default_factory=dict)
    epoch: int = 0

    async def receive(self) -> None:
        """Store everything that people have done, as the receiving adapter does."""
        updates = self.adapter.platform.updates
        while updates:
            incoming, interaction = updates.popleft()
            await self.sink(incoming, interaction)

    async def deliver(self, seconds: float = 12.0) -> None:
        """Let a sender work for ``seconds`` of virtual time."""
        self.epoch += 1
        async with sending(
            self.ledger, self.clock, epoch=self.epoch, render=self.bench.delivery.part_of
        ) as running:
            await running.pass_time(seconds)

    async def answer(self) -> int:
        """Receive, handle and deliver everything that waits; return how many updates."""
        await self.receive()
        handled = await self.dispatcher.drain()
        await self.deliver()
        return handled

    async def say(self, user: str, *texts: str) -> list[str]:
        """Let ``user`` type, and return what the bot then wrote to them."""
        before = len(self.seen(user))
        for text in texts:
            self.adapter.platform.say(user, text)
        await self.answer()
        return self.seen(user)[before:]

    async def mention(self, user: str, room: str, *texts: str, thread: str = "") -> list[str]:
        """Let ``user`` speak to the bot in a room, and return what the bot then wrote there."""
        before = len(self.seen(room))
        for text in texts:
            self.adapter.platform.say(user, text, room, thread)
        await self.answer()
        return self.seen(room)[before:]

    async def press(self, user: str, data: str, message_id: str = "m0", chat: str = "") -> None:
        self.adapter.platform.press(user, message_id, data, chat or user)
        await self.answer()

    def seen(self, user: str) -> list[str]:
        return [one.text for one in self.adapter.platform.journal.from_bot(user)]

    def notices(self, user: str) -> list[str]:
        return self.adapter.platform.journal.notices(user)


def dispatcher_of(desk: Desk, *routers: Router, process: str = PROCESS) -> Dispatcher:
    """Return a further dispatcher on the same tables, with other routes if any are given."""
    return Dispatcher(
        database=desk.database,
        clock=desk.clock,
        settings=Settings(),
        routes=Routes(routers) if routers else all_routes(),
        outbox=desk.bench.outbox,
        interactions=desk.interactions,
        cards=desk.bench.cards,
        actors=Actors(desk.database, desk.clock, READERS, desk.bench.recognition),
        process=process,
    )


class ScheduledClock(SteppingClock):
    """Starts where the samples' calendar stands."""

    def __init__(self) -> None:
        super().__init__()
        self._start = NOW


@asynccontextmanager
async def working(
    files: Files, folder: Path, adapter: FakeAdapter | None = None
) -> AsyncIterator[Desk]:
    """Open a desk with three events, one entry and three members on the fake platform."""
    database = Database(await files.fresh(folder, migrated=True))
    careless(database)
    try:
        yield await working_on(database, adapter)
    finally:
        await database.close()


async def working_on(database: Database, adapter: FakeAdapter | None = None) -> Desk:
    """Return such a desk over a fresh database that somebody else closes."""
    clock = adapter.clock if adapter else ScheduledClock()
    assert isinstance(clock, SteppingClock)
    return await _open(database, clock, adapter or FakeAdapter(clock))


async def _open(database: Database, clock: SteppingClock, adapter: FakeAdapter) -> Desk:
    readers = READERS
    adapters: dict[str, Adapter] = {adapter.name: adapter}
    introductions = Introductions(Settings().alliance, clock)
    outbox = Outbox(adapters, readers, introductions)
    interactions = Interactions()
    bench = Bench(
        database=database,
        clock=clock,
        delivery=Delivery(database, adapters, readers, introductions),
        outbox=outbox,
        cards=RoomCards(adapters, outbox, readers, clock),
        recognition=Recognition(database, adapters, TRUSTED, clock),
        grace=timedelta(minutes=60),
        held=lambda: (adapter,),
    )
    dispatcher = Dispatcher(
        database=database,
        clock=clock,
        settings=Settings(),
        routes=Routes(ROUTERS),
        outbox=outbox,
        interactions=interactions,
        cards=bench.cards,
        actors=Actors(database, clock, READERS, bench.recognition),
        process=PROCESS,
    )
    desk = Desk(
        database,
        clock,
        adapter,
        dispatcher,
        InboxSink(database, clock, interactions, Routes(ROUTERS)),
        interactions,
        bench,
        Ledger(database, adapter),
    )
    alliance = Conference("alliance", (FORUM, TALK, DAY), entries=(ENTRY,))
    await database.write(
        lambda write: conferences.save(write, alliance, complete=True, actor=CLI, now=NOW)
    )
    rows = [_on(adapter, member_row(number, *member)) for number, member in enumerate(MEMBERS, 2)]
    await database.write(lambda write: roster.save(write, rows, own={}, actor=CLI, now=NOW))
    # Everybody knows who writes to them, so that replies are what they answer and no more.
    await database.write(lambda write: write.count(update(t.Address).values(introduced_at=NOW)))
    async with database.read() as read:
        desk.events = {one.slug: one.id for one in await conferences.upcoming(read, NOW)}
    return desk


def _on(adapter: FakeAdapter, row: RosterRow) -> RosterRow:
    accounts = tuple((adapter.name, adapter.account, user) for _, _, user in row.accounts)
    return replace(row, accounts=accounts)
