"""Everything that is kept of one person: found by the tables' own references, and taken away.

Finding follows the foreign keys, so a new table that refers to a person, an account or a
direct chat is found without anybody thinking of it. Taking away is written out, because
each table loses something else.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, Text, and_, cast, delete, exists, null, or_, select, update
from sqlmodel import col

from bot.domain.delivery import DeliveryState
from bot.storage import tables
from bot.storage.database import Read, Write
from bot.storage.ledger_looks import at_address

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

SECRETS = frozenset({"token_hash", "code_hash"})
"""Columns that are nobody's to read."""
ERASED = "erased"
"""``account.linked_by`` of an account whose last message may still be on its way."""
OPEN = tuple(
    one.value for one in (DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.SENDING)
)
_HANDLED = ("done", "failed")
"""States of updates that nobody will read again; one that is claimed may be tried again."""


@dataclass(frozen=True, slots=True)
class Traces:
    """Where a person stands in the tables.

    Attributes:
        accounts, addresses: Row ids of their accounts and direct chats.
        users: (platform, our account, user) of each account.
    """

    person_id: int
    email: str
    accounts: tuple[int, ...]
    addresses: tuple[int, ...]
    users: tuple[tuple[str, str, str], ...]


async def traces(read: Read, person_id: int, email: str) -> Traces:
    """Return where the person stands."""
    accounts = await read.all(
        select(t.Account).where(col(t.Account.person_id) == person_id).order_by(t.Account.id)
    )
    ids = [one.id for one in accounts]
    addresses = await read.all(select(t.Address.id).where(col(t.Address.account_id).in_(ids)))
    users = tuple((one.platform, one.account, one.user) for one in accounts)
    return Traces(person_id, email, tuple(ids), tuple(one.id for one in addresses), users)


async def everything(read: Read, of: Traces) -> dict[str, list[dict[str, Any]]]:
    """Return all rows that are about the person, by table, as JSON values."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in t.Table.metadata.sorted_tables:
        condition = _about(table, of)
        if condition is None:
            continue
        rows = await read.all(select(table).where(condition))
        if rows:
            found[table.name] = [_as_json(row._mapping) for row in rows]
    return found


def _about(table: Table, of: Traces) -> Any | None:
    """Return the condition on rows of ``table`` that are about the person; None if none can be."""
    own: Mapping[str, Sequence[int]] = {
        "person": (of.person_id,),
        "account": of.accounts,
        "address": of.addresses,
    }
    conditions: list[Any] = [
        column.in_(own[key.column.table.name])
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name in own
    ]
    match table.name:
        case "person":
            conditions.append(table.c.id == of.person_id)
        case "staff":
            conditions.append(table.c.email == of.email)
        case "audit":
            conditions.append(or_(table.c.subject == of.email, table.c.actor == of.email))
        case "delivery":  # without a foreign key: decision 0047
            conditions.append(table.c.address_id.in_(of.addresses))
        case "inbox":
            conditions += [_said_by(user) for user in of.users]
    return or_(*conditions) if conditions else None


def _said_by(user: tuple[str, str, str]) -> Any:
    platform, account, name = user
    return and_(
        col(t.Inbox.platform) == platform,
        col(t.Inbox.account) == account,
        t.Inbox.payload["who"]["user"].as_string() == name,
    )


def _as_json(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        str(name): value.isoformat() if isinstance(value, datetime) else _without_files(value)
        for name, value in row.items()
        if str(name) not in SECRETS
    }


def _without_files(value: Any) -> Any:
    """An export that was sent is in its ledger row; the next one must not hold it again."""
    if isinstance(value, dict) and "files" in value:
        return {name: one for name, one in value.items() if name != "files"}
    return value


async def take_away(write: Write, of: Traces) -> None:
    """Remove or blank everything about the person but the fact that there was somebody.

    Answers, and the seats they hold, are the caller's to give back before. Account and
    chat stay, unlinked and nameless, until what is said last has left; see
    :func:`forget_accounts`.
    """
    await _blank_requests(write, of)
    for table, column in _DELETED:
        values = of.accounts if column in ("account_id", "claimed_by") else (of.person_id,)
        await write.count(delete(table).where(getattr(table, column).in_(values)))
    for user in of.users:
        await write.count(
            update(t.Inbox)
            .where(_said_by(user), col(t.Inbox.state).in_(_HANDLED))
            .values(payload={}, conversation=ERASED, error="")
        )
    await _blank_deliveries(write, of)
    for name in ("subject", "actor"):
        await write.count(
            update(t.Audit)
            .where(getattr(t.Audit, name) == of.email)
            .values(**{name: f"({ERASED})"})
        )
    await write.count(
        update(t.Account)
        .where(col(t.Account.id).in_(of.accounts))
        .values(person_id=None, locale="", name="", zone="", linked_by=ERASED, linked_at=None)
    )
    await write.count(delete(t.Person).where(col(t.Person.id) == of.person_id))


_DELETED: tuple[tuple[Any, str], ...] = (
    (t.Acknowledgement, "person_id"),
    (t.AnnouncementReply, "person_id"),
    (t.AnnouncementReply, "account_id"),
    (t.AnnouncementCard, "person_id"),
    (t.ReachedByHand, "person_id"),
    (t.PersonMute, "person_id"),
    (t.PersonTag, "person_id"),
    (t.RoomAnswer, "person_id"),
    (t.Rsvp, "person_id"),
    (t.Question, "person_id"),
    (t.Question, "account_id"),
    (t.Invite, "person_id"),
    (t.JoinRequest, "person_id"),
    (t.JoinRequest, "account_id"),
    (t.LinkCode, "account_id"),
    (t.LinkCode, "claimed_by"),
    (t.Dialog, "account_id"),
)


async def _blank_requests(write: Write, of: Traces) -> None:
    """Blank the cards with which staff were asked who the person is, and what became of them.

    A card is known by the request that its buttons name, or by an address that the person
    gave; the change that shows the decision, by the message that it changes.
    """
    requests = await write.all(
        select(t.JoinRequest.id, t.JoinRequest.email).where(
            or_(
                col(t.JoinRequest.person_id) == of.person_id,
                col(t.JoinRequest.account_id).in_(of.accounts),
            )
        )
    )
    if not requests:
        return
    marks = {f"request:{one.id}:" for one in requests}
    marks |= {json.dumps(one.email)[1:-1] for one in requests if one.email}
    shown = cast(t.Delivery.payload, Text)
    settled = col(t.Delivery.state).in_(_SETTLED)
    names_them = or_(*(shown.contains(mark, autoescape=True) for mark in sorted(marks)))
    cards = await write.all(
        select(
            t.Delivery.id, t.Delivery.address_id, t.Delivery.message_id, t.Delivery.target
        ).where(col(t.Delivery.announcement_id).is_(None), names_them)
    )
    for one in cards:
        messages = [name for name in (one.message_id, one.target) if name]
        same = and_(
            col(t.Delivery.address_id) == one.address_id,
            col(t.Delivery.announcement_id).is_(None),
            col(t.Delivery.target).in_(messages),
        )
        await write.count(
            update(t.Delivery)
            .where(or_(col(t.Delivery.id) == one.id, same), settled)
            .values(payload=null(), summary="")
        )


_SETTLED = tuple(
    one.value for one in (DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.SKIPPED)
)
"""Unconfirmed is not among them: where it is looked for, it may have to be sent again."""


async def _blank_deliveries(write: Write, of: Traces) -> None:
    theirs = or_(
        col(t.Delivery.address_id).in_(of.addresses), col(t.Delivery.person_id) == of.person_id
    )
    await write.count(
        update(t.Delivery)
        .where(theirs, col(t.Delivery.state) == DeliveryState.PENDING.value)
        .values(state=DeliveryState.SKIPPED.value, reason=ERASED)
    )
    finished = col(t.Delivery.state).not_in(OPEN)
    await write.count(
        update(t.Delivery).where(theirs, finished).values(payload=null(), summary="", reason="")
    )
    await write.count(update(t.Delivery).where(theirs).values(person_id=None))


async def forget_accounts(write: Write) -> int:
    """Take the platform's ids of erased accounts away, once their last message has left.

    Whoever asks to be let in again meanwhile keeps the account until that is decided.
    """
    is_open = col(t.Delivery.state).in_(OPEN)
    waits = or_(*(exists().where(one, is_open) for one in at_address(t.Address.id)))
    busy = exists().where(col(t.Address.account_id) == t.Account.id, waits)
    came_back = or_(
        exists().where(
            col(t.JoinRequest.account_id) == t.Account.id, col(t.JoinRequest.state) == "waiting"
        ),
        exists().where(col(t.Dialog.account_id) == t.Account.id),
    )
    found = await write.all(
        select(t.Account).where(col(t.Account.linked_by) == ERASED, ~busy, ~came_back)
    )
    rows = [row for row in found if not await _is_heard(write, row)]
    for row in rows:
        nobody = f"{ERASED}-{row.id}"
        await write.count(
            update(t.Account).where(col(t.Account.id) == row.id).values(user=nobody, linked_by="")
        )
        here = col(t.Address.account_id) == row.id
        gone = {"chat": nobody, "thread": "", "unreachable": "gone"}
        addresses = select(t.Address.id).where(here)
        await write.count(
            update(t.Delivery)
            .where(
                col(t.Delivery.address_id).in_(addresses),
                col(t.Delivery.announcement_id).is_(None),  # copies carry no words of their own
            )
            .values(payload=null(), summary="")
        )
        await write.count(update(t.Address).where(here).values(**gone))
        await _forget_keys(write, row.user)
        user = (row.platform, row.account, row.user)
        await write.count(
            update(t.Inbox)
            .where(_said_by(user), col(t.Inbox.state).in_(_HANDLED))
            .values(payload={}, conversation=ERASED)
        )
    return len(rows)


async def _is_heard(read: Read, row: Any) -> bool:
    """Something that the account said is still being handled, or will be."""
    said = _said_by((row.platform, row.account, row.user))
    waits = select(t.Inbox.id).where(said, col(t.Inbox.state).not_in(_HANDLED)).limit(1)
    return await read.first(waits) is not None


async def _forget_keys(write: Write, user: str) -> None:
    """Adapters remember chats by the user's id."""
    await write.count(
        delete(t.KeyValue).where(
            or_(
                col(t.KeyValue.key).endswith(f".{user}", autoescape=True),
                col(t.KeyValue.value) == user,
            )
        )
    )


async def blank_old(write: Write, before: datetime, limit: int) -> int:
    """Blank what was said to us and what we replied before ``before``; return how many rows."""
    old = (
        select(t.Inbox.id)
        .where(
            col(t.Inbox.state).in_(_HANDLED),
            col(t.Inbox.received_at) < before,
            col(t.Inbox.conversation) != "",
        )
        .order_by(col(t.Inbox.id))
        .limit(limit)
    )
    said = await write.count(
        update(t.Inbox).where(col(t.Inbox.id).in_(old)).values(payload={}, conversation="")
    )
    replies = (
        select(t.Delivery.id)
        .where(
            col(t.Delivery.announcement_id).is_(None),
            col(t.Delivery.finished_at) < before,
            col(t.Delivery.state).not_in(OPEN),
            or_(col(t.Delivery.payload).is_not(None), col(t.Delivery.summary) != ""),
        )
        .order_by(col(t.Delivery.id))
        .limit(limit)
    )
    replied = await write.count(
        update(t.Delivery).where(col(t.Delivery.id).in_(replies)).values(payload=null(), summary="")
    )
    to_announcements = (
        select(t.AnnouncementReply.id)
        .where(col(t.AnnouncementReply.said_at) < before, col(t.AnnouncementReply.text) != "")
        .order_by(col(t.AnnouncementReply.id))
        .limit(limit)
    )
    blanked = await write.count(
        update(t.AnnouncementReply)
        .where(col(t.AnnouncementReply.id).in_(to_announcements))
        .values(text="")
    )
    return said + replied + blanked


def table_names() -> Collection[str]:
    """Return the names of all tables, for the page that says what is kept."""
    return [str(one.name) for one in t.Table.metadata.sorted_tables]
