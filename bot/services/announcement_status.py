"""What staff see of an announcement before, during and after: whom, when, how long, how far."""

from collections.abc import Mapping

from bot.adapters.base import Pace
from bot.domain import audience
from bot.domain.announcement import AnnouncementState
from bot.domain.announcement_reach import Reach
from bot.domain.announcement_report import Status
from bot.services import announcement_reach, announcements
from bot.storage import (
    acknowledgements,
    announcement_replies,
    audiences,
    delivery_reports,
    meant,
)
from bot.storage.database import Read

Paces = Mapping[str, Pace]
"""How fast each messenger may be written to, by platform."""


NAMED = 15
"""Of those whom it cannot reach, how many a card names; the command line names all."""


async def status(
    read: Read,
    announcement_id: int,
    paces: Paces,
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
        reach = await announcement_reach.reach(read, found, tuple(paces), named)
        left, people, organisations = reach.chats, reach.reachable, reach.homes_reachable
    else:
        reach = Reach(await delivery_reports.chats_by_platform(read, found.id))
        left = await delivery_reports.left_by_platform(read, found.id)
        people, organisations = await meant.count_people(read, found, expression)
    return Status(
        found,
        await delivery_reports.tally(read, found.id),
        reach,
        people,
        organisations,
        len(await meant.on_no_messenger(read, found, expression)),
        await audiences.zones(read, expression, default_zone),
        seconds_for(left, paces),
        await acknowledgements.count(read, found.id),
        await announcement_replies.count(read, found.id),
    )


def seconds_for(chats: Mapping[str, int], paces: Paces) -> float:
    """Return how long so many messages take: the platforms send beside each other."""
    return max((n / paces[one].bulk for one, n in chats.items() if one in paces), default=0.0)


def seconds_to_change(copies: Mapping[str, int], paces: Paces) -> float:
    """Return how long it takes to edit or delete so many copies; Slack is slow at that."""
    return max(
        (n / (paces[one].edit or paces[one].bulk) for one, n in copies.items() if one in paces),
        default=0.0,
    )


async def change_length(read: Read, announcement_id: int, paces: Paces) -> float:
    """Return how many seconds it takes to change all copies that stand in chats."""
    copies = await delivery_reports.standing_by_platform(read, announcement_id)
    return seconds_to_change(copies, paces)


def is_moving(state: AnnouncementState) -> bool:
    """Return whether what staff see of it changes by itself."""
    return state in (
        AnnouncementState.SCHEDULED,
        AnnouncementState.SENDING,
        AnnouncementState.PAUSED,
        AnnouncementState.MISSED,
    )
