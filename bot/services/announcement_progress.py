"""Progress in one message: staff's cards of an announcement change as it goes on.

A card is changed in the lane of conversations, for in the other it would stand still until
the broadcast that it shows is over. What people wait for is delayed by little: of each
announcement one card in a round, and altogether no more than a quarter of what the platform
lets us change meanwhile.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from bot.adapters.base import Pace
from bot.clock import Clock
from bot.i18n import texts_for
from bot.services import announcement_status
from bot.services.outbox import Cause, Outbox
from bot.storage import announcement_cards as store
from bot.storage import people
from bot.storage.announcement_cards import Watched
from bot.storage.database import Database, Read, Write
from bot.views.announcing import status_card

ROUND_SECONDS = 5.0
"""How often cards are looked at."""
SHARE = 1 / 4
"""Of a platform's changes, how many may be cards."""


@dataclass(frozen=True, slots=True)
class _Behind:
    """A card, whether its announcement is over, and what it would show by now."""

    card: Watched
    is_over: bool
    digest: str


async def refresh(database: Database, outbox: Outbox, clock: Clock) -> None:
    """Edit cards that show something else by now; a finished one stays as it is.

    Cards that have to wait for a later round take turns.
    """
    async with database.read() as read:
        seen: dict[int, tuple[bool, str]] = {}
        cards = [
            await _look(read, card, seen)
            for card in await store.watched(read)
            if outbox.speaks(card.ref.address.platform)
        ]
    for one in cards:
        if one.digest == one.card.shown and one.is_over:
            await database.write(partial(store.leave, card=one.card))
    behind = [one for one in cards if one.digest != one.card.shown]
    for one in _chosen(behind, outbox.estimates.paces):
        await _edit(database, outbox, clock, one)


async def _look(read: Read, card: Watched, seen: dict[int, tuple[bool, str]]) -> _Behind:
    """Look at what moves only: whom it would reach costs seconds where these are many."""
    number = card.announcement_id
    if number not in seen:
        state, told = await announcement_status.moving(read, number)
        digest = hashlib.sha256(repr(told).encode()).hexdigest()
        seen[number] = (not announcement_status.is_moving(state), digest)
    return _Behind(card, *seen[number])


def _chosen(behind: Iterable[_Behind], paces: Mapping[str, Pace]) -> list[_Behind]:
    """Return the cards of this round: those whose last change is the longest ago."""
    room = {
        platform: max(1, int((pace.edit or pace.account) * ROUND_SECONDS * SHARE))
        for platform, pace in paces.items()
    }
    chosen: dict[tuple[str, int], _Behind] = {}
    for one in sorted(behind, key=lambda one: one.card.changed_by):
        platform = one.card.ref.address.platform
        key = (platform, one.card.announcement_id)
        if room[platform] and key not in chosen:
            room[platform] -= 1
            chosen[key] = one
    return list(chosen.values())


async def _edit(database: Database, outbox: Outbox, clock: Clock, one: _Behind) -> None:
    readers, card = outbox.readers, one.card
    async with database.read() as read:
        person = await people.by_id(read, card.person_id)
        status = await announcement_status.status(
            read, card.announcement_id, outbox.estimates, readers.default_zone
        )
    reader = readers.of(person)
    message = status_card(status, clock.now(), texts_for(reader.language))

    async def work(write: Write) -> None:
        if await store.shows(write, card, one.digest):
            await outbox.edit(write, card.ref, message, reader, Cause())
        if one.is_over:
            await store.leave(write, card)

    await database.write(work)
