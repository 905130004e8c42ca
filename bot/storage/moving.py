"""A chat that lives elsewhere now: its rows stay with it, or go over to those of the new place."""

from typing import Any

from sqlalchemy import and_, delete, exists, func, literal, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.address import Address
from bot.domain.delivery import DeliveryState
from bot.storage import accounts, tables
from bot.storage.database import Read, Write
from bot.storage.dialect import insert
from bot.storage.ledger_looks import at_address

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


async def follow(write: Write, address_id: int, to: Address) -> None:
    """The chat at ``address_id`` lives at ``to`` now: it keeps its rows, or they go over.

    What waits in the ledger goes to the new place, and so do the room, its name and what
    was answered in it. A card stayed behind with the messages of the old chat.
    """
    await accounts.move(write, address_id, to)
    await _send_there(write, address_id, to)
    standing = await _at(write, to)
    if standing is not None and standing != address_id:
        await _go_over(write, address_id, standing)
    here = standing if standing is not None else address_id
    left_behind = {"message_id": "", "delivery_id": None}
    await write.count(
        update(t.RoomCard).where(col(t.RoomCard.address_id) == here).values(**left_behind)
    )


async def _go_over(write: Write, old: int, new: int) -> None:
    """Let the room of the address ``old`` be that of ``new``, whose own was just made."""
    moving = await write.scalar(select(t.Room.id).where(col(t.Room.address_id) == old))
    if moving is None:
        return
    await write.count(delete(t.Room).where(col(t.Room.address_id) == new))
    await write.count(update(t.Room).where(col(t.Room.id) == moving).values(address_id=new))
    there = aliased(t.RoomCard)
    twin = exists().where(there.address_id == new, there.event_id == t.RoomCard.event_id)
    await write.count(delete(t.RoomCard).where(col(t.RoomCard.address_id) == old, twin))
    await write.count(
        update(t.RoomCard).where(col(t.RoomCard.address_id) == old).values(address_id=new)
    )
    columns = ["address_id", "event_id", "person_id"]
    answers = select(literal(new), t.RoomAnswer.event_id, t.RoomAnswer.person_id).where(
        col(t.RoomAnswer.address_id) == old
    )
    copied = insert(write, t.RoomAnswer).from_select(columns, answers)
    await write.count(copied.on_conflict_do_nothing())
    await write.count(delete(t.RoomAnswer).where(col(t.RoomAnswer.address_id) == old))
    introduced = select(func.max(t.Address.introduced_at)).where(col(t.Address.id).in_([old, new]))
    await write.count(
        update(t.Address)
        .where(col(t.Address.id) == new)
        .values(introduced_at=introduced.scalar_subquery())
    )


async def _send_there(write: Write, address_id: int, to: Address) -> None:
    """What still has to go to a chat that moved goes to ``to``, where that has a row of its own.

    A copy of an announcement that goes there anyway is skipped.
    """
    known = await _at(write, to)
    if known is None or known == address_id:
        return
    twin = aliased(t.Delivery)
    goes_there = exists().where(
        twin.announcement_id == t.Delivery.announcement_id,
        twin.address_id == known,
        twin.part == t.Delivery.part,
    )
    for here in at_address(address_id):
        waiting = and_(here, col(t.Delivery.state) == DeliveryState.PENDING.value)
        await write.count(
            update(t.Delivery)
            .where(waiting, goes_there)
            .values(state=DeliveryState.SKIPPED.value, reason="moved")
        )
        await write.count(update(t.Delivery).where(waiting).values(address_id=known))


async def _at(read: Read, where: Address) -> int | None:
    found: int | None = await read.scalar(
        select(t.Address.id).where(
            col(t.Address.platform) == where.platform,
            col(t.Address.account) == where.account,
            col(t.Address.chat) == where.chat,
            col(t.Address.thread) == where.thread,
        )
    )
    return found
