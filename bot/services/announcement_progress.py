"""Progress in one message: staff's cards of an announcement change as it goes on."""

import hashlib

from bot.clock import Clock
from bot.domain.delivery import Lane
from bot.i18n import texts_for
from bot.services import announcement_status
from bot.services.outbox import Cause, Outbox
from bot.storage import announcement_cards as store
from bot.storage import people
from bot.storage.announcement_cards import Watched
from bot.storage.database import Database, Write
from bot.views.announcing import status_card


async def refresh(database: Database, outbox: Outbox, clock: Clock) -> None:
    """Edit each card that shows something else by now; a finished one stays as it is."""
    async with database.read() as read:
        cards = await store.watched(read)
    for card in cards:
        if outbox.speaks(card.ref.address.platform):
            await _refresh(database, outbox, clock, card)


async def _refresh(database: Database, outbox: Outbox, clock: Clock, card: Watched) -> None:
    readers = outbox.readers
    async with database.read() as read:
        person = await people.by_id(read, card.person_id)
        status = await announcement_status.status(
            read, card.announcement_id, outbox.paces, readers.default_zone
        )
    reader = readers.of(person)
    message = status_card(status, clock.now(), texts_for(reader.language))
    told = (status.tally, status.announcement.state, status.replies)
    digest = hashlib.sha256(repr(told).encode()).hexdigest()
    is_over = not announcement_status.is_moving(status.announcement.state)
    if digest == card.shown and not is_over:
        return

    async def work(write: Write) -> None:
        if await store.shows(write, card, digest) and digest != card.shown:
            await outbox.edit(write, card.ref, message, reader, Cause(), lane=Lane.BULK)
        if is_over:
            await store.leave(write, card)

    await database.write(work)
