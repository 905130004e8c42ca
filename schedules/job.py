"""A periodic job and what it may use."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from bot.adapters.base import Adapter
from bot.clock import Clock
from bot.services import announcements
from bot.services.delivery import Delivery
from bot.services.outbox import Outbox
from bot.services.recognition import Recognition
from bot.services.reconciliation import Reconciler
from bot.services.room_cards import RoomCards
from bot.storage.database import Database


@dataclass(frozen=True, slots=True)
class Bench:
    """What the jobs work with.

    Attributes:
        grace: How late an announcement may be before staff are asked.
        held: Gives the adapters whose account this process holds right now.
        recognition: Looks for people in trusted workspaces.
        reconciler: Remembers between rings how far its questions have come.
    """

    database: Database
    clock: Clock
    delivery: Delivery
    outbox: Outbox
    cards: RoomCards
    grace: timedelta
    held: Callable[[], tuple[Adapter, ...]]
    recognition: Recognition
    reconciler: Reconciler = field(default_factory=Reconciler)

    async def agenda(self) -> announcements.Agenda:
        """Return what there is to do about announcements right now."""
        async with self.database.read() as read:
            return await announcements.agenda(read, self.clock.now())


@dataclass(frozen=True, slots=True)
class Job:
    """Something to look after every ``seconds``; harmless when run twice or late."""

    name: str
    seconds: float
    run: Callable[[Bench], Awaitable[None]]
