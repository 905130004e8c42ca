"""Who acts: the account behind an update, its person, and the dialog they are in."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.domain.delivery import Lane
from bot.domain.incoming import Incoming, Left
from bot.domain.people import Person
from bot.domain.reader import Reader
from bot.routing import Dialog
from bot.services.readers import Readers
from bot.services.recognition import Recognition
from bot.storage import accounts, dialogs, people
from bot.storage.database import Database, Read, Write


@dataclass(frozen=True, slots=True)
class Known:
    """Who acts, as far as we know."""

    account_id: int
    person: Person | None
    reader: Reader
    dialog: Dialog | None


class Actors:
    """Finds out who acts."""

    def __init__(
        self, database: Database, clock: Clock, readers: Readers, recognition: Recognition
    ) -> None:
        """Look into ``database``, and into the directories of trusted workspaces."""
        self._database = database
        self._clock = clock
        self._readers = readers
        self._recognition = recognition

    async def recognised(self, incoming: Incoming) -> tuple[Known, Person | None]:
        """Return who acts, and the person if it is only now that they were recognised."""
        known = await self.resolve(incoming)
        if known.person is not None or isinstance(incoming, Left):
            return known, None
        person = await self._recognition.recognise(incoming.who, known.account_id)
        return (known, None) if person is None else (await self.resolve(incoming), person)

    async def resolve(self, incoming: Incoming) -> Known:
        """Return the person behind the account; what is new about the account is noted."""
        async with self._database.read() as read:
            account = await accounts.find(read, incoming.who)
            if account is not None and account.says(incoming.locale, incoming.name):
                return await self._known(read, incoming, account.id, account.person_id)
        account_id = await self._database.write(
            lambda write: self._note_account(write, incoming), Lane.CONVERSATION
        )
        async with self._database.read() as read:
            person_id = account.person_id if account else None
            return await self._known(read, incoming, account_id, person_id)

    async def _note_account(self, write: Write, incoming: Incoming) -> int:
        account_id = await accounts.ensure(
            write, incoming.who, locale=incoming.locale, name=incoming.name
        )
        await accounts.ensure_direct(write, incoming.who, account_id)
        return account_id

    async def _known(
        self, read: Read, incoming: Incoming, account_id: int, person_id: int | None
    ) -> Known:
        person = await people.by_id(read, person_id) if person_id else None
        conversation = incoming.where.conversation
        stored = await dialogs.find(read, conversation, account_id, self._clock.now())
        dialog = Dialog(stored.form, stored.step, stored.answers) if stored else None
        return Known(account_id, person, self._readers.of(person, incoming.locale), dialog)
