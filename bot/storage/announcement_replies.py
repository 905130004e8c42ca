"""What readers wrote to announcements, and which one something is about."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlmodel import col

from bot.domain.address import Address, MessageRef
from bot.domain.announcement_reply import AnnouncementReply, Met, ReplyCount
from bot.domain.delivery import DeliveryState, Kind
from bot.storage import tables
from bot.storage.database import Read, Write
from bot.storage.ledger_looks import has_message, is_message

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

WAITS = "asked_secretariat"


def _announcement_of_row() -> Any:
    """A copy names its announcement; one that tells a correction anew stands for the first."""
    return func.coalesce(t.AnnouncementChange.announcement_id, t.Delivery.announcement_id)


def _rows_in(chat: Address, *columns: Any) -> Any:
    """Return what we wrote in ``chat``, in all its threads."""
    return (
        select(*columns)
        .select_from(t.Delivery)
        .join(t.Address, col(t.Address.id) == col(t.Delivery.address_id))
        .outerjoin(
            t.AnnouncementChange,
            col(t.AnnouncementChange.telling_id) == col(t.Delivery.announcement_id),
        )
        .where(
            col(t.Address.platform) == chat.platform,
            col(t.Address.account) == chat.account,
            col(t.Address.chat) == chat.chat,
            col(t.Delivery.kind) == Kind.SEND.value,
        )
    )


async def quoted(read: Read, ref: MessageRef) -> int | None:
    """Return the announcement of which a copy stands, or stood, at ``ref``; None for none."""
    row = await read.first(
        _rows_in(ref.address, _announcement_of_row().label("announcement")).where(
            is_message(ref.id)
        )
    )
    return row.announcement if row else None


async def last_said(
    read: Read, chat: Address, until: datetime
) -> tuple[int | None, datetime] | None:
    """Return which announcement our newest message in ``chat`` is of, None if it is of none.

    With it comes when it arrived. Without any message there: None. Only what had arrived by
    ``until`` counts: whoever writes has read no later one.
    """
    columns = (_announcement_of_row().label("announcement"), t.Delivery.finished_at, t.Delivery.id)
    found = []
    # Each of them is a look into an index; without either the chat's whole history is read.
    for which in (col(t.Delivery.announcement_id).is_(None), has_message()):
        row = await read.first(
            _rows_in(chat, *columns)
            .where(
                which,
                col(t.Delivery.state) == DeliveryState.DELIVERED.value,
                col(t.Delivery.finished_at) <= until,
            )
            .order_by(col(t.Delivery.finished_at).desc(), col(t.Delivery.id).desc())
            .limit(1)
        )
        found += [row] if row else []
    if not found:
        return None
    newest = max(found, key=lambda row: (row.finished_at, row.id))
    return newest.announcement, newest.finished_at


async def last_reply(
    read: Read, chat: Address, account_id: int, since: datetime, copies_since: datetime
) -> int | None:
    """Return the announcement that the account replied to last, since ``since``.

    Its copy must have come into ``chat`` since ``copies_since``.
    """
    row = await read.first(
        select(t.AnnouncementReply.announcement_id)
        .where(
            col(t.AnnouncementReply.account_id) == account_id,
            col(t.AnnouncementReply.said_at) >= since,
        )
        .order_by(col(t.AnnouncementReply.id).desc())
        .limit(1)
    )
    if row is None:
        return None
    found: int = row.announcement_id
    told_anew = col(t.AnnouncementChange.announcement_id) == found
    for copies in (col(t.Delivery.announcement_id) == found, told_anew):
        fresh = await read.first(
            _rows_in(chat, t.Delivery.id)
            .where(copies, col(t.Delivery.finished_at) >= copies_since)
            .limit(1)
        )
        if fresh is not None:
            return found
    return None


async def add(
    write: Write,
    *,
    announcement_id: int,
    account_id: int,
    person_id: int | None,
    room_id: int | None,
    question_id: int | None,
    text: str,
    met: Met,
    quoted: bool,
    said_at: datetime,
) -> None:
    """Note a reply; the handler's transaction is what makes it one row an update."""
    await write.execute(
        insert(t.AnnouncementReply).values(
            announcement_id=announcement_id,
            account_id=account_id,
            person_id=person_id,
            room_id=room_id,
            question_id=question_id,
            text=text,
            met=met.value,
            quoted=quoted,
            said_at=said_at,
        )
    )


async def count(read: Read, announcement_id: int) -> ReplyCount:
    """Return how many replies there are."""
    row = await read.first(
        select(
            func.count().label("replies"),
            func.count().filter(col(t.Question.state) == WAITS).label("waiting"),
        )
        .select_from(t.AnnouncementReply)
        .outerjoin(t.Question, col(t.Question.id) == col(t.AnnouncementReply.question_id))
        .where(col(t.AnnouncementReply.announcement_id) == announcement_id)
    )
    return ReplyCount(int(row.replies), int(row.waiting)) if row else ReplyCount()


async def of_announcement(
    read: Read, announcement_id: int, limit: int | None = None, offset: int = 0
) -> tuple[AnnouncementReply, ...]:
    """Return the replies, newest first; all of them without a ``limit``."""
    reply = t.AnnouncementReply
    rows = await read.all(
        select(
            reply.said_at,
            reply.text,
            reply.met,
            reply.quoted,
            t.Person.names.label("names"),
            t.Person.email,
            t.Account.name.label("shown"),
            t.Organisation.names.label("organisations"),
            t.Room.title.label("room"),
            t.Question.state.label("question"),
        )
        .join(t.Account, col(t.Account.id) == col(reply.account_id))
        .outerjoin(t.Person, col(t.Person.id) == col(reply.person_id))
        .outerjoin(t.Organisation, col(t.Organisation.id) == col(t.Person.organisation_id))
        .outerjoin(t.Room, col(t.Room.id) == col(reply.room_id))
        .outerjoin(t.Question, col(t.Question.id) == col(reply.question_id))
        .where(col(reply.announcement_id) == announcement_id)
        .order_by(col(reply.id).desc())
        .limit(limit)
        .offset(offset)
    )
    return tuple(
        AnnouncementReply(
            row.said_at,
            row.text,
            (row.names or {}).get("") or next(iter((row.names or {}).values()), row.shown),
            row.email or "",
            row.organisations or {},
            row.room or "",
            Met(row.met),
            row.quoted,
            row.question == WAITS,
        )
        for row in rows
    )
