"""The Telegram adapter against the loopback Telegram, by both ways in."""

from collections.abc import AsyncIterator

import pytest

from bot.adapters.conformance import AdapterConformance, Harness
from tests.contract.telegram.harness import TelegramHarness, WebhookHarness


class TestPolling(AdapterConformance):
    @pytest.fixture
    async def harness(self) -> AsyncIterator[Harness]:
        harness = TelegramHarness()
        await harness.start()
        async with harness.adapter.session():
            yield harness
        await harness.cut()


class TestWebhook(AdapterConformance):
    @pytest.fixture
    async def harness(self) -> AsyncIterator[Harness]:
        harness = WebhookHarness()
        await harness.start()
        async with harness.adapter.session():
            yield harness
        await harness.cut()
