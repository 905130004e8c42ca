"""Receiving by long polling: commit each update, then confirm it.

PTB's own polling confirms updates that still sit in memory, so a crash loses them
(FACTS, "Receiving"). Here the offset moves only after the sink has returned. It is not
stored: after a restart Telegram gives what was not confirmed once more, and the inbox
knows what it has.
"""

import logging

from telegram import Bot
from telegram.error import Conflict, RetryAfter, TelegramError

from bot.adapters.telegram.advice import advice
from bot.adapters.telegram.identity import Identity
from bot.adapters.telegram.intake import Intake
from bot.adapters.telegram.outcomes import detail_of
from bot.adapters.telegram.updates import ALLOWED
from bot.clock import Clock

log = logging.getLogger(__name__)

POLL_SECONDS = 25
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0


class Poller:
    """One loop of ``getUpdates``; trouble is logged once and waited out."""

    def __init__(self, bot: Bot, identity: Identity, intake: Intake, clock: Clock) -> None:
        """Prepare; :meth:`run` does it."""
        self._bot = bot
        self._identity = identity
        self._intake = intake
        self._clock = clock
        self._offset: int | None = None
        self._pause = FIRST_PAUSE
        self._trouble = ""

    async def run(self) -> None:
        """Receive until cancelled."""
        while True:
            try:
                await self._poll()
            except Exception as error:  # receiving never ends by itself
                await self._wait_out(error)

    async def _poll(self) -> None:
        await self._identity.learn(self._bot)
        updates = await self._bot.get_updates(
            offset=self._offset, timeout=POLL_SECONDS, allowed_updates=ALLOWED
        )
        for update in updates:
            await self._intake.take(update)
            self._offset = update.update_id + 1
        if self._trouble:
            log.info("telegram: receiving again")
        self._trouble, self._pause = "", FIRST_PAUSE

    async def _wait_out(self, error: Exception) -> None:
        """Say what is wrong, once for each kind of trouble, and wait."""
        kind = type(error).__name__
        self._identity.ask_again()
        if kind != self._trouble:
            self._trouble, self._pause = kind, FIRST_PAUSE
            if isinstance(error, TelegramError):
                log.warning("telegram: not receiving: %s", advice(error))
            else:
                log.error("telegram: an update could not be stored; it comes again", exc_info=error)
        if isinstance(error, Conflict) and "webhook" in detail_of(error).lower():
            await self._remove_webhook()
        await self._clock.sleep(self._next_pause(error))

    def _next_pause(self, error: Exception) -> float:
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
        if isinstance(error, RetryAfter):
            after = error.retry_after
            return float(after) if isinstance(after, (int, float)) else after.total_seconds()
        return pause

    async def _remove_webhook(self) -> None:
        """Remove the webhook that stands in the way; what waits for it is kept."""
        try:
            await self._bot.delete_webhook(drop_pending_updates=False)
            log.info("telegram: removed a webhook, because this service polls")
        except TelegramError as error:
            log.warning("telegram: a webhook could not be removed: %s", detail_of(error))
