"""For everyone whom no messenger reaches: a ready letter, and a note once they were reached."""

from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum

from bot.domain import audience
from bot.domain.announcement import Announcement, AnnouncementState
from bot.domain.message import Link, Message, text_of
from bot.domain.people import Actor, Person
from bot.domain.refusal import Refusal
from bot.i18n import best_language, texts_for
from bot.services import announcement_copies, announcements
from bot.services import people as roster
from bot.storage import announcement_files, people
from bot.storage import by_hand as store
from bot.storage.database import Read, Write


class Way(StrEnum):
    """How somebody was reached."""

    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail for one person, ready to be opened in any mail program.

    Attributes:
        name: Of the file: organisation and number, and nothing that a file system refuses.
        content: RFC 5322, in UTF-8.
    """

    name: str
    to: str
    content: bytes


async def note(
    write: Write,
    announcement_id: int,
    email: str,
    *,
    way: Way,
    day: date,
    actor: Actor,
    now: datetime,
) -> None:
    """Note that somebody was reached by mail or phone.

    Raises:
        Refusal: the actor may not, or there is no such announcement or person, or the day is
            still to come.
    """
    announcements.check_may(actor)
    found = await announcements.get(write, announcement_id)
    if day > now.date():
        raise Refusal("refusal.day-to-come", day=day.isoformat())
    person_id = await roster.id_of(write, email)
    await store.add(write, found.id, person_id, how=way.value, day=day, by=actor.name, at=now)
    await announcements.note(write, actor, f"reached by {way}", found.id, now, email=email)


async def letters(
    read: Read, announcement_id: int, *, default_language: str, signature: dict[str, str]
) -> tuple[Letter, ...]:
    """Return a letter for each person of the audience whom nothing has reached.

    Raises:
        Refusal: there is no such announcement, nothing of it was sent yet, or it was taken
            back or cancelled.
    """
    found = await announcements.get(read, announcement_id)
    if found.frozen_at is None:
        raise Refusal("refusal.announcement-state", number=found.id, state=found.state.value)
    if found.recalled_at is not None or found.state is AnnouncementState.CANCELLED:
        raise Refusal("refusal.letters-withdrawn", number=found.id)
    ids = await store.not_reached(read, found, audience.parse(found.audience))
    made = []
    for person_id in ids:
        person = await people.by_id(read, person_id)
        if person is not None and person.email:
            made.append(await _letter(read, found, person, default_language, signature))
    return tuple(made)


async def _letter(
    read: Read,
    found: Announcement,
    person: Person,
    default_language: str,
    signature: dict[str, str],
) -> Letter:
    available = [body.language for body in found.bodies]
    wanted = (person.language, person.locale)
    language = next(
        (one for tag in wanted for one in available if tag and tag.split("-")[0] == one),
        available[0],
    )
    shown_in = best_language(language, default=default_language)
    copy = await announcement_copies.of_reader(read, found, language, person.id)
    message = copy.message(texts_for(shown_in), signature.get(shown_in, ""))
    mail = EmailMessage(policy=SMTP)
    mail["To"] = person.email
    mail["Subject"] = " ".join(_first_line(message).split())
    mail.set_content(_plain(message))
    if found.files:
        for file in await announcement_files.of_reader(read, found.id, person.id):
            kind, _, subtype = file.media_type.partition("/")
            mail.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
    where = person.organisation.slug if person.organisation else "nobody"
    safe = "".join(one if one.isalnum() or one in "-_" else "-" for one in where)
    return Letter(f"{safe}-{person.id}.eml", person.email, bytes(mail))


def _first_line(message: Message) -> str:
    return text_of(message.lines[:1])


def _plain(message: Message) -> str:
    """Return the words for a mail: the title is its subject, and links are written out."""
    lines = [
        "".join(
            f"{part.text} ({part.url})" if isinstance(part, Link) else text_of([(part,)])
            for part in line
        )
        for line in message.lines[1:]
    ]
    return "\n".join(lines).strip() + "\n"
