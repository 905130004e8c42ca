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
"""

from typing import Any

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.address import Address
from bot.domain.announcement import AnnouncementState
from bot.domain.delivery import DeliveryState, Kind, Lane
from bot.domain.outcome import Reason
from bot.domain.preferences import Topic
from bot.storage import tables, wake
from bot.storage.database import Write

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

STOPPED, MUTED = "stopped", "topic"
GONE = (Reason.BLOCKED.value, Reason.GONE.value, Reason.NOT_FOUND.value)
NOT_LEFT = (DeliveryState.PENDING.value, DeliveryState.CLAIMED.value)
UNDER_WAY = (AnnouncementState.SENDING.value, AnnouncementState.PAUSED.value)


async def skip_for_person(
    write: Write, person_id: int, reason: str, topic: Topic | None = None
) -> int:
    """Skip what has not left to the person, all of it or what is about ``topic``."""
    mine = and_(
        col(t.Delivery.address_id).in_(_chats_of(person_id)),
        col(t.Delivery.person_id) == person_id,
    )
    if topic is not None:
        about = select(t.Announcement.id).where(col(t.Announcement.topic) == topic.value)
        mine = and_(mine, col(t.Delivery.announcement_id).in_(about))
    return await _skip(write, mine, reason)


async def skip_for_chat(write: Write, chat: Address, reason: str) -> int:
    """Skip what has not left to a person's chat that cannot be reached.

    What goes to a room is tried: it may only have moved, and then its messages go with it.
    """
    return await _skip(write, col(t.Delivery.address_id).in_(_direct(chat)), reason)


async def bring_back(write: Write, person_id: int) -> int:
    """Let go out again what was skipped, where nothing keeps it from the person any more."""
    return await _bring_back(write, _chats_of(person_id))


async def bring_back_to(write: Write, chat: Address) -> int:
    """Do the same for a person's chat that can be reached again."""
    return await _bring_back(write, _direct(chat))


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


async def _skip(write: Write, whose: Any, reason: str) -> int:
    return await write.count(
        update(t.Delivery)
        .where(
            whose,
            col(t.Delivery.lane) == int(Lane.BULK),
            col(t.Delivery.state).in_(NOT_LEFT),
            col(t.Delivery.kind) == Kind.SEND.value,
        )
        .values(state=DeliveryState.SKIPPED.value, reason=reason)
    )


async def _bring_back(write: Write, address_ids: Any) -> int:
    back = await write.count(
        update(t.Delivery)
        .where(
            col(t.Delivery.address_id).in_(address_ids),
            col(t.Delivery.lane) == int(Lane.BULK),
            col(t.Delivery.state) == DeliveryState.SKIPPED.value,
            col(t.Delivery.reason).in_((STOPPED, MUTED, *GONE)),
            _is_under_way(),
            _is_reachable(),
            ~is_unwanted(),
            ~_goes_elsewhere(),
        )
        .values(state=DeliveryState.PENDING.value, reason="", finished_at=None)
    )
    if back:
        write.wake(wake.LEDGER)
    return back


def _is_under_way() -> Any:
    return exists().where(
        col(t.Announcement.id) == t.Delivery.announcement_id,
        col(t.Announcement.state).in_(UNDER_WAY),
        col(t.Announcement.recalled_at).is_(None),
    )


def _is_reachable(row: Any = t.Delivery) -> Any:
    here = aliased(t.Address)
    return exists().where(here.id == row.address_id, here.unreachable == "")


def _goes_elsewhere() -> Any:
    """Another chat of the person has it, or can have it back and comes first."""
    me, other = t.Delivery, aliased(t.Delivery)
    preferred = select(t.Person.preferred).where(col(t.Person.id) == me.person_id)
    chosen = preferred.correlate(me).scalar_subquery()
    is_chosen, other_is_chosen = me.platform == chosen, other.platform == chosen
    comes_first = or_(
        and_(other_is_chosen, ~is_chosen),
        and_(other.address_id < me.address_id, or_(other_is_chosen, ~is_chosen)),
    )
    comes_back = and_(
        col(other.reason).in_((STOPPED, MUTED, *GONE)), comes_first, _is_reachable(other)
    )
    return exists().where(
        other.announcement_id == me.announcement_id,
        other.person_id == me.person_id,
        other.address_id != me.address_id,
        or_(other.state != DeliveryState.SKIPPED.value, comes_back),
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
