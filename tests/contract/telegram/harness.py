"""A Telegram adapter in front of a loopback Telegram, for all tests of this folder."""

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bot.adapters.base import Sink
from bot.adapters.conformance import HandClock
from bot.adapters.telegram import TelegramAdapter
from bot.adapters.telegram.adapter import Webhook
from bot.adapters.telegram.webhook import PATH
from bot.simulators.base import SimulatedPerson
from bot.simulators.telegram import TelegramSimulator
from tests.support.serve_routes import serving_routes


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


class TelegramHarness:
    user = "4242"
    send_method = "sendMessage"

    def __init__(self) -> None:
        self.clock = HandClock()
        self.simulator = TelegramSimulator(self.clock)
        self.simulator.add_person(SimulatedPerson(self.user, "Ana"))
        self.memory = Memory()
        self._serving = AsyncExitStack()

    async def start(self) -> None:
        await self.restore()
        given = self.simulator.environment()
        token = given["CONVOKE_TELEGRAM_TOKEN"]
        self.secrets: tuple[str, ...] = (token, token.partition(":")[2])
        self.api_url = given["CONVOKE_TELEGRAM_API_URL"]
        self.adapter = self.new_adapter()

    def new_adapter(self, proxy: str = "", webhook: Webhook | None = None) -> TelegramAdapter:
        return TelegramAdapter(
            token=self.simulator.token,
            api_url=self.api_url,
            memory=self.memory,
            clock=self.clock,
            proxy=proxy,
            webhook=webhook,
        )

    async def cut(self) -> None:
        await self._serving.aclose()

    async def restore(self) -> None:
        await self._serving.enter_async_context(self.simulator.serving())


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class WebhookHarness(TelegramHarness):
    """The same in front of a webhook, which is told to Telegram as in production."""

    secret = "a-secret_that-Telegram-shows-0123456789"

    async def start(self) -> None:
        self.port = free_port()
        await super().start()
        self.secrets = (*self.secrets, self.secret)

    def new_adapter(self, proxy: str = "", webhook: Webhook | None = None) -> TelegramAdapter:
        given = webhook or Webhook(f"http://127.0.0.1:{self.port}{PATH}", self.secret)
        return super().new_adapter(proxy, given)

    @asynccontextmanager
    async def receiving(self, sink: Sink) -> AsyncIterator[None]:
        routes = self.adapter.http_routes(sink)
        async with serving_routes(routes, self.port), self.adapter.running(sink):
            yield
