"""Copies that a downtime made late for their readers: held, asked about, sent or left out."""

from datetime import datetime
from functools import partial

from bot.domain.announcement import Announcement
from bot.domain.people import Actor
from bot.domain.refusal import Refusal
from bot.services.announcements import check_may, get, note
from bot.storage import late_copies, preferences, quiet
from bot.storage.database import Write


async def decide(
    write: Write,
    announcement_id: int,
    *,
    send: bool,
    actor: Actor,
    now: datetime,
    default_zone: str,
) -> Announcement:
    """Send the held copies now, or leave these readers out; everything else goes on as it is.

    Who has quiet hours at this moment gets theirs when these end.

    Raises:
        Refusal: the actor may not, or somebody has decided already.
    """
    check_may(actor)
    found = await get(write, announcement_id)
    settle = late_copies.release if send else partial(late_copies.leave_out, now=now)
    rows = await settle(write, found.id)
    if not rows:
        raise Refusal("refusal.late-copies", number=found.id)
    if send:
        ends = await preferences.waiting_until(write, now, default_zone)
        await quiet.put_off(write, ends, default_zone)
    action = "late copies sent" if send else "late copies left out"
    await note(write, actor, action, found.id, now, rows=rows)
    return found
