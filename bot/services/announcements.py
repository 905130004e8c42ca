"""Announcements: written, scheduled, decided. Sending them is ``bot.services.delivery``."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bot.domain import audience
from bot.domain.announcement import Announcement, AnnouncementState, Body, Guard, when_due
from bot.domain.event import Event
from bot.domain.message import Attachment
from bot.domain.people import Actor, StaffRole
from bot.domain.preferences import Topic
from bot.domain.refusal import Refusal
from bot.domain.states import IllegalMove
from bot.domain.timing import Due, Repeat, Timing
from bot.i18n import languages
from bot.services import announcement_attachments, announcement_fields, conferences, rooms
from bot.services import announcement_times as times
from bot.services.announcement_reach import Platforms, recipients
from bot.storage import announcements as store
from bot.storage import audiences, audit
from bot.storage.database import Read, Write

TITLE_LENGTH = 200
BODY_LENGTH = 20_000
LARGEST = 2**31 - 1
"""The highest number that an announcement can have; larger ones break the databases."""
_S = AnnouncementState
BEGUN = frozenset({_S.SENDING, _S.PAUSED, _S.SENT})
"""States in which copies stand in chats."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What staff ask for; without any time it goes as soon as it is approved.

    Without a ``topic`` it is an invitation if it has answer buttons, else news.

    Attributes:
        due: An aware instant for everybody.
        local: Instead of it, a naive wall time on each reader's own clock.
        event: Instead of both, the event that it comes ``before``, on the venue's clock.
        zone: The secretariat's; what repeats does so on its clock.
        late_until: Until when those who join get it too, aware.
        files: What goes with it to everybody.
        letters: What goes to one organisation only, by its slug; nobody else is written to.
        about: The event that its fields speak of, by slug, where nothing else names one.
    """

    title: str
    bodies: tuple[Body, ...]
    audience: str
    due: datetime | None
    zone: str
    rsvp_event: str = ""
    topic: Topic | None = None
    local: datetime | None = None
    event: str = ""
    before: timedelta = timedelta()
    repeat: Repeat | None = None
    repeat_until: date | None = None
    late_until: datetime | None = None
    acknowledge: bool = False
    chases: int | None = None
    files: tuple[Attachment, ...] = ()
    letters: Mapping[str, Attachment] = field(default_factory=dict)
    about: str = ""

    @property
    def timing(self) -> Timing:
        """Whose clock says when it is due."""
        if self.event:
            return Timing.EVENT
        return Timing.READER if self.local is not None else Timing.INSTANT


async def create(write: Write, draft: Draft, *, actor: Actor, now: datetime) -> Announcement:
    """Store the draft.

    Raises:
        Refusal: the actor may not, or something in it cannot be used; nothing was stored.
    """
    check_may(actor)
    check_words(draft.title, draft.bodies)
    announcement_fields.check(draft.bodies, has_event=_has_event(draft))
    _check_times(draft, now)
    announcement_attachments.check(draft.files, draft.letters)
    await expression_of(write, draft.audience)
    event = None
    if draft.rsvp_event:
        event = await conferences.event_named(write, draft.rsvp_event)
    before, due = await _planned(write, draft, now)
    announcement = Announcement(
        id=0,
        title=draft.title,
        state=_S.DRAFT,
        audience=draft.audience,
        due=due.at,
        due_local=due.local,
        zone=due.zone,
        bodies=draft.bodies,
        topic=(draft.topic or (Topic.INVITATIONS if event else Topic.NEWS)).value,
        created_by=actor.name,
        timing=draft.timing,
        before=draft.before,
        repeat=draft.repeat,
        repeat_until=draft.repeat_until,
        late_until=draft.late_until,
        acknowledge=draft.acknowledge,
        chases=draft.chases,
    )
    announcement_id = await store.add(
        write, announcement, event.id if event else None, now, before.id if before else None
    )
    await announcement_attachments.save(write, announcement_id, draft.files, draft.letters)
    await note(write, actor, "announcement created", announcement_id, now)
    made = await get(write, announcement_id)
    if made.audience != draft.audience:  # narrowed to those with a letter
        await expression_of(write, made.audience)
    return made


async def _planned(read: Read, draft: Draft, now: datetime) -> tuple[Event | None, Due]:
    if draft.event:
        return await times.before(read, draft.event, draft.before, draft.zone, now)
    about = await conferences.event_named(read, draft.about) if draft.about else None
    if draft.local is not None:
        return about, await times.on_readers_clocks(read, draft.local, draft.zone, now)
    return about, times.at_instant(draft.due, draft.zone, now)


def _has_event(draft: Draft) -> bool:
    return bool(draft.rsvp_event or draft.event or draft.about)


def _check_times(draft: Draft, now: datetime) -> None:
    given = (draft.due is not None, draft.local is not None, bool(draft.event))
    if sum(given) > 1:
        raise Refusal("refusal.announcement-times")
    if draft.repeat is not None and (draft.event or not any(given)):
        raise Refusal("refusal.announcement-repeat")
    if draft.repeat_until is not None and draft.repeat is None:
        raise Refusal("refusal.announcement-until")
    if draft.late_until is not None and draft.late_until <= max(draft.due or now, now):
        raise Refusal("refusal.announcement-late-until")


def check_words(title: str, bodies: tuple[Body, ...]) -> None:
    """Refuse words that cannot be sent.

    Raises:
        Refusal: something is missing or too long; says what.
    """
    if not title.strip() or len(title) > TITLE_LENGTH:
        raise Refusal("refusal.announcement-title", limit=TITLE_LENGTH)
    if not bodies:
        raise Refusal("refusal.announcement-empty", language="-")
    languages = [body.language for body in bodies]
    for language in languages:
        if languages.count(language) > 1:
            raise Refusal("refusal.announcement-language-twice", language=language)
    for body in bodies:
        if not body.text.strip():
            raise Refusal("refusal.announcement-empty", language=body.language)
        if len(body.text) > BODY_LENGTH:
            raise Refusal("refusal.announcement-long", language=body.language, limit=BODY_LENGTH)


async def expression_of(read: Read, text: str) -> audience.Expression:
    """Return the audience that ``text`` stands for.

    Raises:
        Refusal: it cannot be read, or names an organisation, event or room that does not
            exist.
    """
    expression = audience.parse(text)
    missing = await audiences.missing_names(read, expression)
    if missing:
        at, term = audience.place_of(missing[0], text), audience.unparse(missing[0])
        if isinstance(missing[0], audience.Room):
            known = await rooms.known(read)
            raise audience.AudienceError("refusal.audience-room", at, term=term, known=known)
        raise audience.AudienceError("refusal.audience-unknown", at, term=term)
    return expression


async def get(read: Read, announcement_id: int) -> Announcement:
    """Return the announcement.

    Raises:
        Refusal: there is none with this number.
    """
    found = await store.find(read, announcement_id) if announcement_id <= LARGEST else None
    if found is None:
        raise Refusal("refusal.announcement-unknown", number=announcement_id)
    return found


async def everything(read: Read) -> tuple[Announcement, ...]:
    """Return all announcements, newest first."""
    return await store.all_announcements(read)


async def add_language(
    write: Write, announcement_id: int, body: Body, *, actor: Actor, now: datetime
) -> Announcement:
    """Give a draft words in one more language.

    Raises:
        Refusal: the actor may not, it is no draft any more, or the words cannot be used.
    """
    check_may(actor)
    found = await get(write, announcement_id)
    if found.state is not _S.DRAFT:
        raise Refusal("refusal.announcement-state", number=found.id, state=found.state.value)
    if body.language not in languages():
        raise Refusal("refusal.button")
    check_words(found.title, (*found.bodies, body))
    has_event = bool(found.rsvp_event or found.before_event)
    announcement_fields.check((body,), has_event=has_event)
    await store.add_body(write, found.id, body, len(found.bodies))
    await note(write, actor, "language added", found.id, now, language=body.language)
    return await get(write, found.id)


NO_GUARD = Guard()


async def approve(
    write: Write,
    announcement_id: int,
    *,
    actor: Actor,
    now: datetime,
    guard: Guard = NO_GUARD,
    confirmed: int | None = None,
    platforms: Platforms = None,
) -> Announcement:
    """Approve and schedule a draft; a missed one is sent now after all.

    Where its author may not approve it alone, it stays in ``review`` for somebody else.

    Args:
        guard: What an announcement to many needs.
        confirmed: To how many chats the actor says that it goes.
        platforms: Names of the adapters that run here: nobody else's chats count.

    Raises:
        Refusal: the actor may not, it is not waiting for approval, or it goes to many and
            ``confirmed`` is not how many these are now.
    """
    check_may(actor)
    found = await get(write, announcement_id)
    if found.state is _S.MISSED:
        return await decide_late(
            write, announcement_id=announcement_id, send=True, actor=actor, now=now
        )
    if found.state not in (_S.DRAFT, _S.REVIEW):
        raise Refusal("refusal.announcement-state", number=found.id, state=found.state.value)
    if guard.large and not _may_go(
        await recipients(write, found, platforms), found, actor, guard, confirmed
    ):
        if found.state is _S.DRAFT:
            await move(write, found.id, _S.DRAFT, _S.REVIEW)
            await note(write, actor, "announcement for review", found.id, now)
        return await get(write, found.id)
    steps = [_S.DRAFT, _S.REVIEW, _S.APPROVED, _S.SCHEDULED]
    start = steps.index(found.state)
    for state, wanted in zip(steps[start:], steps[start + 1 :], strict=False):
        await move(write, found.id, state, wanted)
    due = await times.planned_again(write, found, now)
    if due is not None:
        await store.set_due(write, found.id, due)
    else:
        at_once = times.at_instant(None, found.zone, now)
        await store.set_due_now(write, found.id, now, at_once.local)
    await note(write, actor, "announcement approved", found.id, now)
    return await get(write, found.id)


def _may_go(
    count: int, found: Announcement, actor: Actor, guard: Guard, confirmed: int | None
) -> bool:
    """Return whether the actor's word is enough; refuse where the number is not right."""
    if not guard.minds(count):
        return True
    if guard.second:
        return actor.name != found.created_by
    if confirmed != count:
        raise Refusal("refusal.announcement-large", count=count)
    return True


async def cancel(
    write: Write, announcement_id: int, *, actor: Actor, now: datetime
) -> Announcement:
    """Cancel it; in the middle of being sent, nothing more leaves from now on.

    Raises:
        Refusal: the actor may not, or it is over already.
    """
    check_may(actor)
    found = await get(write, announcement_id)
    await move(write, found.id, found.state, _S.CANCELLED)
    await note(write, actor, "announcement cancelled", found.id, now)
    return await get(write, found.id)


async def decide_late(
    write: Write, *, announcement_id: int, send: bool, actor: Actor, now: datetime
) -> Announcement:
    """Send or cancel what was missed while nothing ran; it never goes by itself.

    Raises:
        Refusal: the actor may not, or somebody has decided already.
    """
    check_may(actor)
    found = await get(write, announcement_id)
    if found.state is not _S.MISSED:
        raise Refusal("refusal.announcement-state", number=found.id, state=found.state.value)
    await move(write, found.id, _S.MISSED, _S.SENDING if send else _S.CANCELLED)
    action = "late announcement sent" if send else "late announcement cancelled"
    await note(write, actor, action, found.id, now)
    return await get(write, found.id)


@dataclass(frozen=True, slots=True)
class Agenda:
    """Whether anything is due, and whether anything is being sent."""

    due: bool
    sending: bool


async def agenda(read: Read, now: datetime) -> Agenda:
    """Return what the bell has to look after; cheap, it is asked four times a second."""
    return Agenda(await store.any_due(read, now), await store.any_sending(read))


async def ring(write: Write, *, now: datetime, grace: timedelta) -> tuple[Announcement, ...]:
    """Move what is due to ``sending``, or to ``missed`` if it is too late; return the missed."""
    missed = []
    for planned in await store.due(write, now):
        announcement = await _as_its_event_stands(write, planned, now)
        if announcement.due > now:
            continue
        wanted = when_due(announcement.due, now, grace)
        try:
            await store.move(write, announcement.id, _S.SCHEDULED, wanted)
        except IllegalMove:
            continue
        await times.repeat(write, announcement, now)
        if wanted is _S.MISSED:
            missed.append(await get(write, announcement.id))
    return tuple(missed)


async def _as_its_event_stands(
    write: Write, announcement: Announcement, now: datetime
) -> Announcement:
    """Return it with its instant as the event says it in this moment; that is stored too."""
    if announcement.timing is not Timing.EVENT:
        return announcement
    due = await times.planned_again(write, announcement, now)
    if due is None:
        return announcement
    await store.set_due(write, announcement.id, due)
    return replace(announcement, due=due.at, due_local=due.local, zone=due.zone)


async def move(
    write: Write, number: int, state: AnnouncementState, wanted: AnnouncementState
) -> None:
    """Move it, or refuse in words: somebody else may have decided in the same moment."""
    try:
        await store.move(write, number, state, wanted)
    except IllegalMove:
        now_is = (await get(write, number)).state.value
        raise Refusal("refusal.announcement-state", number=number, state=now_is) from None


def check_may(actor: Actor) -> None:
    """Refuse whoever may not write announcements.

    Raises:
        Refusal: the actor is no editor.
    """
    if not actor.may(StaffRole.EDITOR):
        raise Refusal("refusal.not-staff")


async def note(
    write: Write, actor: Actor, action: str, number: int, now: datetime, **detail: object
) -> None:
    """Record a staff action on the announcement ``number``."""
    subject = f"announcement {number}"
    await audit.record(write, actor=actor, action=action, subject=subject, at=now, **detail)
