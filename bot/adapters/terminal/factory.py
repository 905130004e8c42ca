"""From the settings to the adapter."""

import getpass
import os

from bot.adapters.base import Adapter, KeyValue
from bot.adapters.terminal.adapter import TerminalAdapter
from bot.adapters.terminal.screen import Console
from bot.clock import Clock
from bot.settings import Settings


def make_adapter(settings: Settings, memory: KeyValue, clock: Clock) -> Adapter:
    """Return the adapter for the terminal that this process runs in; nothing is to be set."""
    return TerminalAdapter(
        screen=Console(), user=_user(), locale=os.environ.get("LANG", ""), clock=clock
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "you"
