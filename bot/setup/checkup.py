"""All checks of an installation, whatever the first of them says."""

import asyncio
import os

from dotenv import dotenv_values

from bot.settings import ENV_FILE, PREFIX, Settings, SettingsError, load_settings, settings_problems
from bot.setup.database_check import check_database
from bot.setup.finding import Finding, Level, found
from bot.setup.network_check import check_clock, check_proxy
from bot.setup.platform_check import check_platform
from bot.setup.settings_check import check_settings, unknown_variables


async def checkup() -> tuple[Finding, ...]:
    """Return a line for everything that was looked at, in the order of setting up.

    Everything is asked at once and in limited time, so that one thing that does not answer
    hides no other. Nothing is written.
    """
    written = {**dotenv_values(ENV_FILE), **os.environ}
    if not any(value for name, value in written.items() if name.startswith(PREFIX)):
        return (found(Level.WRONG, "settings", "settings-none"),)
    slips = unknown_variables(written)
    problems = settings_problems()
    if problems:
        return (*slips, *(Finding(Level.WRONG, "settings", problem) for problem in problems))
    try:
        settings = load_settings()
    except SettingsError as problem:
        return (Finding(Level.WRONG, "settings", str(problem)),)
    readable = found(Level.OK, "settings", "settings-ok")
    return (readable, *slips, *check_settings(settings), *await _asked(settings))


async def _asked(settings: Settings) -> tuple[Finding, ...]:
    names = settings.adapter_names
    (proxy, clock), database, platforms = await asyncio.gather(
        asyncio.gather(check_proxy(settings), check_clock(settings)),
        check_database(settings.database_url.get_secret_value()),
        asyncio.gather(*(check_platform(settings, name) for name in names)),
    )
    return (proxy, clock, *database, *platforms)
