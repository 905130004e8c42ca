"""A Slack adapter in front of the loopback Slack, for the tests of this folder."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

from bot.adapters.conformance import HandClock
from bot.adapters.slack import Access, SlackAdapter
from bot.simulators.base import SimulatedPerson
from bot.simulators.slack import SlackSimulator

USER = "U0ANA"
SECRETS = ("xoxb-1-secret-bot-token", "xapp-1-secret-app-token")


class Memory:
    """The adapter's memory in a dictionary; it outlives the adapter."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.values.get(key)

    async def set(self, key: str, value: str) -> None:
        self.values[key] = value


@dataclass
class SlackHarness:
    """Implements :class:`bot.adapters.conformance.Harness`."""

    adapter: SlackAdapter
    simulator: SlackSimulator
    clock: HandClock
    memory: Memory
    serving: AsyncExitStack
    user: str = USER
    secrets: Sequence[str] = field(default=SECRETS)
    send_method: str = "chat.postMessage"

    async def cut(self) -> None:
        await self.serving.aclose()

    async def restore(self) -> None:
        port = int(self.simulator.environment()["CONVOKE_SLACK_API_URL"].split(":")[2][:-5])
        await self.serving.enter_async_context(self.simulator.serving(port))

    def new_adapter(
        self, bot_token: str = SECRETS[0], app_token: str = SECRETS[1], api_url: str = ""
    ) -> SlackAdapter:
        return SlackAdapter(
            access=Access(bot_token, app_token),
            api_url=api_url or self.simulator.environment()["CONVOKE_SLACK_API_URL"],
            memory=self.memory,
            clock=self.clock,
        )


@pytest.fixture
async def harness() -> AsyncIterator[SlackHarness]:
    simulator = SlackSimulator(
        ack_within=0.2, redelivery=(0.0, 0.05, 0.1), bot_token=SECRETS[0], app_token=SECRETS[1]
    )
    simulator.add_person(SimulatedPerson(USER, "Ana <3", zone="Europe/Berlin"))
    clock, memory = HandClock(), Memory()
    async with AsyncExitStack() as serving:
        await serving.enter_async_context(simulator.serving())
        url = simulator.environment()["CONVOKE_SLACK_API_URL"]
        adapter = SlackAdapter(access=Access(*SECRETS), api_url=url, memory=memory, clock=clock)
        async with adapter.session():
            yield SlackHarness(adapter, simulator, clock, memory, serving)
