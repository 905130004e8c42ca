"""The answer to a press: once, and by itself if nobody gives it."""

import logging

from telegram import Bot

from bot.clock import Clock

log = logging.getLogger(__name__)

ANSWER_SECONDS = 2.0
"""After this the spinner is stopped with nothing; the handler then writes a message."""
NOTICE_LIMIT = 200


class CallbackInteraction:
    """One callback query of Telegram's; see :class:`~bot.adapters.base.Interaction`."""

    def __init__(self, bot: Bot, query_id: str, clock: Clock) -> None:
        """Hold the query; nothing is sent yet."""
        self._bot = bot
        self._query_id = query_id
        self._clock = clock
        self._answered = False

    @property
    def open(self) -> bool:
        """Whether nobody has answered yet; after two seconds the adapter itself has."""
        return not self._answered

    async def answer(self, notice: str) -> bool:
        """Show ``notice``, cut at 200 characters; False if it was answered or has expired."""
        if self._answered:
            return False
        self._answered = True
        if len(notice) > NOTICE_LIMIT:
            notice = notice[: NOTICE_LIMIT - 1] + "…"
        try:
            return await self._bot.answer_callback_query(self._query_id, text=notice or None)
        except Exception as error:  # a notice that fails becomes a message
            log.debug("a press could not be answered (%s)", type(error).__name__)
            return False

    async def expire(self) -> None:
        """Answer with nothing when the time is up."""
        await self._clock.sleep(ANSWER_SECONDS)
        await self.answer("")
