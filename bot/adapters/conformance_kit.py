"""What the suite in :mod:`bot.adapters.conformance` works with: clock, harness, sink, waits.

A third party uses the same pieces for tests of its own.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from bot.adapters.abilities import OpensDirect, Uploads
from bot.adapters.base import Adapter, DeliveryKey, Interaction, Part, Sink
from bot.domain.address import Address, MessageRef
from bot.domain.incoming import Incoming, Said, Submitted
from bot.domain.message import (
    Message,
)
from bot.domain.outcome import Delivered, Outcome
from bot.domain.reader import Reader
from bot.simulators.base import Simulator, Unsupported
from bot.simulators.journal import SeenMessage

PATIENCE = 30.0
"""Real seconds that a wait on loopback may take before the test fails."""

READER = Reader("en", "Europe/Berlin")


class HandClock:
    """A clock whose time passes only when a test says so; no test ever sleeps for it."""

    def __init__(self, start: datetime = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)) -> None:
        """Start the calendar at ``start`` and monotonic time at 1000 s."""
        self._start = start
        self._passed = 0.0
        self._moved = asyncio.Event()
        self.slept: list[float] = []

    def now(self) -> datetime:
        """Return the calendar's instant, aware UTC."""
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        """Return seconds that grow with :meth:`advance` only."""
        return 1000.0 + self._passed

    def epoch(self) -> float:
        """Return the calendar's instant in epoch seconds: here nothing moves one alone."""
        return self.now().timestamp()

    async def sleep(self, seconds: float) -> None:
        """Wait until :meth:`advance` has let ``seconds`` pass."""
        self.slept.append(seconds)
        end = self._passed + seconds
        while self._passed < end:
            await self._moved.wait()

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass and wake those who waited for them."""
        self._passed += seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()


class Harness(Protocol):
    """What the suite needs to know about an adapter under test.

    Where updates come by another way than ``running``, such as HTTP routes, it also has
    ``receiving(sink)``, an asynchronous context manager that is used in its place.

    Attributes:
        adapter: Its ``session`` is entered; ``running`` is not.
        simulator: Serves already; ``user`` is known to it.
        clock: The one that the adapter was made with.
        user: Somebody who can be written to.
        secrets: What must never stand in a log line.
        send_method: The simulator's name of the request that sends a message.
    """

    @property
    def adapter(self) -> Adapter:
        """The adapter under test."""
        ...

    @property
    def simulator(self) -> Simulator:
        """The platform."""
        ...

    @property
    def clock(self) -> HandClock:
        """Time, for the adapter and the simulator alike."""
        ...

    @property
    def user(self) -> str:
        """The id of somebody who can be written to."""
        ...

    @property
    def secrets(self) -> Sequence[str]:
        """Tokens and keys, whole and in parts."""
        ...

    @property
    def send_method(self) -> str:
        """Such as ``sendMessage``."""
        ...

    async def cut(self) -> None:
        """Cut the network: stop serving."""
        ...

    async def restore(self) -> None:
        """Serve again at the same address."""
        ...


class Collector:
    """A sink that keeps what it gets; it can fail at first, or hang."""

    def __init__(self, failures: int = 0, hang: bool = False) -> None:
        """Raise for the first ``failures`` calls; with ``hang`` never return."""
        self._failures = failures
        self._hang = hang
        self.calls: list[Incoming] = []
        self.stored: list[Incoming] = []
        self.interactions: list[Interaction | None] = []

    async def __call__(self, incoming: Incoming, interaction: Interaction | None = None) -> None:
        """Store ``incoming`` unless told otherwise."""
        self.calls.append(incoming)
        if self._hang:
            await asyncio.Event().wait()
        if len(self.calls) <= self._failures:
            raise OSError("the disk is full, says the test")
        self.stored.append(incoming)
        self.interactions.append(interaction)

    def check(self, submitted: Submitted) -> Mapping[str, str]:
        """Refuse every field that holds the word ``wrong``."""
        return {name: "say something else" for name, one in submitted.values if one == "wrong"}

    def texts(self) -> list[str]:
        """Return what was said, in the order in which it was stored."""
        return [one.text for one in self.stored if isinstance(one, Said)]


def receiving(harness: Harness, sink: Sink) -> AbstractAsyncContextManager[None]:
    """Let the harness's adapter receive into ``sink`` inside the block."""
    own: Callable[[Sink], AbstractAsyncContextManager[None]] | None
    own = getattr(harness, "receiving", None)
    return own(sink) if own is not None else harness.adapter.running(sink)


@contextmanager
def staged() -> Iterator[None]:
    """Skip the test if the simulator says that its platform knows no such fault."""
    try:
        yield
    except Unsupported as error:
        pytest.skip(str(error))


async def until(harness: Harness, condition: Callable[[], object], passing: float = 0.0) -> None:
    """Wait until ``condition`` holds; ``passing`` seconds of the clock go by at each look.

    Raises:
        AssertionError: it did not within :data:`PATIENCE` real seconds.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while not condition():
        assert loop.time() < end, "waited in vain"
        if passing:
            harness.clock.advance(passing)
        await asyncio.sleep(0.005)


def direct(harness: Harness) -> Address:
    """Return the direct chat of the harness's person."""
    return Address(harness.adapter.name, harness.adapter.account, harness.user)


async def send_part(harness: Harness, part: Part) -> Outcome:
    """Send ``part`` to the harness's person; the chat is opened, and files handed over, first."""
    adapter, to = harness.adapter, direct(harness)
    if isinstance(adapter, OpensDirect) and not await adapter.is_open(to):
        refused = await adapter.open_direct(to)
        if refused is not None:
            return refused
    if isinstance(adapter, Uploads) and adapter.needs_upload(part):
        handed_over = await adapter.upload(part)
        if not isinstance(handed_over, Part):
            return handed_over
        part = handed_over
    return await adapter.send(to, part, key_of(harness))


def key_of(harness: Harness) -> DeliveryKey:
    """Return a key that this harness has not used yet."""
    return DeliveryKey(len(harness.simulator.journal.requests) + 1)


async def deliver(harness: Harness, message: Message) -> list[MessageRef]:
    """Send all parts of ``message`` and return their refs; every one must be delivered."""
    refs = []
    for part in harness.adapter.render(message, READER):
        outcome = await send_part(harness, part)
        assert isinstance(outcome, Delivered), outcome
        assert outcome.ref is not None
        refs.append(outcome.ref)
    return refs


def seen(harness: Harness) -> list[SeenMessage]:
    """Return what the person sees of the bot's messages."""
    return harness.simulator.journal.from_bot(harness.user)


def sends(harness: Harness) -> int:
    """Return how many requests to send a message reached the platform."""
    requests = harness.simulator.journal.requests
    return sum(one.method == harness.send_method for one in requests)
