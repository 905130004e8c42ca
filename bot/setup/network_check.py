"""The way out and the clock: what no platform says in words."""

import asyncio
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp

from bot.adapters.proxies import connector_for
from bot.settings import Settings
from bot.setup.finding import Finding, Level, found

REACH_SECONDS = 5.0
OFF_SECONDS = 30.0
"""More than networks take: from here on times in messages are visibly wrong."""
REFUSED_SECONDS = 300.0
"""Slack's requests carry an instant, and older ones are refused as replays."""
HTTP_PORT = 80


async def check_proxy(settings: Settings) -> Finding:
    """Return whether something takes connections where ``CONVOKE_PROXY`` points."""
    url = settings.proxy.get_secret_value()
    if not url:
        return found(Level.OK, "proxy", "proxy-none")
    parts = urlsplit(url)
    shown = f"{parts.scheme}://{parts.hostname}:{parts.port or HTTP_PORT}"
    try:
        async with asyncio.timeout(REACH_SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or HTTP_PORT)
    except (OSError, TimeoutError):
        return found(Level.WRONG, "proxy", "proxy-away", proxy=shown)
    writer.close()
    return found(Level.OK, "proxy", "proxy-ok", proxy=shown)


async def check_clock(settings: Settings) -> Finding:
    """Return how far this machine's clock is from the first platform's that answers."""
    servers = {"telegram": settings.telegram_api_url, "slack": settings.slack_api_url}
    for name in settings.adapter_names:
        if name in servers and (off := await _seconds_ahead(settings, servers[name])) is not None:
            return _clock_line(name.capitalize(), off, strict=settings.slack_mode == "http")
    return found(Level.WARNING, "clock", "clock-unknown")


def _clock_line(platform: str, off: float, *, strict: bool) -> Finding:
    if abs(off) <= OFF_SECONDS:
        return found(Level.OK, "clock", "clock-ok", platform=platform, seconds=abs(off))
    level = Level.WRONG if strict and abs(off) > REFUSED_SECONDS else Level.WARNING
    way = "ahead of" if off > 0 else "behind"
    minutes = f"{abs(off) / 60:.1f} minutes"
    return found(level, "clock", "clock-off", minutes=minutes, way=way, platform=platform)


async def _seconds_ahead(settings: Settings, url: str) -> float | None:
    """Return by how much our clock is ahead, by the ``Date`` of any answer; None without one."""
    connector, through = connector_for(settings.proxy.get_secret_value())
    limits = aiohttp.ClientTimeout(total=REACH_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=limits) as session,
            session.get(url, proxy=through, allow_redirects=False) as answer,
        ):
            said = answer.headers.get("Date", "")
        return settings.clock.epoch() - parsedate_to_datetime(said).timestamp()
    except Exception:  # each library raises its own; what is amiss the platform's line says
        return None
