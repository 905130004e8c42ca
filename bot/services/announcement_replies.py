"""Readers reply to announcements; staff see what they wrote beside the announcement."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.announcement_reply import (
    AFTER,
    LONGEST,
    PAUSE,
    TOLERANCE,
    AnnouncementReply,
    Met,
    ReplyCount,
)
from bot.domain.incoming import Said
from bot.services.announcements import get
from bot.storage import announcement_replies as store
from bot.storage.database import Read, Write


@dataclass(frozen=True, slots=True)
class About:
    """The announcement that something is a reply to; ``quoted`` if its writer says so."""

    announcement_id: int
    quoted: bool = False


async def about(read: Read, said: Said, account_id: int, now: datetime) -> About | None:
    """Return which announcement ``said`` is a reply to, or None.

    What it quotes counts wherever it is said. What quotes nothing counts in a direct chat
    only, in the moments that :mod:`bot.domain.announcement_reply` names. They are counted from
    when it was said, which is never later than ``now``: it may be handled much later.
    """
    said_at = min(said.at, now)
    if said.reply_to is not None:
        found = await store.quoted(read, said.reply_to)
        if found is not None:
            return About(found, quoted=True)
    if not said.is_direct:
        return None
    last = await store.last_said(read, said.where, said_at + TOLERANCE)
    if last is None:
        return None
    announcement_id, at = last
    if announcement_id is not None:
        return About(announcement_id) if at >= said_at - AFTER else None
    found = await store.last_reply(read, said.where, account_id, said_at - PAUSE, said_at - AFTER)
    return About(found) if found is not None else None


async def note(
    write: Write,
    to: About,
    said: Said,
    *,
    account_id: int,
    person_id: int | None,
    room_id: int | None,
    met: Met,
    question_id: int | None = None,
) -> None:
    """Keep the reply where the secretariat sees it."""
    await store.add(
        write,
        announcement_id=to.announcement_id,
        account_id=account_id,
        person_id=person_id,
        room_id=room_id,
        question_id=question_id,
        text=said.text.strip()[:LONGEST],
        met=met,
        quoted=to.quoted,
        said_at=said.at,
    )


async def of_announcement(
    read: Read, announcement_id: int, limit: int | None = None, offset: int = 0
) -> tuple[AnnouncementReply, ...]:
    """Return what readers wrote to the announcement, newest first.

    Raises:
        Refusal: there is none with this number.
    """
    await get(read, announcement_id)
    return await store.of_announcement(read, announcement_id, limit, offset)


async def count(read: Read, announcement_id: int) -> ReplyCount:
    """Return how many replies there are, and how many of them wait for the secretariat."""
    return await store.count(read, announcement_id)
