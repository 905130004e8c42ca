"""Readers confirm that they have read an announcement; who has not is reminded, once asked."""

from dataclasses import replace
from datetime import datetime

from bot.domain.announcement import Announcement, AnnouncementState, Body
from bot.domain.people import Actor, Person
from bot.domain.refusal import Refusal
from bot.i18n import texts_for
from bot.services import announcement_fields, announcements
from bot.services.announcements import TITLE_LENGTH, Draft
from bot.storage import acknowledgements as store
from bot.storage.database import Write


async def acknowledge(
    write: Write, *, announcement_id: int, person: Person, now: datetime
) -> datetime:
    """Note that the person has read it, and return when they said so first.

    Raises:
        Refusal: there is no such announcement, or it asks for no confirmation.
    """
    found = await announcements.get(write, announcement_id)
    if not found.acknowledge or found.recalled_at is not None:
        raise Refusal("refusal.button")
    if await store.add(write, found.id, person.id, now):
        return now
    return await store.of_person(write, found.id, person.id) or now


async def chase(
    write: Write,
    announcement_id: int,
    bodies: tuple[Body, ...] = (),
    *,
    actor: Actor,
    now: datetime,
) -> Announcement:
    """Draft a reminder to those organisations none of whose contacts has confirmed.

    It goes to whoever was sent the first one; who they are is fixed when it is sent, so an
    organisation that confirms until then hears nothing.

    Args:
        bodies: The reminder's words; without them it is a friendly line in each of the
            announcement's languages.

    Raises:
        Refusal: the actor may not, or the announcement asked for no confirmation.
    """
    found = await announcements.get(write, announcement_id)
    if not found.acknowledge or found.state is not AnnouncementState.SENT or found.recalled_at:
        raise Refusal("refusal.chase", number=found.id)
    words = bodies or tuple(_reminder(body) for body in found.bodies)
    draft = Draft(
        title=words[0].title,
        bodies=words,
        audience=found.audience,
        due=None,
        zone=found.zone,
        rsvp_event=found.rsvp_event,
        about=found.before_event,
        chases=found.id,
    )
    return await announcements.create(write, draft, actor=actor, now=now)


def _reminder(body: Body) -> Body:
    """Return a friendly line above the words, or alone where both are too long together."""
    texts = texts_for(body.language)
    title = texts("chase.title", title=body.title)
    if len(title) > TITLE_LENGTH:
        room = TITLE_LENGTH - (len(title) - len(body.title))
        title = texts("chase.title", title=_cut(body.title, room))
    asked = texts("chase.text", title=body.title)
    whole = Body(body.language, title, f"{asked}\n\n{body.text}")
    return whole if _fits(whole) else replace(whole, text=asked)


def _cut(title: str, length: int) -> str:
    """Return the title, cut before a field that would not be whole."""
    cut = title[: length - 1]
    if cut.rfind("{") > cut.rfind("}"):
        cut = cut[: cut.rfind("{")]
    return f"{cut.rstrip()}…"


def _fits(body: Body) -> bool:
    try:
        announcements.check_words(body.title, (body,))
        announcement_fields.check((body,), has_event=True)
    except Refusal:
        return False
    return True
