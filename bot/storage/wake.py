"""Who waits for what: the writers' queue, and waking other parts after a commit."""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.storage.database import Database

INBOX = "inbox"
LEDGER = "ledger"
CHANNEL = "convoke"
RECONNECT_SECONDS = 2.0
PATIENCE = 8
"""Turns of conversations that a waiting turn of a broadcast lets go first."""
log = logging.getLogger(__name__)


class WriterQueue:
    """One writer at a time; the lower lane first, then who came first.

    SQLite has one writer anyway. Queueing in the process keeps the order ours: a person's
    conversation does not wait behind a broadcast's bookkeeping (invariant 5), but for one
    turn of it after :data:`PATIENCE` of its own. Without that, members who write without a
    pause would keep an announcement from ever being sent.
    """

    def __init__(self) -> None:
        """Start free."""
        self._busy = False
        self._waiting: dict[int, deque[asyncio.Future[None]]] = defaultdict(deque)
        self._overtaken = 0

    @asynccontextmanager
    async def turn(self, lane: int) -> AsyncIterator[None]:
        """Wait for the turn, and hold it inside the block."""
        if self._busy:
            future = asyncio.get_running_loop().create_future()
            self._waiting[lane].append(future)
            try:
                await future
            except BaseException:  # cancelled, or refused by the guard of another transaction
                if future.done() and not future.cancelled():
                    self._pass_on()
                future.cancel()
                raise
        self._busy = True
        try:
            yield
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        for queue in self._waiting.values():
            while queue and queue[0].done():
                del queue[0]
        lanes = sorted(lane for lane, queue in self._waiting.items() if queue)
        if not lanes:
            self._busy = False
            return
        is_patient = self._overtaken < PATIENCE
        chosen = lanes[0] if is_patient else lanes[-1]
        self._overtaken = self._overtaken + 1 if is_patient and len(lanes) > 1 else 0
        self._waiting[chosen].popleft().set_result(None)


class Wakeups:
    """Events that are set when something was committed for them.

    A wake-up is a hint to look at once, never the message itself: everybody also looks
    now and then, so a lost one costs time and nothing else.
    """

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._events: dict[str, set[asyncio.Event]] = defaultdict(set)

    @asynccontextmanager
    async def waiting_for(self, topic: str) -> AsyncIterator[asyncio.Event]:
        """Give an event that is set whenever ``topic`` rings inside the block."""
        event = asyncio.Event()
        self._events[topic].add(event)
        try:
            yield event
        finally:
            self._events[topic].discard(event)

    def ring(self, topics: Iterable[str]) -> None:
        """Set the events of ``topics``; ``ledger`` rings every ``ledger:…`` as well."""
        for topic in topics:
            for name, events in self._events.items():
                if name == topic or name.startswith(f"{topic}:"):
                    for event in events:
                        event.set()


async def listen(database: "Database") -> None:
    """Pass on what other processes notify through PostgreSQL; on SQLite there is nobody.

    Runs until cancelled. A broken connection is opened again: until then the others'
    regular look finds the work.
    """
    while not database.is_sqlite:
        try:
            await _listen_once(database)
        except Exception as error:  # any failure of the driver means the same here
            log.warning(
                "lost the notification channel (%s), opening it again", type(error).__name__
            )
        await asyncio.sleep(RECONNECT_SECONDS)


async def _listen_once(database: "Database") -> None:
    broken = asyncio.Event()

    def heard(_connection: Any, _pid: int, _channel: str, topic: str) -> None:
        database.wakeups.ring([topic])

    async with database.connection() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        if raw is None:
            return
        raw.add_termination_listener(lambda _connection: broken.set())
        await raw.add_listener(CHANNEL, heard)
        await broken.wait()
