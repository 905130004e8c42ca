"""Whether each messenger answers and accepts what the settings hold."""

import asyncio

from bot.adapters import registry
from bot.adapters.base import Adapter
from bot.settings import Settings, SettingsError
from bot.setup.finding import Finding, Level, found

ANSWER_SECONDS = 12.0
"""A check that takes longer has its answer: there is none."""


class Memory:
    """What an adapter remembers while it is only looked at."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._values: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        """Return what was set, or None."""
        return self._values.get(key)

    async def all(self, prefix: str) -> dict[str, str]:
        """Return what was set under keys that begin so."""
        return {key: one for key, one in self._values.items() if key.startswith(prefix)}

    async def set(self, key: str, value: str) -> None:
        """Keep it as long as the program runs."""
        self._values[key] = value


async def check_platform(settings: Settings, name: str) -> Finding:
    """Return whether the adapter ``name`` can work with ``settings``; it never raises."""
    try:
        adapter = registry.factory(name)(settings, Memory(), settings.clock)
    except SettingsError as error:
        return found(Level.WRONG, name, "adapter-wrong", problem=error)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await _asked(adapter)
    except TimeoutError:
        return found(Level.WRONG, name, "platform-slow", seconds=ANSWER_SECONDS)
    except Exception as error:  # a third party's adapter may break; the other lines must come
        problem = f"the adapter broke ({type(error).__name__}); ask whoever made it"
        return found(Level.WRONG, name, "platform-wrong", problem=problem)


async def _asked(adapter: Adapter) -> Finding:
    async with adapter.session():
        health = await adapter.check()
    if not health.ok:
        return found(Level.WRONG, adapter.name, "platform-wrong", problem=health.problem)
    name = health.name or health.account or adapter.name
    if health.problem:
        problem = health.problem
        return found(Level.WARNING, adapter.name, "platform-ok-but", name=name, problem=problem)
    return found(Level.OK, adapter.name, "platform-ok", name=name)
