"""Inviting people of the roster: whom, with which secret, and in which words."""

from dataclasses import dataclass
from datetime import timedelta

from bot.clock import Clock
from bot.domain.delivery import Lane
from bot.domain.people import CLI, Person
from bot.domain.refusal import Refusal
from bot.i18n import texts_for
from bot.services import joining
from bot.services.readers import Readers
from bot.settings import Settings
from bot.storage import invites, people
from bot.storage.database import Database
from bot.views.invitations import invitation_text


@dataclass(frozen=True, slots=True)
class Invitations:
    """What ``convoke roster invite`` needs of an installation."""

    database: Database
    settings: Settings
    clock: Clock

    async def whom(self, email: str = "") -> list[Person]:
        """Return the person with the address; without one everybody who is on no messenger.

        Raises:
            Refusal: nobody has the address.
        """
        async with self.database.read() as read:
            if not email:
                numbers = await invites.unlinked(read)
                found = [await people.by_id(read, number) for number in numbers]
                return [one for one in found if one is not None]
            person = await people.by_email(read, email)
        if person is None:
            raise Refusal("refusal.contact-unknown", email=email)
        return [person]

    async def token(self, person: Person) -> str:
        """Return a fresh invitation; only its hash is kept."""
        now, days = self.clock.now(), self.settings.invite_days
        return await self.database.write(
            lambda write: joining.invite(write, person, actor=CLI, now=now, days=days), Lane.BULK
        )

    def text(self, person: Person, token: str, link: str) -> str:
        """Return what the person can be written, in their language."""
        reader = Readers(self.settings.default_language, self.settings.default_zone).of(person)
        return invitation_text(
            person,
            alliance=self.settings.alliance(reader.language),
            token=token,
            link=link,
            until=self.clock.now() + timedelta(days=self.settings.invite_days),
            zone=reader.zone,
            texts=texts_for(reader.language),
        )
