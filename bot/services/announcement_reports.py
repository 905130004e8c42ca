"""What became of an announcement."""

from datetime import datetime

from bot.domain import audience
from bot.domain.announcement_report import Reached, Report
from bot.services.announcements import get
from bot.storage import (
    acknowledgements,
    announcement_change_reports,
    announcement_changes,
    announcement_replies,
    by_hand,
    delivery_reports,
    late_copies,
    meant,
    quiet,
)
from bot.storage.database import Read


async def report(read: Read, announcement_id: int, now: datetime) -> Report:
    """Return what became of the announcement until ``now``.

    Raises:
        Refusal: there is none with this number.
    """
    found = await get(read, announcement_id)
    expression = audience.parse(found.audience)
    return Report(
        found,
        await delivery_reports.tally(read, found.id),
        await delivery_reports.unreached(read, found.id),
        await meant.on_no_messenger(read, found, expression),
        await delivery_reports.rooms(read, found.id),
        *await quiet.waiting(read, found.id, now),
        late=await late_copies.held(read, found.id),
        acknowledged=await acknowledgements.count(read, found.id),
        resent=await delivery_reports.resent(read, found.id),
        organisations=tuple(
            Reached(*one) for one in await meant.by_organisation(read, found, expression)
        ),
        elsewhere=await delivery_reports.elsewhere(read, found.id),
        replies=await announcement_replies.count(read, found.id),
        by_hand=await by_hand.of_announcement(read, found.id),
        changes=tuple(
            [
                await announcement_change_reports.report(read, one)
                for one in await announcement_changes.of_announcement(read, found.id)
            ]
        ),
    )
