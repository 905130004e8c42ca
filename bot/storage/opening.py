"""Direct chats that must be opened before the first message, and are not open yet.

Adapters remember what they have opened under keys of their own, and say how these begin;
behind that stand our account and the chat.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, insert, literal, select
from sqlmodel import col

from bot.domain.announcement import AnnouncementState
from bot.domain.audience import Expression
from bot.domain.delivery import Kind, Lane
from bot.storage import deliveries, tables
from bot.storage.audiences import condition
from bot.storage.database import Read, Write

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


def _is_closed(platform: str, prefix: str) -> Any:
    """The address is a direct chat of the platform that nobody has opened."""
    key = literal(prefix).concat(t.Address.account).concat(".").concat(t.Address.chat)
    return and_(
        col(t.Address.platform) == platform,
        col(t.Address.account_id).is_not(None),
        ~exists().where(col(t.KeyValue.key) == key),
    )


def _of_audience(chosen: Any, expression: Expression, platform: str, prefix: str) -> Any:
    return (
        chosen.select_from(t.Address)
        .join(t.Account, col(t.Account.id) == col(t.Address.account_id))
        .join(t.Person, col(t.Person.id) == col(t.Account.person_id))
        .outerjoin(t.Organisation, col(t.Organisation.id) == col(t.Person.organisation_id))
        .where(condition(expression), _is_closed(platform, prefix))
    )


async def count(read: Read, expression: Expression, platform: str, prefix: str) -> int:
    """Return how many chats of the audience are still to be opened."""
    chosen = select(func.count())
    return int(await read.scalar(_of_audience(chosen, expression, platform, prefix)))


async def count_left(read: Read, announcement_id: int, platform: str, prefix: str) -> int:
    """Return how many of those are still to be opened that it has to go to."""
    statement = (
        select(func.count(t.Delivery.address_id.distinct()))
        .select_from(t.Delivery)
        .join(t.Address, col(t.Address.id) == col(t.Delivery.address_id))
        .where(
            col(t.Delivery.announcement_id) == announcement_id,
            col(t.Delivery.state).in_(deliveries.OPEN),
            _is_closed(platform, prefix),
        )
    )
    return int(await read.scalar(statement))


async def audiences_until(read: Read, until: datetime) -> tuple[str, ...]:
    """Return the audiences of what is scheduled to begin before ``until``."""
    rows = await read.all(
        select(t.Announcement.audience)
        .where(
            col(t.Announcement.state) == AnnouncementState.SCHEDULED.value,
            col(t.Announcement.due_at) <= until,
        )
        .distinct()
    )
    return tuple(row.audience for row in rows)


async def waiting(read: Read, platform: str, account: str) -> int:
    """Return how many openings ahead have not come to an end."""
    statement = (
        select(func.count())
        .select_from(t.Delivery)
        .where(
            col(t.Delivery.platform) == platform,
            col(t.Delivery.account) == account,
            col(t.Delivery.lane) == int(Lane.CHANGES),
            col(t.Delivery.state).in_(deliveries.OPEN),
            col(t.Delivery.kind) == Kind.OPEN.value,
        )
    )
    return int(await read.scalar(statement))


async def add(
    write: Write,
    expression: Expression,
    *,
    platform: str,
    account: str,
    prefix: str,
    limit: int,
) -> int:
    """Add rows that open up to ``limit`` chats of the audience; return how many.

    Each chat is tried once ahead: what comes of a second attempt, the announcement finds out.
    """
    tried = exists().where(
        col(t.Delivery.address_id) == t.Address.id,
        col(t.Delivery.announcement_id).is_(None),
        col(t.Delivery.lane) == int(Lane.CHANGES),
        col(t.Delivery.kind) == Kind.OPEN.value,
    )
    chosen = _of_audience(select(t.Address.id), expression, platform, prefix).where(
        col(t.Address.account) == account,
        col(t.Address.unreachable) == "",
        ~col(t.Person.stopped),
        ~tried,
    )
    found = await write.all(chosen.order_by(col(t.Address.id)).limit(limit))
    rows = [
        {
            "lane": int(Lane.CHANGES),
            "kind": Kind.OPEN.value,
            "platform": platform,
            "account": account,
            "address_id": row.id,
            "payload": {},
        }
        for row in found
    ]
    if rows:
        await write.execute(insert(t.Delivery), rows)
        write.wake(deliveries.topic(platform, account))
    return len(rows)
