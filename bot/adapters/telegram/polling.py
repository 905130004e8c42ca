"""Receiving by long polling: commit each update, then confirm it.

PTB's own polling confirms updates that still sit in memory, so a crash loses them
(FACTS, "Receiving"). Here the offset moves only after the sink has returned. It is not
stored: after a restart Telegram gives what was not confirmed once more, and the inbox
knows what it has.
"""

import asyncio
import logging
from dataclasses import replace

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.adapters.base import Sink
from bot.adapters.telegram.interaction import CallbackInteraction
from bot.adapters.telegram.outcomes import detail_of
from bot.adapters.telegram.updates import ALLOWED, Translator
from bot.clock import Clock
from bot.domain.incoming import Incoming

log = logging.getLogger(__name__)

POLL_SECONDS = 25
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0


class Poller:
    """One loop of ``getUpdates``; trouble is logged once and waited out."""

    def __init__(self, bot: Bot, translator: Translator, sink: Sink, clock: Clock) -> None:
        """Prepare; :meth:`run` does it."""
        self._bot = bot
        self._translator = translator
        self._sink = sink
        self._clock = clock
        self._offset: int | None = None
        self._pause = FIRST_PAUSE
        self._trouble = ""
        self._asked_name = False
        self._expiring: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Receive until cancelled."""
        try:
            while True:
                try:
                    await self._poll()
                except Exception as error:  # receiving never ends by itself
                    await self._wait_out(error)
        finally:
            for task in self._expiring:
                task.cancel()
            await asyncio.gather(*self._expiring, return_exceptions=True)

    async def _poll(self) -> None:
        if not self._asked_name:
            await self._learn_name()
        updates = await self._bot.get_updates(
            offset=self._offset, timeout=POLL_SECONDS, allowed_updates=ALLOWED
        )
        for update in updates:
            await self._take(update)
            self._offset = update.update_id + 1
        if self._trouble:
            log.info("telegram: receiving again")
        self._trouble, self._pause = "", FIRST_PAUSE

    async def _learn_name(self) -> None:
        """Ask for the bot's name, which commands and mentions in groups carry.

        A server that does not say is no obstacle: any name then counts as ours. What is
        really wrong, the poll that follows will meet as well.
        """
        self._asked_name = True
        try:
            me = await self._bot.get_me()
        except TelegramError:
            return
        self._translator = replace(self._translator, username=me.username or "")

    async def _take(self, update: Update) -> None:
        incoming = self._translated(update)
        interaction = None
        if update.callback_query:
            interaction = CallbackInteraction(self._bot, update.callback_query.id, self._clock)
            task = asyncio.create_task(interaction.expire())
            self._expiring.add(task)
            task.add_done_callback(self._expiring.discard)
        if incoming is not None:
            await self._sink(incoming, interaction)

    def _translated(self, update: Update) -> Incoming | None:
        """Return what happened; an update that we stumble over must not stop all others."""
        try:
            return self._translator.incoming(update, self._clock.now())
        except Exception:
            log.exception("telegram: passed over update %s, our mistake", update.update_id)
            return None

    async def _wait_out(self, error: Exception) -> None:
        """Say what is wrong, once for each kind of trouble, and wait."""
        kind = type(error).__name__
        self._asked_name = bool(self._translator.username)
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


def advice(error: Exception) -> str:
    """Return what is wrong and what to do about it, in one line without secrets."""
    detail = detail_of(error)
    match error:
        case InvalidToken():
            return (
                f"Telegram refuses the token ({detail}); "
                "set CONVOKE_TELEGRAM_TOKEN to the one @BotFather shows for this bot"
            )
        case Conflict():
            return (
                f"another program receives with the same token ({detail}); "
                "stop it: only one can at a time"
            )
        case RetryAfter():
            return "Telegram asks us to wait (flood control)"
        case _:
            return (
                f"Telegram cannot be reached ({detail}); "
                "check the network, a proxy and CONVOKE_TELEGRAM_API_URL"
            )
