"""The suite that every adapter passes, in both modes; the fixtures stand in ``conftest.py``."""

from collections.abc import AsyncIterator

import pytest

from bot.adapters.conformance import AdapterConformance
from tests.contract.slack.conftest import SlackHarness, slack_harness


class TestSlack(AdapterConformance):
    """Slack through the real ``slack_bolt`` and ``slack_sdk``, over Socket Mode."""


class TestSlackOverHttp(AdapterConformance):
    """The same over signed requests."""

    @pytest.fixture
    async def harness(self) -> AsyncIterator[SlackHarness]:
        async with slack_harness(over_http=True) as made:
            yield made
