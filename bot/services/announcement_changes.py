"""Corrections and recalls of what stands in chats already. States: ``bot.domain.change``."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.announcement import AnnouncementState, Body
from bot.domain.change import Change, ChangeKind, Follow
from bot.domain.people import Actor
from bot.domain.refusal import Refusal
from bot.services import announcement_fields, announcements
from bot.storage import announcement_changes as store
from bot.storage import announcements as table
from bot.storage import deliveries
from bot.storage.database import Read, Write

_S = AnnouncementState
CHUNK = 2000


async def correct(
    write: Write,
    announcement_id: int,
    bodies: Sequence[Body],
    *,
    title: str = "",
    follow: Follow = Follow.NONE,
    actor: Actor,
    now: datetime,
) -> Change:
    """Give it other words; every copy that stands in a chat is edited by and by.

    Args:
        bodies: The new words, in languages that it has already; others keep theirs.
        title: The new title, ``""`` keeps it.

    Raises:
        Refusal: the actor may not, it has not begun or was taken back, or the words cannot be
            used; nothing was changed.
    """
    announcements.check_may(actor)
    found = await announcements.get(write, announcement_id)
    if found.state not in announcements.BEGUN or found.recalled_at is not None:
        raise Refusal("refusal.announcement-state", number=found.id, state=found.state.value)
    known = [body.language for body in found.bodies]
    for body in bodies:
        if body.language not in known:
            raise Refusal(
                "refusal.correct-language", language=body.language, known=", ".join(known)
            )
    given = {body.language: body for body in bodies}
    reworded = tuple(given.get(body.language, body) for body in found.bodies)
    announcements.check_words(title or found.title, reworded)
    has_event = bool(found.rsvp_event or found.before_event)
    announcement_fields.check(reworded, has_event=has_event)
    revision = await table.reword(write, found, bodies, title or found.title)
    change = Change(0, found.id, ChangeKind.CORRECT, follow, revision, True, actor.name, now)
    number = await store.add(write, change)
    await announcements.note(write, actor, "announcement corrected", found.id, now)
    return replace(change, id=number)


async def redraft(
    write: Write, announcement_id: int, body: Body, *, actor: Actor, now: datetime
) -> None:
    """Give a draft other words in a language that it has already.

    The first language's title is the announcement's own.

    Raises:
        Refusal: the actor may not, it is no draft any more, or the words cannot be used;
            nothing was changed.
    """
    announcements.check_may(actor)
    found = await announcements.get(write, announcement_id)
    if found.state is not _S.DRAFT:
        raise Refusal("refusal.announcement-state", number=found.id, state=found.state.value)
    known = [one.language for one in found.bodies]
    if body.language not in known:
        raise Refusal("refusal.correct-language", language=body.language, known=", ".join(known))
    reworded = tuple(body if one.language == body.language else one for one in found.bodies)
    title = body.title if body.language == known[0] else found.title
    announcements.check_words(title, reworded)
    has_event = bool(found.rsvp_event or found.before_event)
    announcement_fields.check((body,), has_event=has_event)
    await table.reword(write, found, (body,), title)
    await announcements.note(write, actor, "words changed", found.id, now, language=body.language)


async def recall(write: Write, announcement_id: int, *, actor: Actor, now: datetime) -> Change:
    """Take it back: nothing more leaves, and every copy that stands in a chat is deleted.

    Raises:
        Refusal: the actor may not, nothing of it has been sent, or it was taken back already.
    """
    announcements.check_may(actor)
    found = await announcements.get(write, announcement_id)
    begun = found.state in announcements.BEGUN or (
        found.state is _S.CANCELLED and found.frozen_at is not None
    )
    if not begun or found.recalled_at is not None:
        raise Refusal("refusal.announcement-state", number=found.id, state=found.state.value)
    if found.state in (_S.SENDING, _S.PAUSED):
        await announcements.move(write, found.id, found.state, _S.CANCELLED)
    await table.set_recalled(write, found.id, now)
    kind, revision = ChangeKind.RECALL, found.revision
    change = Change(0, found.id, kind, Follow.NONE, revision, True, actor.name, now)
    number = await store.add(write, change)
    await announcements.note(write, actor, "announcement recalled", found.id, now)
    return replace(change, id=number)


async def is_needed(read: Read) -> bool:
    """Return whether a change is open, or something cancelled is left in the ledger."""
    return bool(await store.open_ones(read)) or await deliveries.any_cancelled(read)


async def advance(
    write: Write,
    change: Change,
    *,
    parts_of: store.PartsOf,
    reconciled: Collection[str],
    now: datetime,
) -> bool:
    """Do the next step of ``change``; return whether there is nothing to do for now.

    Copies that are on their way are waited for, then what follows is added, and at last it is
    done. Each step is a transaction of its own and can be repeated.

    Args:
        parts_of: Into how many messages the newest words are split.
        reconciled: The platforms on which it is found out what became of unconfirmed copies.
    """
    if await store.add_rows(write, change, parts_of):
        return False
    if await store.is_under_way(write, change, reconciled):
        return True
    if await store.has_open_rows(write, change):
        return True
    if await store.add_followers(write, change):
        return False
    await store.finish(write, change, now)
    return True


async def skip_cancelled(write: Write, now: datetime) -> bool:
    """Skip the next rows of cancelled announcements; return whether none was left."""
    return await deliveries.skip_cancelled(write, now, CHUNK) < CHUNK
