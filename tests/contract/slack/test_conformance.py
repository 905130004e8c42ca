"""The suite that every adapter passes; the fixture stands in ``conftest.py``."""

from bot.adapters.conformance import AdapterConformance


class TestSlack(AdapterConformance):
    """Slack through the real ``slack_bolt`` and ``slack_sdk``."""
