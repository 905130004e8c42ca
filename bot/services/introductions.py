"""The first message to anyone says from whom it comes, why, and how to stop it.

Whether somebody knows it already is a fact of their direct chat, noted in the commit that
writes such a message (or records its delivery, for an announcement).
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.domain.address import Address
from bot.domain.message import Message
from bot.domain.people import Person
from bot.domain.reader import Reader
from bot.i18n import texts_for
from bot.storage import accounts
from bot.storage.database import Write
from bot.views.welcome import with_introduction


@dataclass(frozen=True, slots=True)
class Introductions:
    """Adds the introduction where it is due.

    Attributes:
        alliance: Gives the alliance's name in a language.
        signature: Gives the last line of announcements in a language, or ``""``.
    """

    alliance: Callable[[str], str]
    clock: Clock
    signature: Callable[[str], str] = lambda language: ""

    async def added(
        self, write: Write, to: Address, message: Message, person: Person | None, reader: Reader
    ) -> Message:
        """Return ``message``, with the introduction below it if it is the first one there."""
        if not await self.note(write, to):
            return message
        return self.below(message, person, reader)

    async def note(self, write: Write, to: Address) -> bool:
        """Note that whoever reads there knows who writes; True if that is new."""
        return await accounts.introduce(write, to, self.clock.now())

    def below_announcement(self, message: Message, reader: Reader) -> Message:
        """Return an announcement with the introduction, in words that fit every reader of it."""
        somebody = Person(0, {"": ""})
        return self.below(message, somebody, reader)

    def below(self, message: Message, person: Person | None, reader: Reader) -> Message:
        """Return ``message`` with the introduction below it."""
        texts = texts_for(reader.language)
        return with_introduction(message, person, self.alliance(reader.language), texts)
