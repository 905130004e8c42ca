"""What staff see of an announcement before, during and after: whom, when, how long, how far."""

from bot.domain import audience
from bot.domain.announcement import AnnouncementState
from bot.domain.announcement_reach import Reach
from bot.domain.announcement_report import Status
from bot.services import announcement_reach, announcements
from bot.services.estimates import Estimates
from bot.storage import (
    acknowledgements,
    announcement_replies,
    audiences,
    delivery_reports,
    meant,
)
from bot.storage.database import Read

NAMED = 15
"""Of those whom it cannot reach, how many a card names; the command line names all."""


async def status(
    read: Read,
    announcement_id: int,
    estimates: Estimates,
    default_zone: str,
    named: int | None = NAMED,
) -> Status:
    """Return how the announcement stands, with ``named`` of those whom it cannot reach.

    Raises:
        Refusal: there is none with this number.
    """
    found = await announcements.get(read, announcement_id)
    expression = audience.parse(found.audience)
    if found.frozen_at is None:
        reach = await announcement_reach.reach(read, found, tuple(estimates.paces), named)
        people, organisations = reach.reachable, reach.homes_reachable
    else:
        reach = Reach(await delivery_reports.chats_by_platform(read, found.id))
        people, organisations = await meant.count_people(read, found, expression)
    return Status(
        found,
        await delivery_reports.tally(read, found.id),
        reach,
        people,
        organisations,
        len(await meant.on_no_messenger(read, found, expression)),
        await audiences.zones(read, expression, default_zone),
        await estimates.to_send(read, found, reach.chats),
        await acknowledgements.count(read, found.id),
        await announcement_replies.count(read, found.id),
    )


async def moving(read: Read, announcement_id: int) -> tuple[AnnouncementState, tuple[object, ...]]:
    """Return its state, and all that changes by itself on what staff see of it."""
    found = await announcements.get(read, announcement_id)
    tally = await delivery_reports.tally(read, found.id)
    return found.state, (tally, found.state, await announcement_replies.count(read, found.id))


def is_moving(state: AnnouncementState) -> bool:
    """Return whether what staff see of it changes by itself."""
    return state in (
        AnnouncementState.SCHEDULED,
        AnnouncementState.SENDING,
        AnnouncementState.PAUSED,
        AnnouncementState.MISSED,
    )
