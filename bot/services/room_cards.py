"""The card of an event in a room: posted where it is asked for, refreshed as answers come.

There is one an event and room. It shows how the people answered who did so in the room,
whatever their answer is now, by organisation and in numbers: never a person's own. States:
:mod:`bot.domain.room`.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from bot.adapters.base import Adapter, Part
from bot.clock import Clock
from bot.domain.address import Address, MessageRef
from bot.domain.delivery import Lane
from bot.domain.reader import Reader
from bot.domain.room import Card, CardState, Room
from bot.domain.rsvp import Seats
from bot.i18n import texts_for
from bot.services.outbox import Cause, Outbox
from bot.services.readers import Readers
from bot.storage import conferences, deliveries, rsvps
from bot.storage import room_cards as store
from bot.storage.database import Database, Read, Write
from bot.views.rooms import card_message, card_moved

BUDGETS = (2400, 1200, 600, 200)
"""Characters for the organisations on a card, tried until it is one message on the platform."""


class RoomCards:
    """The cards of all rooms that the adapters of this process speak to."""

    def __init__(
        self, adapters: Mapping[str, Adapter], outbox: Outbox, readers: Readers, clock: Clock
    ) -> None:
        """Render with ``adapters``, by platform, and send through ``outbox``."""
        self._adapters = adapters
        self._outbox = outbox
        self._readers = readers
        self._clock = clock

    def reader(self, room: Room) -> Reader:
        """Return how all of a room is spoken to."""
        return self._readers.of(None, room.language)

    async def show(
        self, write: Write, room: Room, event_id: int, where: Address, cause: Cause, *, again: bool
    ) -> bool:
        """Let the card stand in the room; False if it already does, where people see it.

        Args:
            where: The thread of the room that it was asked for in.
            again: Whether it was asked for by name, and so shall stand below the talk. Where
                it was long ago, or elsewhere, a fresh one is posted, and the old one loses
                its buttons.
        """
        card = await store.held(write, room, event_id)
        if card.state is not CardState.NONE:
            if not again or card.is_recent(where.thread, self._clock.epoch()):
                return False
            await self._close(write, card, cause)
        await self._post(write, card, where, cause)
        return True

    async def refresh(self, database: Database) -> int:
        """Refresh the cards whose turn it is, each in a transaction of its own; return how many."""
        epoch = self._clock.epoch()
        async with database.read() as read:
            ended = await store.unsettled(read)
        for card_id in ended:  # one after the other: an answer locks several cards at once
            await database.write(partial(store.settle, epoch=epoch, card_id=card_id))
        async with database.read() as read:
            cards = await store.due(read, epoch)
        done = 0
        for card in cards:
            if self._outbox.speaks(card.room.address.platform):
                done += await database.write(partial(self._refresh, card=card, epoch=epoch))
        return done

    async def _refresh(self, write: Write, card: Card, epoch: float) -> bool:
        if not await store.begin_refresh(write, card, epoch):
            return False
        part = await self._part(write, card)
        if part is None or await self._shows(write, card, part):
            return False
        row = await self._outbox.put(
            write, card.address, part, Cause(), target=card.message_id, lane=Lane.BULK
        )
        await store.refreshed(write, card, row)
        return True

    async def _shows(self, read: Read, card: Card, part: Part) -> bool:
        """Return whether the card reads so already: a change that nobody sees is none."""
        last = card.last
        return last is not None and await deliveries.shows(read, last.id, part.payload)

    async def _post(self, write: Write, card: Card, where: Address, cause: Cause) -> None:
        part = await self._part(write, card)
        if part is None:
            return
        row = await self._outbox.put(write, where, part, cause)
        await store.posted(write, card, row, where.thread, self._clock.epoch())

    async def _close(self, write: Write, card: Card, cause: Cause) -> None:
        """The old message says where the card is now; nothing can be pressed on it."""
        event = await conferences.event_by_id(write, card.event_id)
        if event is None:
            return
        reader = self.reader(card.room)
        message = card_moved(event, texts_for(reader.language))
        ref = MessageRef(card.address, card.message_id)
        await self._outbox.edit(
            write, ref, message, reader, replace(cause, ordinal=0), lane=Lane.BULK
        )

    async def _part(self, read: Read, card: Card) -> Part | None:
        """Return the card as one message of its platform, or None if its event is gone."""
        event = await conferences.event_by_id(read, card.event_id)
        if event is None:
            return None
        seats = await rsvps.seats(read, event.id) or Seats(None, 0)
        answers = await store.answers(read, card.room, event.id)
        reader = self.reader(card.room)
        adapter = self._adapters[card.room.address.platform]
        parts: tuple[Part, ...] = ()
        for budget in BUDGETS:
            message = card_message(
                event,
                texts_for(reader.language),
                seats=seats,
                answers=answers,
                now=self._clock.now(),
                budget=budget,
            )
            parts = adapter.render(message, reader)
            if len(parts) == 1:
                break
        return parts[-1]
