"""A Slack adapter in front of the loopback Slack, for the tests of this folder."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bot.adapters.base import Sink
from bot.adapters.conformance import HandClock
from bot.adapters.slack import Access, SlackAdapter
from bot.adapters.slack.endpoint import PATH
from bot.simulators.base import SimulatedPerson
from bot.simulators.slack import SlackSimulator
from tests.support.serve_routes import serving_routes

USER = "U0ANA"
SECRETS = ("xoxb-1-secret-bot-token", "xapp-1-secret-app-token")
SIGNING_SECRET = "a-secret-to-sign-with"


class Memory:
    """The adapter's memory in a dictionary; it outlives the adapter."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.values.get(key)

    async def all(self, prefix: str) -> dict[str, str]:
        return {key: one for key, one in self.values.items() if key.startswith(prefix)}

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
    secrets: Sequence[str] = field(default=(*SECRETS, SIGNING_SECRET))
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


class SlackOverHttp(SlackAdapter):
    """The adapter, whose routes are served while it runs, as ``app`` serves them always."""

    simulator: SlackSimulator
    port = 0

    @asynccontextmanager
    async def running(self, sink: Sink) -> AsyncIterator[None]:
        routes = self.http_routes(sink)
        async with super().running(sink), serving_routes(routes, self.port) as url:
            self.port = int(url.rpartition(":")[2])
            self.simulator.deliver_to(url + PATH)
            yield


@pytest.fixture
async def harness() -> AsyncIterator[SlackHarness]:
    async with slack_harness() as made:
        yield made


@pytest.fixture
async def over_http() -> AsyncIterator[SlackHarness]:
    async with slack_harness(over_http=True) as made:
        yield made


@asynccontextmanager
async def slack_harness(over_http: bool = False) -> AsyncIterator[SlackHarness]:
    clock, memory = HandClock(), Memory()
    simulator = SlackSimulator(
        ack_within=0.6,
        redelivery=(0.0, 0.05, 0.1, 0.2, 0.4, 0.8) if over_http else (0.0, 0.05, 0.1),
        now=clock.epoch if over_http else time.time,
        monotonic=clock.monotonic,
        bot_token=SECRETS[0],
        app_token=SECRETS[1],
        signing_secret=SIGNING_SECRET,
    )
    simulator.add_person(SimulatedPerson(USER, "Ana <3", zone="Europe/Berlin"))
    async with AsyncExitStack() as serving:
        await serving.enter_async_context(simulator.serving())
        kind = SlackOverHttp if over_http else SlackAdapter
        adapter = kind(
            access=Access(SECRETS[0], signing_secret=SIGNING_SECRET)
            if over_http
            else Access(*SECRETS),
            api_url=simulator.environment()["CONVOKE_SLACK_API_URL"],
            memory=memory,
            clock=clock,
        )
        if isinstance(adapter, SlackOverHttp):
            adapter.simulator = simulator
        async with adapter.session():
            yield SlackHarness(adapter, simulator, clock, memory, serving)
