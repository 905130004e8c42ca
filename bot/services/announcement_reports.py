"""What became of an announcement."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain import audience
from bot.domain.announcement import Announcement
from bot.domain.change import ChangeReport
from bot.domain.delivery import Tally
from bot.services.announcements import get
from bot.storage import acknowledgements, announcement_changes, audiences, delivery_reports, quiet
from bot.storage.database import Read


@dataclass(frozen=True, slots=True)
class Reached:
    """How far it came in one organisation, in people: one of them is enough.

    Attributes:
        names: The organisation's, by language; empty for people of none.
    """

    slug: str
    names: dict[str, str]
    people: int
    reached: int
    acknowledged: int


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an announcement.

    Attributes:
        unreached: (state, reason, platform, e-mail or chat) of what did not arrive.
        no_messenger: (e-mail, organisation) of people whom no messenger reaches.
        rooms: (name, title, state) of the rooms it goes to.
        waiting: How many deliveries wait for the end of their reader's quiet hours.
        waiting_until: The aware UTC instant at which the last of these hours end.
        acknowledged: How many people have confirmed that they have read it.
        resent: How many unconfirmed deliveries staff had sent again.
        organisations: How far it came, by organisation.
        changes: Its corrections and recalls.
    """

    announcement: Announcement
    tally: Tally
    unreached: tuple[tuple[str, str, str, str], ...]
    no_messenger: tuple[tuple[str, str], ...]
    rooms: tuple[tuple[str, str, str], ...] = ()
    waiting: int = 0
    waiting_until: datetime | None = None
    acknowledged: int = 0
    resent: int = 0
    organisations: tuple[Reached, ...] = ()
    changes: tuple[ChangeReport, ...] = ()


async def recipients(read: Read, announcement: Announcement) -> int:
    """Return to how many chats it goes, or would go now."""
    if announcement.frozen_at is not None:
        return (await delivery_reports.tally(read, announcement.id)).total
    expression = audience.parse(announcement.audience)
    return await audiences.count_addresses(read, expression)


async def report(read: Read, announcement_id: int, now: datetime) -> Report:
    """Return what became of the announcement until ``now``.

    Raises:
        Refusal: there is none with this number.
    """
    found = await get(read, announcement_id)
    return Report(
        found,
        await delivery_reports.tally(read, found.id),
        await delivery_reports.unreached(read, found.id),
        await audiences.without_address(read, audience.parse(found.audience)),
        await delivery_reports.rooms(read, found.id),
        *await quiet.waiting(read, found.id, now),
        acknowledged=await acknowledgements.count(read, found.id),
        resent=await delivery_reports.resent(read, found.id),
        organisations=tuple(
            Reached(*one) for one in await acknowledgements.by_organisation(read, found.id)
        ),
        changes=tuple(
            [
                await announcement_changes.report(read, one)
                for one in await announcement_changes.of_announcement(read, found.id)
            ]
        ),
    )
