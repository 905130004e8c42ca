"""Words of drafts, changed before anything is sent."""

from datetime import datetime

from bot.domain.announcement import AnnouncementState, Body
from bot.domain.people import Actor
from bot.domain.refusal import Refusal
from bot.services import announcement_fields, announcements
from bot.storage import announcement_words
from bot.storage.database import Write


async def redraft(
    write: Write,
    announcement_id: int,
    body: Body,
    *,
    revision: int | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Give a draft other words in a language that it has already.

    The first language's title is the announcement's own. ``revision`` is that of the words that
    the actor saw: what somebody else has changed since is not undone unseen.

    Raises:
        Refusal: the actor may not, it is no draft any more, or the words cannot be used;
            nothing was changed.
    """
    announcements.check_may(actor)
    found = await announcements.get(write, announcement_id)
    if found.state is not AnnouncementState.DRAFT:
        raise Refusal("refusal.announcement-state", number=found.id, state=found.state.value)
    if revision is not None and revision != found.revision:
        raise Refusal("refusal.correct-outdated")
    known = [one.language for one in found.bodies]
    if body.language not in known:
        raise Refusal("refusal.correct-language", language=body.language, known=", ".join(known))
    reworded = tuple(body if one.language == body.language else one for one in found.bodies)
    title = body.title if body.language == known[0] else found.title
    announcements.check_words(title, reworded)
    has_event = bool(found.rsvp_event or found.before_event)
    announcement_fields.check((body,), has_event=has_event)
    await announcement_words.reword(write, found, (body,), title)
    await announcements.note(write, actor, "words changed", found.id, now, language=body.language)
