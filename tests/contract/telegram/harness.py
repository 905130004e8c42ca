"""A Telegram adapter in front of a loopback Telegram, for all tests of this folder."""

from contextlib import AsyncExitStack

from bot.adapters.conformance import HandClock
from bot.adapters.telegram import TelegramAdapter
from bot.simulators.base import SimulatedPerson
from bot.simulators.telegram import TelegramSimulator


class NoMemory:
    async def get(self, key: str) -> str | None:
        return None

    async def set(self, key: str, value: str) -> None:
        raise AssertionError("Telegram needs no memory")


class TelegramHarness:
    user = "4242"
    send_method = "sendMessage"

    def __init__(self) -> None:
        self.clock = HandClock()
        self.simulator = TelegramSimulator(self.clock)
        self.simulator.add_person(SimulatedPerson(self.user, "Ana"))
        self._serving = AsyncExitStack()

    async def start(self) -> None:
        await self.restore()
        given = self.simulator.environment()
        token = given["CONVOKE_TELEGRAM_TOKEN"]
        self.secrets = (token, token.partition(":")[2])
        self.adapter = TelegramAdapter(
            token=token,
            api_url=given["CONVOKE_TELEGRAM_API_URL"],
            memory=NoMemory(),
            clock=self.clock,
        )

    async def cut(self) -> None:
        await self._serving.aclose()

    async def restore(self) -> None:
        await self._serving.enter_async_context(self.simulator.serving())
