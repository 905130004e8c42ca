"""Rooms: being let in and out, following them elsewhere, and their names in audiences."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.address import Address
from bot.domain.incoming import Incoming
from bot.domain.outcome import Reason
from bot.domain.people import Actor, StaffRole
from bot.domain.refusal import Refusal
from bot.domain.room import LEFT_BY_STAFF, Room, room_name
from bot.i18n import languages
from bot.services import outbox
from bot.storage import accounts, audit, moving, room_cards
from bot.storage import rooms as store
from bot.storage.database import Read, Write

SUGGESTED = 10
"""Names of rooms that a refusal shows, where the name that was given is none."""


@dataclass(frozen=True, slots=True)
class LetIn:
    """What coming into a room means.

    Attributes:
        introduce: Whether the room shall be told who we are.
        tell_staff: Whether that we are there is news.
    """

    room: Room
    introduce: bool
    tell_staff: bool


async def at(read: Read, where: Address) -> Room | None:
    """Return the room that ``where`` is in, or None."""
    return await store.at(read, where)


def is_news(room: Room | None, incoming: Incoming) -> bool:
    """Return whether what was said in a room says something new of the room itself."""
    if room is None or (not room.active and room.unreachable != LEFT_BY_STAFF):
        return True
    return incoming.room not in ("", room.title)


async def note(write: Write, incoming: Incoming, *, language: str, now: datetime) -> Room | None:
    """Take over what an update says of the room it came from: it is there, and its title.

    A room that we have not been let into knowingly (we were in it before rooms were known)
    is added without a word. One that staff made us leave stays left, where a platform keeps
    us in it all the same. None where the place is somebody's direct chat.
    """
    room = await store.at(write, incoming.where)
    if room is None:
        room = await store.add(
            write, incoming.where, title=incoming.room, language=language, by=None, now=now
        )
        if room is not None:
            await _record(write, Actor("service"), "room found", room, now)
        return room
    active = room.active or room.unreachable != LEFT_BY_STAFF
    await store.set_standing(write, room.id, active=active, title=incoming.room)
    if active and not room.active:
        await accounts.set_unreachable(write, room.address, "")
    return replace(room, active=active, title=incoming.room or room.title)


async def let_in(
    write: Write,
    where: Address,
    *,
    title: str,
    language: str,
    account_id: int,
    by: str,
    now: datetime,
) -> LetIn | None:
    """Note that somebody let us into the room; None where the place is no room.

    Within a day of an earlier introduction there is no second one, and while we are in the
    room already nothing is news: both platforms may say the same thing twice.
    """
    before = await store.at(write, where)
    room = before or await store.add(
        write, where, title=title, language=language, by=account_id, now=now
    )
    if room is None:
        return None
    await accounts.set_unreachable(write, room.address, "")
    new = before is None or not before.active
    if new:
        await store.set_standing(write, room.id, active=True, title=title, by=account_id, at=now)
        await _record(write, Actor(by), "room joined", room, now)
    introduce = not room.knows_us(now)
    if introduce:
        await store.set_introduced(write, room.address_id, now)
    return LetIn(replace(room, active=True, title=title or room.title), introduce, new)


async def left(write: Write, where: Address, *, by: str, now: datetime) -> None:
    """Note that we are in the room no more: nothing can be said there."""
    await accounts.set_unreachable(write, where, Reason.GONE.value)
    room = await store.at(write, where)
    if room is not None and room.active:
        await store.set_standing(write, room.id, active=False)
        await _record(write, Actor(by), "room left", room, now)


async def moved(write: Write, old: Address, new: Address, *, title: str, now: datetime) -> None:
    """The room lives at ``new`` now, with its name and everything that waits for it."""
    room = await store.at(write, old)
    for address_id, place in await store.addresses_of(write, old):
        await moving.follow(write, address_id, replace(new, thread=place.thread))
    if room is not None:
        await accounts.set_unreachable(write, new, "")
        await store.set_standing(write, room.id, active=True, title=title)
        await _record(write, Actor("service"), "room moved", room, now)


async def answered(write: Write, room: Room, *, event_id: int, person_id: int) -> None:
    """The person has answered in the room: its card shows their answer, whatever it becomes."""
    await room_cards.note_answer(write, room, event_id, person_id)


async def everything(read: Read) -> tuple[Room, ...]:
    """Return all rooms, those that we are in first, by name."""
    return await store.everything(read)


async def added_by(read: Read) -> dict[int, str]:
    """Return who let us in, by room, where that is known."""
    return await store.added_by(read)


async def named(read: Read, name: str) -> Room:
    """Return the room with the name, however it is written.

    Raises:
        Refusal: there is none; it shows the names of some.
    """
    room = await store.named(read, name)
    if room is None:
        raise Refusal("refusal.room-unknown", name=name[:60], known=await known(read))
    return room


async def known(read: Read) -> str:
    """Return names of rooms that could have been meant, or a dash."""
    return ", ".join(await store.names(read, SUGGESTED)) or "–"


async def rename(write: Write, name: str, wanted: str, *, actor: Actor, now: datetime) -> Room:
    """Give a room another name in audiences, in the form in which names are written.

    Raises:
        Refusal: the actor may not, there is no such room, or the name is another room's.
    """
    _check_may(actor)
    room = await named(write, name)
    new = room_name(wanted)
    if not await store.rename(write, room.id, new):
        raise Refusal("refusal.room-taken", name=new)
    await _record(write, actor, "room renamed", replace(room, name=new), now)
    return replace(room, name=new)


async def speak(write: Write, name: str, language: str, *, actor: Actor, now: datetime) -> Room:
    """Choose the language in which all of a room is spoken to.

    Raises:
        Refusal: the actor may not, there is no such room, or we do not speak the language.
    """
    _check_may(actor)
    room = await named(write, name)
    if language not in languages():
        spoken = ", ".join(languages())
        raise Refusal("refusal.room-language", language=language[:20], known=spoken)
    await store.set_language(write, room.id, language)
    await _record(write, actor, "room language", room, now)
    return replace(room, language=language)


async def leave(write: Write, room_id: int, *, actor: Actor, now: datetime) -> Room:
    """Leave a room: nothing more is sent there, whatever the platform says to our leaving.

    Raises:
        Refusal: the actor may not, or there is no such room.
    """
    if not actor.may(StaffRole.ADMIN):
        raise Refusal("refusal.not-admin")
    room = await store.by_id(write, room_id)
    if room is None:
        raise Refusal("refusal.button")
    if room.active:
        await left(write, room.address, by=actor.name, now=now)
        await accounts.set_unreachable(write, room.address, LEFT_BY_STAFF)
        await outbox.queue_leaving(write, room.address)
    return room


def _check_may(actor: Actor) -> None:
    if not actor.may(StaffRole.EDITOR):
        raise Refusal("refusal.not-staff")


async def _record(write: Write, actor: Actor, action: str, room: Room, now: datetime) -> None:
    await audit.record(
        write, actor=actor, action=action, subject=f"room {room.name}", at=now, title=room.title
    )
