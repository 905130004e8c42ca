"""A terminal adapter in front of a simulated terminal, for the tests of this folder."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

from bot.adapters.conformance import HandClock
from bot.adapters.terminal import TerminalAdapter
from bot.simulators.terminal import SHOW, TerminalSimulator

USER = "ana"


@dataclass
class TerminalHarness:
    """Implements :class:`bot.adapters.conformance.Harness`."""

    clock: HandClock = field(default_factory=HandClock)
    user: str = USER
    secrets: tuple[str, ...] = ()
    send_method: str = SHOW
    serving: AsyncExitStack = field(default_factory=AsyncExitStack)

    def __post_init__(self) -> None:
        self.simulator = TerminalSimulator(self.clock, self.user)
        self.adapter = self.new_adapter()

    def new_adapter(self) -> TerminalAdapter:
        """Return an adapter as a new start of the program makes one."""
        return TerminalAdapter(
            screen=self.simulator.screen, user=self.user, locale="en_GB.UTF-8", clock=self.clock
        )

    async def cut(self) -> None:
        await self.serving.aclose()

    async def restore(self) -> None:
        await self.serving.enter_async_context(self.simulator.serving())


@pytest.fixture
async def harness() -> AsyncIterator[TerminalHarness]:
    harness = TerminalHarness()
    await harness.restore()
    yield harness
    await harness.cut()
