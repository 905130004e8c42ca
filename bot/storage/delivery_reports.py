"""What the ledger says of an announcement: counts, copies, and what did not arrive."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.address import MessageRef
from bot.domain.delivery import DeliveryState, Kind, Tally
from bot.storage import tables
from bot.storage.database import Read
from bot.storage.deliveries import OPEN
from bot.storage.ledger_looks import is_message
from bot.storage.reach import ELSEWHERE

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

LATER = aliased(t.Delivery)


async def tally(read: Read, announcement_id: int) -> Tally:
    """Return the announcement's deliveries, counted by state."""
    rows = await read.all(
        select(t.Delivery.state, func.count().label("deliveries"))
        .where(col(t.Delivery.announcement_id) == announcement_id)
        .group_by(t.Delivery.state)
    )
    counts = {row.state: int(row.deliveries) for row in rows}
    return Tally(total=sum(counts.values()), **counts)


async def left_by_platform(read: Read, announcement_id: int) -> dict[str, int]:
    """Return how many deliveries have not come to an end, by platform."""
    return await _by_platform(read, announcement_id, OPEN)


async def chats_by_platform(read: Read, announcement_id: int) -> dict[str, int]:
    """Return how many direct chats and rooms it goes to, by platform, without those left out."""
    rows = await read.all(
        select(t.Delivery.platform, func.count().label("chats"))
        .where(
            col(t.Delivery.announcement_id) == announcement_id,
            col(t.Delivery.kind) == Kind.SEND.value,
            col(t.Delivery.part) == 1,
            col(t.Delivery.state) != DeliveryState.SKIPPED.value,
        )
        .group_by(t.Delivery.platform)
        .order_by(t.Delivery.platform)
    )
    return {row.platform: int(row.chats) for row in rows}


async def standing_by_platform(read: Read, announcement_id: int) -> dict[str, int]:
    """Return how many copies stand in chats, by platform."""
    return await _by_platform(read, announcement_id, (DeliveryState.DELIVERED.value,))


async def changing_by_platform(read: Read, announcement_id: int) -> dict[str, int]:
    """Return how many changes of copies have not come to an end, by platform."""
    rows = await read.all(
        select(t.Delivery.platform, func.count().label("rows"))
        .join(t.AnnouncementChange, col(t.AnnouncementChange.id) == col(t.Delivery.change_id))
        .where(
            col(t.AnnouncementChange.announcement_id) == announcement_id,
            col(t.AnnouncementChange.state) == "open",
            col(t.Delivery.state).in_(OPEN),
        )
        .group_by(t.Delivery.platform)
    )
    return {row.platform: int(row.rows) for row in rows}


async def _by_platform(read: Read, announcement_id: int, states: Sequence[str]) -> dict[str, int]:
    rows = await read.all(
        select(t.Delivery.platform, func.count().label("rows"))
        .where(
            col(t.Delivery.announcement_id) == announcement_id,
            col(t.Delivery.state).in_(states),
        )
        .group_by(t.Delivery.platform)
    )
    return {row.platform: int(row.rows) for row in rows}


async def resent(read: Read, announcement_id: int) -> int:
    """Return how many deliveries staff had sent again."""
    statement = (
        select(func.count())
        .select_from(t.Delivery)
        .where(col(t.Delivery.announcement_id) == announcement_id, col(t.Delivery.resent) > 0)
    )
    return int(await read.scalar(statement))


async def elsewhere(read: Read, announcement_id: int) -> int:
    """Return how many chats were left out because their people get it in another one."""
    statement = (
        select(func.count())
        .select_from(t.Delivery)
        .where(
            col(t.Delivery.announcement_id) == announcement_id,
            col(t.Delivery.part) == 1,
            col(t.Delivery.state) == DeliveryState.SKIPPED.value,
            col(t.Delivery.reason) == ELSEWHERE,
        )
    )
    return int(await read.scalar(statement))


def came_whole(announcement_id: int, *states: DeliveryState) -> Any:
    """Return the condition on ``person`` to whom the last part of it came, in one of ``states``.

    A part leaves only after the one before has arrived, so with the last one all are there. A
    picture alone, whose words were refused, is no announcement.
    """
    here = col(t.Delivery.announcement_id) == announcement_id
    more = exists().where(
        LATER.announcement_id == announcement_id,
        LATER.address_id == t.Delivery.address_id,
        LATER.part > t.Delivery.part,
    )
    in_state = col(t.Delivery.state).in_([one.value for one in states])
    return exists().where(here, col(t.Delivery.person_id) == t.Person.id, in_state, ~more)


async def announcement_at(read: Read, ref: MessageRef) -> tuple[int, str] | None:
    """Return (announcement, language) of the copy that stands at ``ref``, or None."""
    row = await read.first(
        select(t.Delivery.announcement_id, t.Delivery.language)
        .join(t.Address, col(t.Address.id) == col(t.Delivery.address_id))
        .where(
            col(t.Address.platform) == ref.address.platform,
            col(t.Address.account) == ref.address.account,
            col(t.Address.chat) == ref.address.chat,
            is_message(ref.id),
            col(t.Delivery.announcement_id).is_not(None),
        )
    )
    return (row.announcement_id, row.language) if row else None


async def part_at(read: Read, ref: MessageRef) -> tuple[int, int]:
    """Return (part, parts) of our message at ``ref``; (1, 1) if the ledger knows it not."""
    here = await read.first(
        select(t.Delivery)
        .join(t.Address, col(t.Address.id) == col(t.Delivery.address_id))
        .where(
            col(t.Address.platform) == ref.address.platform,
            col(t.Address.account) == ref.address.account,
            col(t.Address.chat) == ref.address.chat,
            is_message(ref.id),
            col(t.Delivery.kind) == Kind.SEND.value,
        )
    )
    if here is None or (here.announcement_id is None and here.inbox_id is None):
        return (1, 1) if here is None else (here.part, here.part)
    whole = (
        (col(t.Delivery.announcement_id) == here.announcement_id)
        & (col(t.Delivery.address_id) == here.address_id)
        if here.announcement_id is not None
        else (col(t.Delivery.inbox_id) == here.inbox_id) & (col(t.Delivery.ordinal) == here.ordinal)
    )
    parts = await read.scalar(select(func.max(t.Delivery.part)).where(whole))
    return here.part, int(parts)


async def unreached(read: Read, announcement_id: int) -> tuple[tuple[str, str, str, str], ...]:
    """Return (state, reason, platform, e-mail, room or chat) of all that did not arrive.

    A chat whose person gets it in another one is none of them.
    """
    rows = await read.all(
        select(
            t.Delivery.state,
            t.Delivery.reason,
            t.Delivery.platform,
            t.Person.email,
            t.Room.title,
            t.Address.chat,
        )
        .join(t.Address, col(t.Address.id) == col(t.Delivery.address_id))
        .outerjoin(t.Room, col(t.Room.address_id) == col(t.Delivery.address_id))
        .outerjoin(t.Person, col(t.Person.id) == col(t.Delivery.person_id))
        .where(
            col(t.Delivery.announcement_id) == announcement_id,
            col(t.Delivery.state).in_(
                [
                    DeliveryState.FAILED.value,
                    DeliveryState.UNCONFIRMED.value,
                    DeliveryState.SKIPPED.value,
                ]
            ),
            col(t.Delivery.reason) != ELSEWHERE,
        )
        .order_by(col(t.Delivery.state), col(t.Delivery.id))
    )
    return tuple(
        (row.state, row.reason, row.platform, row.email or row.title or row.chat) for row in rows
    )


async def rooms(read: Read, announcement_id: int) -> tuple[tuple[str, str, str], ...]:
    """Return (name, title, state) of the rooms among the recipients, by name."""
    rows = await read.all(
        select(t.Room.name, t.Room.title, t.Delivery.state)
        .join(t.Room, col(t.Room.address_id) == col(t.Delivery.address_id))
        .where(col(t.Delivery.announcement_id) == announcement_id)
        .order_by(col(t.Room.name), col(t.Delivery.part).desc())
    )
    # The last part says how far the message came.
    furthest = {row.name: (row.name, row.title, row.state) for row in reversed(rows)}
    return tuple(furthest[name] for name in sorted(furthest))
