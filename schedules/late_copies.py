"""Copies whose reader's own hour passed while nobody served are held, and staff are asked."""

import logging
from functools import partial

from bot.adapters.base import Adapter
from bot.domain.announcement import Announcement
from bot.domain.message import Message
from bot.domain.people import SERVICE
from bot.domain.reader import Reader
from bot.i18n import texts_for
from bot.services import announcements, people
from bot.services.outbox import Cause
from bot.storage import audit, late_copies
from bot.storage.database import Write
from bot.storage.late_copies import Held
from bot.views.staff import late_copies_message
from schedules.job import Bench, Job

log = logging.getLogger(__name__)


async def run(bench: Bench) -> None:
    """Judge what became due for each account that this process serves."""
    for adapter in bench.held():
        if not adapter.account:
            continue
        async with bench.database.read() as read:
            due = await late_copies.any_due(read, adapter.name, adapter.account, bench.clock.now())
        if due:
            await bench.database.write(partial(_judge, bench=bench, adapter=adapter))


async def _judge(write: Write, bench: Bench, adapter: Adapter) -> None:
    """Hold what is too late; ask staff in the same commit, once an announcement."""
    now = bench.clock.now()
    held = await late_copies.judge(write, adapter.name, adapter.account, now, bench.grace)
    for one in held:
        log.warning(
            "announcement %d: %d chats' own hour passed while nothing ran; "
            "`convoke announce late %d --send` sends them, `--leave-out` drops them",
            *(one.announcement_id, one.chats, one.announcement_id),
        )
        if one.is_first and not await _ask(write, bench, one):
            await audit.record(
                write,
                actor=SERVICE,
                action="nobody to ask about late copies",
                subject=f"announcement {one.announcement_id}",
                at=now,
            )


async def _ask(write: Write, bench: Bench, held: Held) -> int:
    """Ask everybody of the staff who may decide; return how many were told."""
    about = await announcements.get(write, held.announcement_id)
    asked = 0
    for person_id in await people.staff_to_ask(write):
        question = partial(_question, about, held)
        asked += await bench.outbox.tell(write, person_id, question, Cause())
    return asked


def _question(about: Announcement, held: Held, reader: Reader) -> Message:
    return late_copies_message(about, held.chats, held.since, texts_for(reader.language))


job = Job("late copies", 0.5, run)
"""A copy waits for this before it may be claimed, so it leaves half a second after its hour."""
