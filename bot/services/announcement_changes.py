"""Corrections and recalls of what stands in chats already. States: ``bot.domain.change``."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.announcement import Announcement, AnnouncementState, Body, Guard
from bot.domain.change import Change, ChangeKind, Follow
from bot.domain.people import Actor
from bot.domain.refusal import Refusal
from bot.domain.timing import Timing
from bot.i18n import texts_in
from bot.services import announcement_fields, announcements
from bot.services import announcement_times as times
from bot.services.announcements import NO_GUARD
from bot.storage import announcement_changes as store
from bot.storage import announcement_layout as layout
from bot.storage import announcement_words, deliveries
from bot.storage import announcements as table
from bot.storage.database import Database, Read, Write

_S = AnnouncementState
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Corrected:
    """A correction, and the announcement that tells it anew, if one does."""

    change: Change
    telling: Announcement | None = None


async def correct(
    write: Write,
    announcement_id: int,
    bodies: Sequence[Body],
    *,
    title: str = "",
    revision: int | None = None,
    follow: Follow = Follow.NONE,
    guard: Guard = NO_GUARD,
    actor: Actor,
    now: datetime,
) -> Corrected:
    """Give it other words; every copy that stands in a chat is edited by and by.

    What tells an earlier correction anew is corrected with it, and so is the next one of a
    series, which would repeat the old words.

    Args:
        bodies: The new words, in languages that it has already; others keep theirs.
        title: The new title, ``""`` keeps it.
        revision: That of the words that the actor saw: what somebody else has changed since is
            not undone unseen.
        follow: Who gets the words as a new message besides. That is an announcement of its
            own: where the ``guard`` asks for more than the actor's word, it waits for that.

    Raises:
        Refusal: the actor may not, it has not begun or was taken back, or the words cannot be
            used; nothing was changed.
    """
    announcements.check_may(actor)
    await table.hold(write, min(announcement_id, announcements.LARGEST))
    found = await announcements.get(write, announcement_id)
    if found.corrects is not None:  # its words are those of the first one
        raise Refusal("refusal.correct-first", number=found.id, first=found.corrects)
    if found.state not in announcements.BEGUN or found.recalled_at is not None:
        raise Refusal("refusal.announcement-state", number=found.id, state=found.state.value)
    if revision is not None and revision != found.revision:
        raise Refusal("refusal.correct-outdated")
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
    follow = await _reword_tellings(write, found, bodies, title, follow, actor=actor, now=now)
    for planned in await table.planned_in_series(write, found.series or found.id):
        if planned.bodies == found.bodies:
            await announcement_words.reword_planned(write, planned, bodies, title or planned.title)
    change = await _reword(write, found, bodies, title, actor=actor, now=now, follow=follow)
    await announcements.note(write, actor, "announcement corrected", found.id, now)
    if follow is Follow.NONE:
        return Corrected(change)
    newest = replace(found, title=title or found.title, bodies=reworded)
    return Corrected(change, await _tell(write, newest, change, guard=guard, actor=actor, now=now))


async def _reword_tellings(
    write: Write,
    found: Announcement,
    bodies: Sequence[Body],
    title: str,
    follow: Follow,
    *,
    actor: Actor,
    now: datetime,
) -> Follow:
    """Correct what tells earlier corrections; return who is to be told of the newest.

    What has not begun is dropped: the newer one tells whom it would have told.
    """
    told = tuple(_told(one) for one in bodies)
    wanted = {follow}
    for telling in await table.telling_of(write, found.id):
        if telling.frozen_at is not None:
            await _reword(write, telling, told, title, actor=actor, now=now)
        elif telling.state is not _S.CANCELLED:
            await announcements.move(write, telling.id, telling.state, _S.CANCELLED)
            await announcements.note(write, actor, "announcement cancelled", telling.id, now)
            wanted.add(await store.follow_of(write, telling.change or 0))
    return next(one for one in (Follow.ALL, Follow.FAILED, Follow.NONE) if one in wanted)


async def _reword(
    write: Write,
    found: Announcement,
    bodies: Sequence[Body],
    title: str,
    *,
    actor: Actor,
    now: datetime,
    follow: Follow = Follow.NONE,
) -> Change:
    """Change the words, and end older corrections, whose copies this one edits as well."""
    revision = await announcement_words.reword(write, found, bodies, title or found.title)
    await store.end_corrections(write, found.id, now)
    change = Change(0, found.id, ChangeKind.CORRECT, follow, revision, True, actor.name, now)
    return replace(change, id=await store.add(write, change))


async def _tell(
    write: Write,
    newest: Announcement,
    change: Change,
    *,
    guard: Guard,
    actor: Actor,
    now: datetime,
) -> Announcement:
    """Make the announcement that tells ``change`` anew, and approve it if that is enough.

    How many it goes to is not what its audience says now: whoever had the old words gets it.
    """
    at_once = times.at_instant(None, newest.zone, now)
    telling = replace(
        newest,
        id=0,
        state=_S.DRAFT,
        due=at_once.at,
        due_local=at_once.local,
        bodies=tuple(_told(body) for body in newest.bodies),
        created_by=actor.name,
        timing=Timing.INSTANT,
        repeat=None,
        repeat_until=None,
        series=None,
        late_until=None,
        acknowledge=newest.acknowledge or newest.chases is not None,
        chases=None,
    )
    rsvp_event, before_event = await table.event_ids(write, newest.id)
    number = await table.add(write, telling, rsvp_event, now, before_event)
    await store.tell_by(write, change, number)
    await announcements.note(write, actor, "announcement created", number, now)
    if not guard.minds(await deliveries.count_delivered(write, newest.id)):
        return await announcements.approve(write, number, actor=actor, now=now)
    if guard.second:
        await announcements.move(write, number, _S.DRAFT, _S.REVIEW)
        await announcements.note(write, actor, "announcement for review", number, now)
    return await announcements.get(write, number)


def _told(body: Body) -> Body:
    line = texts_in(body.language)("corrected.line")
    return replace(body, text=f"{line}\n\n{body.text}")


async def recall(write: Write, announcement_id: int, *, actor: Actor, now: datetime) -> Change:
    """Take it back: nothing more leaves, and every copy that stands in a chat is deleted.

    What tells its corrections anew is taken back with it.

    Raises:
        Refusal: the actor may not, nothing of it has been sent, or it was taken back already.
    """
    announcements.check_may(actor)
    await table.hold(write, min(announcement_id, announcements.LARGEST))
    found = await announcements.get(write, announcement_id)
    if not _may_recall(found):
        raise Refusal("refusal.announcement-state", number=found.id, state=found.state.value)
    for telling in await table.telling_of(write, found.id):
        if _may_recall(telling):
            await _take_back(write, telling, actor, now)
        elif telling.recalled_at is None and telling.state is not _S.CANCELLED:
            await announcements.move(write, telling.id, telling.state, _S.CANCELLED)
    change = await _take_back(write, found, actor, now)
    await announcements.note(write, actor, "announcement recalled", found.id, now)
    return change


def _may_recall(found: Announcement) -> bool:
    begun = found.state in announcements.BEGUN or (
        found.state is _S.CANCELLED and found.frozen_at is not None
    )
    return begun and found.recalled_at is None


async def _take_back(write: Write, found: Announcement, actor: Actor, now: datetime) -> Change:
    if found.state in (_S.SENDING, _S.PAUSED):
        await announcements.move(write, found.id, found.state, _S.CANCELLED)
    await table.set_recalled(write, found.id, now)
    await store.end_corrections(write, found.id, now)
    kind, revision = ChangeKind.RECALL, found.revision
    change = Change(0, found.id, kind, Follow.NONE, revision, True, actor.name, now)
    return replace(change, id=await store.add(write, change))


async def is_needed(read: Read) -> bool:
    """Return whether a change is open, or something cancelled is left in the ledger."""
    return bool(await store.open_ones(read)) or await deliveries.any_cancelled(read)


async def lay_out(
    database: Database, change: Change, parts: layout.PartsBy, reconciled: Collection[str]
) -> None:
    """Give copies that have not left as many rows as the new words have parts."""
    async with database.read() as read:
        if await layout.is_laid_out(read, change.announcement_id):
            return
    after: int | None = 0
    while after is not None:
        behind = after

        async def step(write: Write, behind: int = behind) -> int | None:
            return await layout.lay_out(
                write,
                change.announcement_id,
                change.revision,
                parts,
                after=behind,
                reconciled=reconciled,
            )

        after = await database.write(step)


async def advance(
    write: Write,
    change: Change,
    *,
    parts: layout.PartsBy,
    reconciled: Collection[str],
    now: datetime,
) -> bool:
    """Do the next step of ``change``; return whether there is nothing to do for now.

    Copies that are on their way are waited for, then what follows is added, and at last it is
    done. Each step is a transaction of its own and can be repeated.

    Args:
        parts: Into how many messages the newest words are split.
        reconciled: The platforms on which it is found out what became of unconfirmed copies.
    """
    if await _waits(write, change, now):
        return True
    if await store.add_rows(write, change, parts):
        return False
    if await store.is_under_way(write, change, reconciled):
        return True
    if await store.has_open_rows(write, change):
        return True
    if change.kind is ChangeKind.RECALL and await store.add_withdrawn(write, change):
        return False
    await store.finish(write, change, now)
    return True


async def _waits(write: Write, change: Change, now: datetime) -> bool:
    """Return whether something must be over before the change looks at what stands in chats."""
    if change.kind is ChangeKind.CORRECT and not await layout.is_laid_out(
        write, change.announcement_id
    ):
        return True
    return await store.settle_earlier(write, change, now)


async def skip_cancelled(write: Write, now: datetime) -> bool:
    """Skip the next rows of cancelled announcements; return whether none was left."""
    return await deliveries.skip_cancelled(write, now, CHUNK) < CHUNK
