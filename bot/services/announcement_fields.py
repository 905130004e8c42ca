"""The values of an announcement's fields, and which fields its words may hold."""

from bot.domain.announcement import Announcement, Body
from bot.domain.fields import EVENT, KNOWN, PERSONAL_LENGTH, fields_in, is_personal
from bot.domain.refusal import Refusal
from bot.i18n import Texts
from bot.storage import conferences, people
from bot.storage.database import Read
from bot.views.fields import Values, event_values, personal_values


def check(bodies: tuple[Body, ...], *, has_event: bool) -> None:
    """Refuse fields that cannot be filled.

    Raises:
        Refusal: a field is unknown, or about an event where there is none, or words with a
            personal field are too long.
    """
    for body in bodies:
        words = f"{body.title}\n{body.text}"
        for name in fields_in(words):
            if name not in KNOWN:
                known = ", ".join(f"{{{one}}}" for one in KNOWN)
                raise Refusal("refusal.field-unknown", field=f"{{{name}}}", known=known)
            if name in EVENT and not has_event:
                raise Refusal("refusal.field-event", field=f"{{{name}}}")
        if is_personal(words) and len(words) > PERSONAL_LENGTH:
            limit = PERSONAL_LENGTH
            raise Refusal("refusal.field-long", language=body.language, limit=limit)


def has_personal(announcement: Announcement) -> bool:
    """Return whether readers of one language read different words."""
    return any(is_personal(f"{one.title}\n{one.text}") for one in announcement.bodies)


def event_of(announcement: Announcement) -> str:
    """Return the slug of the event of which its words hold a field, or ``""``."""
    words = "".join(f"{one.title}\n{one.text}" for one in announcement.bodies)
    if not any(name in EVENT for name in fields_in(words)):
        return ""
    return announcement.rsvp_event or announcement.before_event


async def values_for(
    read: Read, announcement: Announcement, person_id: int | None, texts: Texts
) -> Values:
    """Return what the fields say to a person, or to a room."""
    words = "".join(f"{one.title}\n{one.text}" for one in announcement.bodies)
    used = fields_in(words)
    if not used:
        return {}
    slug = announcement.rsvp_event or announcement.before_event
    event = await conferences.event_by_slug(read, slug) if slug else None
    values = dict(event_values(event, texts))
    if is_personal(words):
        person = await people.by_id(read, person_id) if person_id is not None else None
        values |= personal_values(person, texts)
    return values
