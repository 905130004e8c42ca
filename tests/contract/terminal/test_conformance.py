"""The suite that every adapter passes; the fixture stands in ``conftest.py``."""

from bot.adapters.conformance import AdapterConformance


class TestTerminal(AdapterConformance):
    """The terminal adapter against a simulated terminal."""
