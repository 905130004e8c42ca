"""Announcements that are due begin; late ones are asked about; finished ones are closed."""

import logging
from functools import partial

from bot.domain.announcement import Announcement
from bot.domain.message import Message
from bot.domain.people import SERVICE
from bot.domain.reader import Reader
from bot.i18n import texts_for
from bot.services import announcements, people
from bot.services.delivery import finish_sent
from bot.services.outbox import Cause
from bot.storage import audit
from bot.storage.database import Write
from bot.views.staff import missed_message
from schedules.job import Bench, Job

log = logging.getLogger(__name__)


async def run(bench: Bench) -> None:
    """Look at the tables once."""
    agenda = await bench.agenda()
    if agenda.due:
        await bench.database.write(lambda write: _begin(write, bench))
        await bench.delivery.freeze_due(bench.clock)
    elif agenda.sending:
        await bench.delivery.freeze_due(bench.clock)
        await bench.database.write(finish_sent)


async def _begin(write: Write, bench: Bench) -> None:
    """Begin what is due; ask staff, in the same commit, about what is too late."""
    now = bench.clock.now()
    for missed in await announcements.ring(write, now=now, grace=bench.grace):
        asked = 0
        for person_id in await people.staff_to_ask(write):
            question = partial(_question, missed)
            asked += await bench.outbox.tell(write, person_id, question, Cause())
        log.warning(
            "announcement %d was due while nothing ran: %d of the staff were asked; "
            "`convoke announce approve %d` sends it, `convoke announce cancel %d` drops it",
            *(missed.id, asked, missed.id, missed.id),
        )
        if not asked:
            await audit.record(
                write,
                actor=SERVICE,
                action="nobody to ask about a late announcement",
                subject=f"announcement {missed.id}",
                at=now,
            )


def _question(missed: Announcement, reader: Reader) -> Message:
    return missed_message(missed, texts_for(reader.language))


job = Job("announcements", 0.25, run)
