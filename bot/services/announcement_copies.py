"""One copy of an announcement as it stands in a chat, with its reader's own answers."""

from dataclasses import dataclass

from bot.domain.address import MessageRef
from bot.domain.announcement import Announcement, Body
from bot.domain.change import ChangeKind
from bot.domain.delivery import Outgoing
from bot.domain.message import Attachment, Message
from bot.domain.rsvp import Rsvp
from bot.i18n import Texts, texts_in
from bot.services.announcement_fields import values_for
from bot.storage import (
    acknowledgements,
    announcement_changes,
    conferences,
    delivery_reports,
    rsvps,
)
from bot.storage import announcements as store
from bot.storage.database import Read
from bot.views.announcements import (
    Confirm,
    announcement_message,
    withdrawn_message,
)
from bot.views.fields import Values


@dataclass(frozen=True, slots=True)
class Copy:
    """An announcement in the words of one reader.

    Attributes:
        event_id: The event whose buttons stand below, or None.
        rsvp: The reader's answer to it.
        is_withdrawn: It was taken back, and could not be deleted here.
        files: As :func:`standing_files`.
    """

    body: Body
    event_id: int | None = None
    rsvp: Rsvp | None = None
    confirm: Confirm | None = None
    is_withdrawn: bool = False
    fields: Values | None = None
    files: tuple[Attachment, ...] = ()

    def message(self, texts: Texts, signature: str = "") -> Message:
        """Return what the reader sees."""
        if self.is_withdrawn:
            return withdrawn_message(self.body, texts, self.fields)
        return announcement_message(
            self.body,
            texts,
            event_id=self.event_id,
            rsvp=self.rsvp,
            signature=signature,
            confirm=self.confirm,
            fields=self.fields,
            files=self.files,
        )


def confirmation_of(announcement: Announcement) -> Confirm | None:
    """Return what a reader of it is asked to confirm.

    A reminder, and a correction that is told anew, ask for the first one.
    """
    if announcement.chases is not None:
        return Confirm(announcement.chases)
    if announcement.acknowledge and announcement.confirms is not None:
        return Confirm(announcement.confirms)
    return Confirm(announcement.id) if announcement.acknowledge else None


async def at(read: Read, ref: MessageRef, person_id: int) -> Copy | None:
    """Return the copy that stands at ``ref``, as ``person_id`` reads it; None if there is none.

    A press says on which message it was made; the button's own words are not believed.
    """
    found = await delivery_reports.announcement_at(read, ref)
    announcement = await store.find(read, found[0]) if found else None
    if announcement is None or found is None or announcement.recalled_at is not None:
        return None
    return await of_reader(read, announcement, found[1], person_id)


async def of_reader(
    read: Read, announcement: Announcement, language: str, person_id: int | None
) -> Copy:
    """Return the announcement with the answers of the person, who is None in a room."""
    event = None
    if announcement.rsvp_event:
        event = await conferences.event_by_slug(read, announcement.rsvp_event)
    confirm = confirmation_of(announcement)
    rsvp = None
    if person_id is not None:
        rsvp = await rsvps.find(read, event.id, person_id) if event else None
        if confirm and await acknowledgements.of_person(read, confirm.number, person_id):
            confirm = Confirm(confirm.number, done=True)
    fields = await values_for(read, announcement, person_id, texts_in(language))
    event_id = event.id if event else None
    files = standing_files(announcement)
    return Copy(announcement.body(language), event_id, rsvp, confirm, fields=fields, files=files)


def standing_files(announcement: Announcement) -> tuple[Attachment, ...]:
    """Return its files without their bytes: to be counted, or because no change sends them."""
    shared = [one for one in announcement.files if not one.organisation]
    letter = [one for one in announcement.files if one.organisation][:1]
    return tuple(Attachment(one.name, one.media_type, b"-") for one in (*shared, *letter))


async def of_row(read: Read, row: Outgoing) -> Copy:
    """Return what the copy becomes that a change's row is about.

    Raises:
        LookupError: the announcement is gone.
    """
    announcement = await store.find(read, row.changes or 0)
    kind = await announcement_changes.kind_of(read, row.change_id or 0)
    if announcement is None or kind is None:
        raise LookupError(f"announcement {row.changes} is gone")
    body = announcement.body(row.language)
    files = standing_files(announcement)
    if kind is ChangeKind.RECALL or announcement.recalled_at is not None:
        fields = await values_for(read, announcement, row.person_id, texts_in(row.language))
        return Copy(body, is_withdrawn=True, fields=fields, files=files)
    return await of_reader(read, announcement, row.language, row.person_id)
