"""Whom an announcement would reach now: what staff are told, and what the guard asks about."""

from collections.abc import Sequence

from bot.domain import audience
from bot.domain.announcement import Announcement
from bot.domain.announcement_reach import Reach
from bot.services import roster
from bot.storage import delivery_reports, reach_counts
from bot.storage.database import Read
from bot.storage.reach_counts import Asked

Platforms = Sequence[str] | None
"""Names of the adapters that run here; None lets every messenger count as served."""


async def chats(read: Read, announcement: Announcement, platforms: Platforms) -> dict[str, int]:
    """Return to how many chats it goes, or would go now, by platform."""
    if announcement.frozen_at is not None:
        return await delivery_reports.chats_by_platform(read, announcement.id)
    return await reach_counts.chats(read, await _asked(read, announcement, platforms))


async def recipients(read: Read, announcement: Announcement, platforms: Platforms = None) -> int:
    """Return to how many chats it goes, or would go now; those left out do not count."""
    return sum((await chats(read, announcement, platforms)).values())


async def reach(
    read: Read, announcement: Announcement, platforms: Platforms, limit: int | None = None
) -> Reach:
    """Return whom it would reach now, and at most ``limit`` of those whom it cannot."""
    return await reach_counts.reach(read, await _asked(read, announcement, platforms), limit)


async def _asked(read: Read, announcement: Announcement, platforms: Platforms) -> Asked:
    own = await roster.known_accounts(read, platforms) if platforms is not None else {}
    return Asked(announcement, audience.parse(announcement.audience), platforms, own)
