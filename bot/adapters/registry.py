"""Which adapters there are; only those that the settings name are loaded.

A third party's package registers a factory under the entry point group
``convoke.adapters`` and is then named in ``CONVOKE_ADAPTERS`` like a built-in one.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points

from bot.adapters.base import Adapter, KeyValue
from bot.clock import Clock
from bot.settings import Settings, SettingsError

GROUP = "convoke.adapters"
BUILT_IN = {
    "telegram": "bot.adapters.telegram",
    "slack": "bot.adapters.slack",
    "terminal": "bot.adapters.terminal",
}

Factory = Callable[[Settings, KeyValue, Clock], Adapter]
"""``make_adapter(settings, memory, clock)``.

Raises:
    SettingsError: a setting that the adapter needs is missing or wrong.
"""


def names() -> tuple[str, ...]:
    """Return the names of all adapters that could be loaded, sorted."""
    return tuple(sorted({*BUILT_IN, *(one.name for one in entry_points(group=GROUP))}))


def factory(name: str) -> Factory:
    """Return the factory of the adapter ``name``.

    Raises:
        SettingsError: there is no adapter of that name.
    """
    if name in BUILT_IN:
        made: Factory = import_module(BUILT_IN[name]).make_adapter
        return made
    for found in entry_points(group=GROUP, name=name):
        loaded: Factory = found.load()
        return loaded
    raise SettingsError(
        f"CONVOKE_ADAPTERS: there is no adapter {name!r}; known are {', '.join(names())}"
    )
