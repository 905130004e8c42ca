"""A ledger to be sent, and a sender that runs over it in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import col

from bot.adapters.base import Part
from bot.domain.address import AccountRef, Address
from bot.domain.announcement import Announcement, AnnouncementState, Body
from bot.domain.delivery import Kind, Lane, Outgoing
from bot.outbound import WHOLE, Budget
from bot.outbound.lease import Lease
from bot.outbound.sender import Sender
from bot.storage import accounts, announcements, deliveries, tables
from bot.storage.database import Database, Write
from tests.support.fake_adapter import FakeAdapter
from tests.support.hand_clock import SteppingClock, pass_time, quiet

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
FOREVER = 1e12
CHUNK_SECONDS, CALM_CHUNKS = 1.0, 3


@dataclass(frozen=True, slots=True)
class Row:
    """A ledger row as a test reads it."""

    id: int
    chat: str
    state: str
    reason: str
    attempts: int
    part: int
    lane: int
    message_id: str
    summary: str
    announcement_id: int | None


class Ledger:
    """Puts rows into a real ledger and reads what became of them."""

    def __init__(self, database: Database, adapter: FakeAdapter) -> None:
        self.database = database
        self.adapter = adapter
        self._ordinal = 0

    async def chat(self, write: Write, user: str) -> int:
        ref = AccountRef(self.adapter.name, self.adapter.account, user)
        return await accounts.ensure_direct(write, ref, await accounts.ensure(write, ref))

    async def announce(
        self,
        users: Iterable[str],
        *,
        parts: int = 1,
        state: AnnouncementState = AnnouncementState.SENDING,
    ) -> int:
        """Return the number of an announcement whose audience is fixed."""
        users = list(users)

        async def work(write: Write) -> int:
            draft = Announcement(
                id=0,
                title="News",
                state=state,
                audience="all",
                due=NOW,
                due_local=NOW.replace(tzinfo=None),
                zone="UTC",
                bodies=(Body("en", "News", "words"),),
            )
            number = await announcements.add(write, draft, None, NOW)
            await write.execute(
                update(t.Announcement).where(t.Announcement.id == number).values(frozen_at=NOW)
            )
            rows = [
                {
                    **self._row(Lane.BULK, await self.chat(write, user), part),
                    "announcement_id": number,
                    "language": "en",
                    "zone": "UTC",
                }
                for user in users
                for part in range(1, parts + 1)
            ]
            for start in range(0, len(rows), 500):
                await deliveries.enqueue(write, rows[start : start + 500])
            return number

        return await self.database.write(work)

    async def reply(self, user: str, *texts: str, kind: Kind = Kind.SEND, target: str = "") -> None:
        """Queue replies of one commit, each a message of its own."""

        async def work(write: Write) -> None:
            address_id = await self.chat(write, user)
            rows = []
            for text in texts:
                row = self._row(Lane.CONVERSATION, address_id, 1)
                payload = {"text": text, "buttons": []}
                rows.append({**row, "payload": payload, "summary": text})
                rows[-1] |= {"kind": kind.value, "target": target}
            await deliveries.enqueue(write, rows)

        await self.database.write(work, Lane.CONVERSATION)

    async def parts(self, user: str, *texts: str) -> None:
        """Queue one reply of several parts."""

        async def work(write: Write) -> None:
            address_id = await self.chat(write, user)
            rows = [
                {
                    **self._row(Lane.CONVERSATION, address_id, part),
                    "payload": {"text": text, "buttons": []},
                    "summary": text,
                }
                for part, text in enumerate(texts, 1)
            ]
            await deliveries.enqueue(write, rows)

        await self.database.write(work, Lane.CONVERSATION)

    async def rows(self) -> list[Row]:
        async with self.database.read() as read:
            found = await read.all(
                select(t.Delivery, t.Address.chat)
                .join(t.Address, col(t.Address.id) == col(t.Delivery.address_id))
                .order_by(col(t.Delivery.id))
            )
        names = Row.__slots__
        return [Row(**{name: getattr(row, name) for name in names}) for row in found]

    async def states(self) -> dict[str, str]:
        """Return the state of each chat's last row."""
        return {row.chat: row.state for row in await self.rows()}

    async def has_open(self) -> bool:
        asked = select(col(t.Delivery.id)).where(col(t.Delivery.state).in_(deliveries.OPEN))
        async with self.database.read() as read:
            return await read.first(asked.limit(1)) is not None

    async def count(self, state: str, lane: Lane | None = None) -> int:
        asked = select(func.count()).where(col(t.Delivery.state) == state)
        if lane is not None:
            asked = asked.where(col(t.Delivery.lane) == int(lane))
        async with self.database.read() as read:
            return int(await read.scalar(asked))

    async def set_state(self, number: int, state: AnnouncementState) -> None:
        await self.database.write(
            lambda write: write.execute(
                update(t.Announcement)
                .where(col(t.Announcement.id) == number)
                .values(state=state.value)
            )
        )

    async def unreachable(self, user: str) -> str:
        async with self.database.read() as read:
            return str(
                await read.scalar(select(t.Address.unreachable).where(col(t.Address.chat) == user))
            )

    async def address(self, user: str) -> Address | None:
        async with self.database.read() as read:
            row = await read.first(select(t.Address).where(col(t.Address.chat) == user))
        return Address(row.platform, row.account, row.chat, row.thread) if row else None

    def _row(self, lane: Lane, address_id: int, part: int) -> dict[str, Any]:
        return {
            "lane": int(lane),
            "kind": Kind.SEND.value,
            "platform": self.adapter.name,
            "account": self.adapter.account,
            "address_id": address_id,
            "ordinal": 0,
            "part": part,
            "payload": None,
            "summary": "",
            "target": "",
        }


async def words_of(row: Outgoing) -> Part:
    """Render an announcement's row, as :class:`~bot.services.delivery.Delivery` would."""
    text = f"news {row.part}"
    return Part({"text": text, "buttons": []}, text)


@dataclass
class Running:
    """A sender at work, and the time it works in."""

    ledger: Ledger
    clock: SteppingClock
    lease: Lease
    task: asyncio.Task[None]
    most_sending: dict[str, int] = field(default_factory=dict)

    async def pass_time(self, seconds: float, until: Callable[[], object] = lambda: False) -> None:
        """Let ``seconds`` pass, or less once the ledger has nothing left to do for a while."""
        left, calm = seconds, 0
        while left > 0 and calm < CALM_CHUNKS and not until():
            chunk = min(left, CHUNK_SECONDS)
            await pass_time(self.clock, self.ledger.database, chunk, until)
            left -= chunk
            calm = 0 if await self.ledger.has_open() else calm + 1
        if self.task.done() and not self.task.cancelled() and self.task.exception():
            self.task.result()

    async def end(self) -> None:
        """Cancel the sender as a SIGTERM does, and let it finish."""
        self.task.cancel()
        await asyncio.wait({self.task})

    async def lose_lease(self) -> None:
        self.lease.lost.set()
        await self.pass_time(30, until=self.task.done)


@asynccontextmanager
async def sending(
    ledger: Ledger,
    clock: SteppingClock,
    *,
    epoch: int = 1,
    deadline: float = FOREVER,
    render: Callable[[Outgoing], Awaitable[Part]] = words_of,
    budget: Budget = WHOLE,
) -> AsyncIterator[Running]:
    """Run a sender inside the block."""
    lease = Lease("fake:bot", epoch, deadline)
    sender = Sender(ledger.adapter, ledger.database, clock, lease, render, budget=budget)
    running = Running(ledger, clock, lease, asyncio.create_task(sender.run()))
    try:
        await quiet(ledger.database)
        yield running
    finally:
        await running.end()
