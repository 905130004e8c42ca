"""Announcements: written, scheduled, decided. Sending them is ``bot.services.delivery``."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain import audience
from bot.domain.address import MessageRef
from bot.domain.announcement import Announcement, AnnouncementState, Body, when_due
from bot.domain.delivery import Tally
from bot.domain.people import Actor, StaffRole
from bot.domain.preferences import Topic
from bot.domain.refusal import Refusal
from bot.domain.states import IllegalMove
from bot.domain.zoned import zone_named
from bot.services import conferences, rooms
from bot.storage import announcements as store
from bot.storage import audiences, audit, delivery_reports, quiet
from bot.storage.database import Read, Write

PAST_TOLERANCE = timedelta(minutes=1)
"""An instant that is past by no more than this means now: somebody typed while it passed."""
TITLE_LENGTH = 200
BODY_LENGTH = 20_000
LARGEST = 2**31 - 1
"""The highest number that an announcement can have; larger ones break the databases."""
_S = AnnouncementState


@dataclass(frozen=True, slots=True)
class Draft:
    """What staff ask for; ``due`` None means as soon as it is approved.

    Without a ``topic`` it is an invitation if it has answer buttons, else news.
    """

    title: str
    bodies: tuple[Body, ...]
    audience: str
    due: datetime | None
    zone: str
    rsvp_event: str = ""
    topic: Topic | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an announcement.

    Attributes:
        unreached: (state, reason, platform, e-mail or chat) of what did not arrive.
        no_messenger: (e-mail, organisation) of people whom no messenger reaches.
        rooms: (name, title, state) of the rooms it goes to.
        waiting: How many deliveries wait for the end of their reader's quiet hours.
        waiting_until: The aware UTC instant at which the last of these hours end.
    """

    announcement: Announcement
    tally: Tally
    unreached: tuple[tuple[str, str, str, str], ...]
    no_messenger: tuple[tuple[str, str], ...]
    rooms: tuple[tuple[str, str, str], ...] = ()
    waiting: int = 0
    waiting_until: datetime | None = None


async def create(write: Write, draft: Draft, *, actor: Actor, now: datetime) -> Announcement:
    """Store the draft.

    Raises:
        Refusal: the actor may not, or something in it cannot be used; nothing was stored.
    """
    _check_may(actor)
    _check_words(draft)
    if draft.due is not None and draft.due < now - PAST_TOLERANCE:
        raise Refusal("refusal.announcement-past", due=draft.due.isoformat(timespec="minutes"))
    await expression_of(write, draft.audience)
    event = None
    if draft.rsvp_event:
        event = await conferences.event_named(write, draft.rsvp_event)
    due = max(draft.due or now, now)
    announcement = Announcement(
        id=0,
        title=draft.title,
        state=_S.DRAFT,
        audience=draft.audience,
        due=due,
        due_local=_wall_time(due, draft.zone),
        zone=draft.zone,
        bodies=draft.bodies,
        topic=(draft.topic or (Topic.INVITATIONS if event else Topic.NEWS)).value,
        created_by=actor.name,
    )
    announcement_id = await store.add(write, announcement, event.id if event else None, now)
    await _audit(write, actor, "announcement created", announcement_id, now)
    return await get(write, announcement_id)


def _wall_time(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(zone_named(zone)).replace(tzinfo=None)


def _check_words(draft: Draft) -> None:
    if not draft.title.strip() or len(draft.title) > TITLE_LENGTH:
        raise Refusal("refusal.announcement-title", limit=TITLE_LENGTH)
    if not draft.bodies:
        raise Refusal("refusal.announcement-empty", language="-")
    languages = [body.language for body in draft.bodies]
    for language in languages:
        if languages.count(language) > 1:
            raise Refusal("refusal.announcement-language-twice", language=language)
    for body in draft.bodies:
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


async def recipients(read: Read, announcement: Announcement) -> int:
    """Return to how many chats it goes, or would go now."""
    if announcement.frozen_at is not None:
        return (await delivery_reports.tally(read, announcement.id)).total
    expression = audience.parse(announcement.audience)
    return await audiences.count_addresses(read, expression)


async def approve(
    write: Write, announcement_id: int, *, actor: Actor, now: datetime
) -> Announcement:
    """Approve and schedule a draft; a missed one is sent now after all.

    Raises:
        Refusal: the actor may not, or it is not waiting for approval.
    """
    _check_may(actor)
    found = await get(write, announcement_id)
    if found.state is _S.MISSED:
        return await decide_late(
            write, announcement_id=announcement_id, send=True, actor=actor, now=now
        )
    if found.state not in (_S.DRAFT, _S.REVIEW):
        raise Refusal("refusal.announcement-state", number=found.id, state=found.state.value)
    steps = [_S.DRAFT, _S.REVIEW, _S.APPROVED, _S.SCHEDULED]
    start = steps.index(found.state)
    for state, wanted in zip(steps[start:], steps[start + 1 :], strict=False):
        await _move(write, found.id, state, wanted)
    await store.set_due_now(write, found.id, now, _wall_time(now, found.zone))
    await _audit(write, actor, "announcement approved", found.id, now)
    return await get(write, found.id)


async def cancel(
    write: Write, announcement_id: int, *, actor: Actor, now: datetime
) -> Announcement:
    """Cancel what has not begun.

    Raises:
        Refusal: the actor may not, or it is being sent or over already.
    """
    _check_may(actor)
    found = await get(write, announcement_id)
    await _move(write, found.id, found.state, _S.CANCELLED)
    await _audit(write, actor, "announcement cancelled", found.id, now)
    return await get(write, found.id)


async def decide_late(
    write: Write, *, announcement_id: int, send: bool, actor: Actor, now: datetime
) -> Announcement:
    """Send or cancel what was missed while nothing ran; it never goes by itself.

    Raises:
        Refusal: the actor may not, or somebody has decided already.
    """
    _check_may(actor)
    found = await get(write, announcement_id)
    if found.state is not _S.MISSED:
        raise Refusal("refusal.announcement-state", number=found.id, state=found.state.value)
    await _move(write, found.id, _S.MISSED, _S.SENDING if send else _S.CANCELLED)
    action = "late announcement sent" if send else "late announcement cancelled"
    await _audit(write, actor, action, found.id, now)
    return await get(write, found.id)


@dataclass(frozen=True, slots=True)
class Agenda:
    """Whether anything is due, and whether anything is being sent."""

    due: bool
    sending: bool


async def agenda(read: Read, now: datetime) -> Agenda:
    """Return what the bell has to look after; cheap, it is asked four times a second."""
    return Agenda(await store.any_due(read, now), await store.any_sending(read))


async def shown_at(read: Read, ref: MessageRef) -> Body | None:
    """Return the words of the announcement that ``ref`` is a copy of, or None.

    A press says on which message it was made; the button's own words are not believed.
    """
    found = await delivery_reports.announcement_at(read, ref)
    if found is None:
        return None
    announcement_id, language = found
    announcement = await store.find(read, announcement_id)
    return announcement.body(language) if announcement else None


async def ring(write: Write, *, now: datetime, grace: timedelta) -> tuple[Announcement, ...]:
    """Move what is due to ``sending``, or to ``missed`` if it is too late; return the missed."""
    missed = []
    for announcement in await store.due(write, now):
        wanted = when_due(announcement.due, now, grace)
        try:
            await store.move(write, announcement.id, _S.SCHEDULED, wanted)
        except IllegalMove:
            continue
        if wanted is _S.MISSED:
            missed.append(await get(write, announcement.id))
    return tuple(missed)


async def report(read: Read, announcement_id: int, now: datetime) -> Report:
    """Return what became of the announcement until ``now``.

    Raises:
        Refusal: there is none with this number.
    """
    found = await get(read, announcement_id)
    return Report(
        found,
        await delivery_reports.tally(read, found.id),
        await delivery_reports.unreached(read, found.id),
        await audiences.without_address(read, audience.parse(found.audience)),
        await delivery_reports.rooms(read, found.id),
        *await quiet.waiting(read, found.id, now),
    )


async def _move(
    write: Write, number: int, state: AnnouncementState, wanted: AnnouncementState
) -> None:
    """Move it, or refuse in words: somebody else may have decided in the same moment."""
    try:
        await store.move(write, number, state, wanted)
    except IllegalMove:
        now_is = (await get(write, number)).state.value
        raise Refusal("refusal.announcement-state", number=number, state=now_is) from None


def _check_may(actor: Actor) -> None:
    if not actor.may(StaffRole.EDITOR):
        raise Refusal("refusal.not-staff")


async def _audit(write: Write, actor: Actor, action: str, number: int, now: datetime) -> None:
    await audit.record(write, actor=actor, action=action, subject=f"announcement {number}", at=now)
