"""Copies that have not left and must not: their reader stopped, muted the topic, or is gone.

Freezing leaves such people out, with the reason; what they choose afterwards holds for what
has not left as well, in the commit in which they choose it::

    pending | claimed → skipped     /stop, a topic switched off, a chat that cannot be reached
    skipped → pending               /start, switched on again, the chat is there again

A sender marks only what is still ``claimed``, so the choice wins or the message was on its
way already. What was skipped for such a reason, by the freeze or here, comes back when none
of the reasons holds any more and the announcement is still being sent; one that is ``sent``
stays as it is. Of a person's several chats one gets it, the one that comes first
(:mod:`bot.storage.reach`): here too.

A person's copies are looked up by announcement and chat, which is the index that the ledger
has for them, and never by state: of a large announcement all the others are pending as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, or_, select, update
from sqlmodel import col

from bot.domain.address import Address
from bot.domain.announcement import AnnouncementState
from bot.domain.delivery import DeliveryState
from bot.domain.outcome import Reason
from bot.domain.preferences import Topic
from bot.storage import tables, wake
from bot.storage.database import Read, Write

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

STOPPED, MUTED = "stopped", "topic"
GONE = (Reason.BLOCKED.value, Reason.GONE.value, Reason.NOT_FOUND.value)
ENDING = frozenset({STOPPED, MUTED, *GONE})
NOT_LEFT = (DeliveryState.PENDING.value, DeliveryState.CLAIMED.value)
UNDER_WAY = (AnnouncementState.SENDING.value, AnnouncementState.PAUSED.value)
BEGUN = (*UNDER_WAY, AnnouncementState.SENT.value)


@dataclass(frozen=True, slots=True)
class _Copy:
    """A part of an announcement in one of a person's chats."""

    id: int
    announcement_id: int
    address_id: int
    platform: str
    state: str
    reason: str

    @property
    def was_skipped(self) -> bool:
        """Whether it was skipped for a reason that may end."""
        return self.state == DeliveryState.SKIPPED.value and self.reason in ENDING


async def skip_for_person(
    write: Write, person_id: int, reason: str, topic: Topic | None = None
) -> int:
    """Skip what has not left to the person, all of it or what is about ``topic``."""
    begun: Any = col(t.Announcement.state).in_(BEGUN)
    if topic is not None:
        begun = and_(begun, col(t.Announcement.topic) == topic.value)
    copies = await _copies(write, await _ids(write, _chats_of(person_id)), begun)
    mine = col(t.Delivery.person_id) == person_id
    return await _skip(write, copies, reason, mine)


async def skip_for_chat(write: Write, chat: Address, reason: str) -> int:
    """Skip what has not left to a person's chat that cannot be reached.

    What goes to a room is tried: it may only have moved, and then its messages go with it.
    """
    begun = col(t.Announcement.state).in_(BEGUN)
    copies = await _copies(write, await _ids(write, _direct(chat)), begun)
    return await _skip(write, copies, reason)


async def bring_back_to(write: Write, chat: Address) -> int:
    """Do as :func:`bring_back` for whoever has the chat, which can be reached again."""
    row = await write.first(
        select(t.Account.person_id)
        .join(t.Address, col(t.Address.account_id) == col(t.Account.id))
        .where(col(t.Address.id).in_(_direct(chat)), col(t.Account.person_id).is_not(None))
    )
    return await bring_back(write, row.person_id) if row else 0


async def bring_back(write: Write, person_id: int) -> int:
    """Let go out again what was skipped, where nothing keeps it from the person any more."""
    person = await write.first(
        select(t.Person.stopped, t.Person.preferred).where(col(t.Person.id) == person_id)
    )
    if person is None or person.stopped:
        return 0
    chats = _chats_of(person_id)
    muted = select(t.PersonMute.topic).where(col(t.PersonMute.person_id) == person_id)
    wanted = and_(
        col(t.Announcement.state).in_(UNDER_WAY),
        col(t.Announcement.recalled_at).is_(None),
        col(t.Announcement.topic).not_in(muted),
    )
    copies = await _copies(write, await _ids(write, chats), wanted)
    reachable = await _ids(write, chats.where(col(t.Address.unreachable) == ""))
    back = _of_one_chat(copies, frozenset(reachable), person.preferred)
    if not back:
        return 0
    count = await write.count(
        update(t.Delivery)
        .where(col(t.Delivery.id).in_(back), col(t.Delivery.state) == DeliveryState.SKIPPED.value)
        .values(state=DeliveryState.PENDING.value, reason="", finished_at=None)
    )
    write.wake(wake.LEDGER)
    return count


def _of_one_chat(copies: Sequence[_Copy], reachable: frozenset[int], preferred: str) -> list[int]:
    """Return what comes back of ``copies``: of each announcement those of one chat.

    It is the chat that has it already, or the first that can have it.
    """
    decided = {one.announcement_id: one.address_id for one in copies if _stands(one)}
    first_come = sorted(copies, key=lambda one: (one.platform != preferred, one.address_id))
    back = []
    for one in first_come:
        if one.was_skipped and one.address_id in reachable:
            here = decided.setdefault(one.announcement_id, one.address_id)
            back += [one.id] if here == one.address_id else []
    return back


def _stands(one: _Copy) -> bool:
    return one.state != DeliveryState.SKIPPED.value


async def _copies(read: Read, addresses: Sequence[int], of_announcements: Any) -> list[_Copy]:
    """Return the parts of the announcements in these chats, which are few: one after the other."""
    rows = [
        row for one in addresses for row in await read.all(_select_copies(one, of_announcements))
    ]
    return [_Copy(**{name: getattr(row, name) for name in _Copy.__slots__}) for row in rows]


def _select_copies(address_id: int, of_announcements: Any) -> Any:
    announcements = select(t.Announcement.id).where(of_announcements)
    return select(*(getattr(t.Delivery, name) for name in _Copy.__slots__)).where(
        col(t.Delivery.announcement_id).in_(announcements),
        col(t.Delivery.address_id) == address_id,
    )


async def _ids(read: Read, chosen: Any) -> list[int]:
    return [row.id for row in await read.all(chosen)]


def _direct(chat: Address) -> Any:
    return select(t.Address.id).where(
        col(t.Address.platform) == chat.platform,
        col(t.Address.account) == chat.account,
        col(t.Address.chat) == chat.chat,
        col(t.Address.account_id).is_not(None),
    )


def _chats_of(person_id: int) -> Any:
    return (
        select(t.Address.id)
        .join(t.Account, col(t.Account.id) == col(t.Address.account_id))
        .where(col(t.Account.person_id) == person_id)
    )


async def _skip(write: Write, copies: Sequence[_Copy], reason: str, *whose: Any) -> int:
    waiting = [one.id for one in copies if one.state in NOT_LEFT]
    if not waiting:
        return 0
    return await write.count(
        update(t.Delivery)
        .where(col(t.Delivery.id).in_(waiting), col(t.Delivery.state).in_(NOT_LEFT), *whose)
        .values(state=DeliveryState.SKIPPED.value, reason=reason)
    )


def is_unwanted() -> Any:
    """Its reader has stopped, or the topic is off; a room has no person, and neither."""
    muted = and_(
        col(t.PersonMute.person_id) == t.Delivery.person_id,
        col(t.Announcement.id) == t.Delivery.announcement_id,
        col(t.PersonMute.topic) == t.Announcement.topic,
    )
    stopped = and_(col(t.Person.id) == t.Delivery.person_id, col(t.Person.stopped))
    return or_(exists().where(stopped), exists().where(muted))
