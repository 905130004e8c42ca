"""What went wrong in conversations, for people to look at: nothing is dropped in silence.

Announcements have their own report (:mod:`bot.storage.delivery_reports`). Here is the
rest: replies and notices that did not arrive or may not have, whoever is on no messenger,
and updates that ended without being handled.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.delivery import DeliveryState, Kind, Lane
from bot.storage import audit, tables
from bot.storage.database import Read

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

_LOST = (
    DeliveryState.FAILED.value,
    DeliveryState.UNCONFIRMED.value,
    DeliveryState.SKIPPED.value,
)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A reply or notice that did not arrive.

    Attributes:
        to: E-mail address of whom it was for, else the room's title, else the chat.
        state: ``failed``, ``unconfirmed``, ``skipped``; ``not told`` if there was nowhere to.
    """

    at: datetime | None
    to: str
    platform: str
    state: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Unhandled:
    """An update that was given up; ``error`` is the kind of the last failure."""

    received_at: datetime
    conversation: str
    error: str


async def undelivered(read: Read) -> tuple[Undelivered, ...]:
    """Return what did not arrive outside announcements, newest first, then who had no address.

    A change that a newer one made pointless is no loss, nor a page or a card that follows what
    it shows: they are made anew. Nor is a chat that could not be opened ahead of a message.
    """
    told, owner = aliased(t.Person), aliased(t.Person)
    rows = await read.all(
        select(
            t.Delivery,
            func.coalesce(func.nullif(t.Room.title, ""), t.Address.chat).label("chat"),
            func.coalesce(t.Delivery.finished_at, t.Inbox.received_at).label("at"),
            func.coalesce(told.email, owner.email).label("email"),
        )
        .join(t.Address, col(t.Address.id) == col(t.Delivery.address_id))
        .outerjoin(t.Inbox, col(t.Inbox.id) == col(t.Delivery.inbox_id))
        .outerjoin(t.Room, col(t.Room.address_id) == col(t.Delivery.address_id))
        .outerjoin(told, told.id == col(t.Delivery.person_id))
        .outerjoin(t.Account, col(t.Account.id) == col(t.Address.account_id))
        .outerjoin(owner, owner.id == col(t.Account.person_id))
        .where(
            col(t.Delivery.announcement_id).is_(None),
            col(t.Delivery.change_id).is_(None),
            col(t.Delivery.state).in_(_LOST),
            col(t.Delivery.reason) != "superseded",
            col(t.Delivery.kind).not_in((Kind.HOME.value, Kind.OPEN.value)),
            ~_made_by_itself(),
        )
        .order_by(col(t.Delivery.id).desc())
    )
    lost = [
        Undelivered(row.at, row.email or row.chat, row.platform, row.state, row.reason, row.summary)
        for row in rows
    ]
    return (*lost, *await _not_told(read))


def _made_by_itself() -> Any:
    """The change of a room's card, or of one of the secretariat's, which answers nobody."""
    answers_nobody = or_(col(t.Delivery.lane) == int(Lane.BULK), col(t.Delivery.inbox_id).is_(None))
    return and_(col(t.Delivery.kind) == Kind.EDIT.value, answers_nobody)


async def _not_told(read: Read) -> list[Undelivered]:
    rows = await read.all(
        select(t.Audit.at, t.Audit.subject)
        .where(col(t.Audit.action) == audit.NOT_TOLD)
        .order_by(col(t.Audit.id).desc())
    )
    return [Undelivered(row.at, row.subject, "", "not told", "on no messenger", "") for row in rows]


async def unhandled(read: Read) -> tuple[Unhandled, ...]:
    """Return the updates that failed, newest first."""
    rows = await read.all(
        select(t.Inbox.received_at, t.Inbox.conversation, t.Inbox.error)
        .where(col(t.Inbox.state) == "failed")
        .order_by(col(t.Inbox.id).desc())
    )
    return tuple(Unhandled(row.received_at, row.conversation, row.error) for row in rows)
