"""Stopping in the middle of being sent, going on, and sending again what is unconfirmed."""

from collections.abc import Collection
from datetime import datetime

from bot.domain.announcement import Announcement, AnnouncementState
from bot.domain.people import Actor
from bot.domain.refusal import Refusal
from bot.services import announcements
from bot.storage import preferences, quiet, resending
from bot.storage.database import Read, Write

_S = AnnouncementState


async def pause(write: Write, announcement_id: int, *, actor: Actor, now: datetime) -> Announcement:
    """Let nothing more leave until it is resumed; what is on its way arrives.

    Raises:
        Refusal: the actor may not, or it is not being sent.
    """
    announcements.check_may(actor)
    found = await announcements.get(write, announcement_id)
    await announcements.move(write, found.id, found.state, _S.PAUSED)
    await announcements.note(write, actor, "announcement paused", found.id, now)
    return await announcements.get(write, found.id)


async def resume(
    write: Write, announcement_id: int, *, actor: Actor, now: datetime
) -> Announcement:
    """Go on where it was paused.

    Raises:
        Refusal: the actor may not, or it is not paused.
    """
    announcements.check_may(actor)
    found = await announcements.get(write, announcement_id)
    if found.state is not _S.PAUSED:
        raise Refusal("refusal.announcement-state", number=found.id, state=found.state.value)
    await announcements.move(write, found.id, _S.PAUSED, _S.SENDING)
    await announcements.note(write, actor, "announcement resumed", found.id, now)
    return await announcements.get(write, found.id)


async def looked_for(read: Read, announcement_id: int, reconciled: Collection[str]) -> int:
    """Return how many messages :func:`resend` leaves out, because they may still be found."""
    return await resending.still_looked_for(read, announcement_id, reconciled)


async def resend(
    write: Write,
    announcement_id: int,
    *,
    default_zone: str = "UTC",
    reconciled: Collection[str] = (),
    actor: Actor,
    now: datetime,
) -> int:
    """Send again what is unconfirmed, and return to how many chats: some may get it twice.

    It waits for the end of quiet hours that are under way.

    Args:
        default_zone: IANA name of the zone of readers who have none.
        reconciled: Platforms that are asked what became of a message; while they are, it is
            left out.

    Raises:
        Refusal: the actor may not, or it was not sent, or has been recalled.
    """
    announcements.check_may(actor)
    found = await announcements.get(write, announcement_id)
    if found.state not in announcements.BEGUN or found.recalled_at is not None:
        raise Refusal("refusal.announcement-state", number=found.id, state=found.state.value)
    again = await resending.resend(write, found.id, reconciled)
    ends = await preferences.waiting_until(write, now, default_zone)
    await quiet.put_off(write, ends, default_zone, found.id)
    await announcements.note(write, actor, "unconfirmed sent again", found.id, now, rows=again)
    return again
