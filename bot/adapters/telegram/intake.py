"""From one of Telegram's updates to the sink, whichever way it came."""

import asyncio
import logging
from dataclasses import replace

from telegram import Bot, Update

from bot.adapters.base import Sink
from bot.adapters.telegram.identity import Identity
from bot.adapters.telegram.interaction import CallbackInteraction
from bot.adapters.telegram.updates import Translator
from bot.clock import Clock
from bot.domain.incoming import Incoming

log = logging.getLogger(__name__)


class Intake:
    """Translates updates and hands them to a sink; presses are answered in time."""

    def __init__(self, bot: Bot, identity: Identity, sink: Sink, clock: Clock) -> None:
        """Hand everything to ``sink``."""
        self._bot = bot
        self._identity = identity
        self._translator = Translator(identity.account)
        self._sink = sink
        self._clock = clock
        self._expiring: set[asyncio.Task[None]] = set()

    async def take(self, update: Update) -> None:
        """Return once ``update`` is stored, or is nothing for us.

        Raises:
            Exception: it could not be stored; do not acknowledge.
        """
        incoming = self._translated(update)
        interaction = None
        if update.callback_query:
            interaction = CallbackInteraction(self._bot, update.callback_query.id, self._clock)
            task = asyncio.create_task(interaction.expire())
            self._expiring.add(task)
            task.add_done_callback(self._expiring.discard)
        if incoming is not None:
            await self._sink(incoming, interaction)

    async def close(self) -> None:
        """Answer no press any more."""
        for task in self._expiring:
            task.cancel()
        await asyncio.gather(*self._expiring, return_exceptions=True)

    def _translated(self, update: Update) -> Incoming | None:
        """Return what happened; an update that we stumble over must not stop all others."""
        if self._translator.username != self._identity.username:
            self._translator = replace(self._translator, username=self._identity.username)
        try:
            return self._translator.incoming(update, self._clock.now())
        except Exception:
            log.exception("telegram: passed over update %s, our mistake", update.update_id)
            return None
