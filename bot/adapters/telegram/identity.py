"""Who the bot is: its id stands in the token, its name has to be asked for."""

from telegram import Bot
from telegram.error import TelegramError

from bot.adapters.base import KeyValue


class Identity:
    """The bot's id and name. The name is remembered, so that a link needs no network."""

    def __init__(self, account: str, memory: KeyValue) -> None:
        """Know the bot's id; remember its name in ``memory``."""
        self.account = account
        self.username = ""
        self._memory = memory
        self._key = f"telegram.username.{account}"
        self._asked = False

    async def learn(self, bot: Bot) -> None:
        """Ask for the name, which commands and mentions in groups carry, unless it is known.

        A server that does not say is no obstacle: any name then counts as ours. What is
        really wrong, whatever follows will meet as well.
        """
        if self._asked:
            return
        self._asked = True
        try:
            me = await bot.get_me()
        except TelegramError:
            return
        await self.note(me.username or "")

    async def note(self, username: str) -> None:
        """Keep what the platform said."""
        if username and username != self.username:
            self.username = username
            await self._memory.set(self._key, username)

    def ask_again(self) -> None:
        """After trouble the name may be asked for once more, if it is still unknown."""
        self._asked = bool(self.username)

    async def recalled(self) -> str:
        """Return the name, also if only an earlier run has learnt it; ``""`` if none has."""
        if not self.username:
            self.username = await self._memory.get(self._key) or ""
        return self.username
