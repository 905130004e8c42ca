"""Readers confirm that they have read an announcement; who has not is reminded, once asked."""

from datetime import datetime

from bot.domain.announcement import Announcement, AnnouncementState, Body
from bot.domain.people import Actor, Person
from bot.domain.refusal import Refusal
from bot.i18n import texts_for
from bot.services import announcements
from bot.services.announcements import Draft
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
        chases=found.id,
    )
    return await announcements.create(write, draft, actor=actor, now=now)


def _reminder(body: Body) -> Body:
    texts = texts_for(body.language)
    return Body(
        body.language,
        texts("chase.title", title=body.title),
        texts("chase.text", title=body.title) + "\n\n" + body.text,
    )
