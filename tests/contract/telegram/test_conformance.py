"""The Telegram adapter against the loopback Telegram."""

from collections.abc import AsyncIterator

import pytest

from bot.adapters.conformance import AdapterConformance, Harness
from tests.contract.telegram.harness import TelegramHarness


class TestTelegram(AdapterConformance):
    @pytest.fixture
    async def harness(self) -> AsyncIterator[Harness]:
        harness = TelegramHarness()
        await harness.start()
        async with harness.adapter.session():
            yield harness
        await harness.cut()
