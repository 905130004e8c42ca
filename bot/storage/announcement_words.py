"""Other words for an announcement; those that were sent once are kept."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, insert, select, update
from sqlmodel import col

from bot.domain.announcement import Announcement, AnnouncementState, Body
from bot.storage import tables
from bot.storage.codec import storable
from bot.storage.database import Write

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

_BEGUN = (
    AnnouncementState.SENDING.value,
    AnnouncementState.PAUSED.value,
    AnnouncementState.SENT.value,
)


async def reword(
    write: Write, announcement: Announcement, bodies: Sequence[Body], title: str
) -> int:
    """Give it the words ``bodies``, keep the old ones, and return the new revision.

    What has begun to be sent is not laid out for them (:mod:`bot.storage.announcement_layout`).
    """
    revision: int = await write.scalar(
        update(t.Announcement)
        .where(col(t.Announcement.id) == announcement.id)
        .values(
            revision=t.Announcement.revision + 1,
            laid_out=case(
                (col(t.Announcement.state).in_(_BEGUN), t.Announcement.laid_out),
                else_=t.Announcement.revision + 1,
            ),
            title=storable(title),
        )
        .returning(t.Announcement.revision)
    )
    old = [
        {
            "announcement_id": announcement.id,
            "revision": revision - 1,
            "language": body.language,
            "title": storable(body.title),
            "text": storable(body.text),
        }
        for body in announcement.bodies
    ]
    await write.execute(insert(t.AnnouncementWording), old)
    for body in bodies:
        await write.count(
            update(t.AnnouncementBody)
            .where(
                col(t.AnnouncementBody.announcement_id) == announcement.id,
                col(t.AnnouncementBody.language) == body.language,
            )
            .values(title=storable(body.title), text=storable(body.text))
        )
    return revision


async def reword_planned(
    write: Write, planned: Announcement, bodies: Sequence[Body], title: str
) -> None:
    """Give what is scheduled other words, unless it has begun in this moment."""
    still = await write.first(
        select(t.Announcement.id)
        .where(
            col(t.Announcement.id) == planned.id,
            col(t.Announcement.state) == AnnouncementState.SCHEDULED.value,
        )
        .with_for_update()
    )
    if still is not None:
        await reword(write, planned, bodies, title)
