"""Who the bot is: its id stands in the token, its name has to be asked for."""

from math import inf

from telegram import Bot
from telegram.error import TelegramError

from bot.adapters.base import KeyValue
from bot.clock import Clock

ASK_AGAIN_SECONDS = 60.0
"""Where the platform did not say the name, it is asked again after this."""


class Identity:
    """The bot's id and name. The name is remembered, so that a link needs no network."""

    def __init__(self, account: str, memory: KeyValue, clock: Clock) -> None:
        """Know the bot's id; remember its name in ``memory``."""
        self.account = account
        self.username = ""
        self._memory = memory
        self._clock = clock
        self._key = f"telegram.username.{account}"
        self._ask_at = -inf

    @property
    def settled(self) -> bool:
        """Whether the platform has been asked since the start, and has answered."""
        return self._ask_at == inf

    async def learn(self, bot: Bot) -> None:
        """Ask for the name, which commands and mentions in groups carry; once, if it is said.

        A server that does not say is no obstacle: any name then counts as ours, or what an
        earlier run was told. What is really wrong, whatever follows will meet as well.
        """
        if self._clock.monotonic() < self._ask_at:
            return
        self._ask_at = self._clock.monotonic() + ASK_AGAIN_SECONDS
        try:
            me = await bot.get_me()
        except TelegramError:
            await self.recalled()
            return
        self._ask_at = inf
        await self.note(me.username or "")

    async def note(self, username: str) -> None:
        """Keep what the platform said."""
        if username and username != self.username:
            self.username = username
            await self._memory.set(self._key, username)

    def ask_again(self) -> None:
        """After trouble the name may be asked for at once, if it is still unknown."""
        if not self.username:
            self._ask_at = -inf

    async def recalled(self) -> str:
        """Return the name, also if only an earlier run has learnt it; ``""`` if none has."""
        if not self.username:
            self.username = await self._memory.get(self._key) or ""
        return self.username
