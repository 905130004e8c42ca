"""Rooms: where the bot was let in, and what follows a room to another address."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.address import Address
from bot.domain.room import Room, room_name
from bot.storage import accounts, tables
from bot.storage.codec import storable
from bot.storage.database import Read, Write
from bot.storage.dialect import insert

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


async def at(read: Read, where: Address) -> Room | None:
    """Return the room that ``where`` is in, whatever its thread, or None."""
    place = and_(_same_chat(t.Address, where), col(t.Address.thread) == "")
    return _room(await read.first(_select().where(place)))


async def named(read: Read, name: str) -> Room | None:
    """Return the room with the name, however it is written, or None."""
    return _room(await read.first(_select().where(col(t.Room.name) == room_name(name))))


async def by_id(read: Read, room_id: int) -> Room | None:
    """Return the room, or None."""
    return _room(await read.first(_select().where(col(t.Room.id) == room_id)))


async def everything(read: Read) -> tuple[Room, ...]:
    """Return all rooms, those that we are in first, by name."""
    rows = await read.all(_select().order_by(col(t.Room.active).desc(), col(t.Room.name)))
    return tuple(room for room in map(_room, rows) if room is not None)


async def names(read: Read, limit: int) -> tuple[str, ...]:
    """Return names of rooms that we are in, by name."""
    active = select(t.Room.name).where(col(t.Room.active)).order_by(col(t.Room.name)).limit(limit)
    return tuple(row.name for row in await read.all(active))


async def add(
    write: Write, where: Address, *, title: str, language: str, by: int | None, now: datetime
) -> Room | None:
    """Add the room that ``where`` is in, unless somebody else just did, and return it.

    None if the place is a person's direct chat: that is never a room.
    """
    place = Address(where.platform, where.account, where.chat)
    address_id = await accounts.ensure_address(write, place)
    direct = select(t.Address.account_id).where(col(t.Address.id) == address_id)
    if await write.scalar(direct) is not None:
        return None
    base, number, title = room_name(storable(title)), 1, storable(title)
    while (found := await at(write, where)) is None:
        values = {
            "address_id": address_id,
            "name": base if number == 1 else f"{base}-{number}",
            "title": title,
            "language": language,
            "active": True,
            "added_by": by,
            "added_at": now,
        }
        # A name that is taken is no row of ours: the loop looks, and tries the next one.
        await write.execute(insert(write, t.Room).values(**values).on_conflict_do_nothing())
        number += 1
    return found


async def set_standing(
    write: Write,
    room_id: int,
    *,
    active: bool,
    title: str = "",
    by: int | None = None,
    at: datetime | None = None,
) -> None:
    """Note that we are in the room or not; what is given besides is new as well."""
    values: dict[str, Any] = {"active": active}
    if title:
        values["title"] = storable(title)
    if by is not None:
        values |= {"added_by": by, "added_at": at}
    await write.count(update(t.Room).where(col(t.Room.id) == room_id).values(**values))


async def set_introduced(write: Write, address_id: int, now: datetime) -> None:
    """Note that whoever reads there knows who we are."""
    told = update(t.Address).where(col(t.Address.id) == address_id).values(introduced_at=now)
    await write.count(told)


async def rename(write: Write, room_id: int, name: str) -> bool:
    """Give the room another name in audiences; False, and nothing changed, if it is taken."""
    other = aliased(t.Room)
    taken = exists().where(col(other.name) == name, col(other.id) != room_id)
    free = update(t.Room).where(col(t.Room.id) == room_id, ~taken).values(name=name)
    return await write.count(free) == 1


async def set_language(write: Write, room_id: int, language: str) -> None:
    """Note in which language all of the room is spoken to."""
    await write.count(update(t.Room).where(col(t.Room.id) == room_id).values(language=language))


async def added_by(read: Read) -> dict[int, str]:
    """Return the e-mail address, else the name on the platform, of who let us in, by room."""
    rows = await read.all(
        select(t.Room.id, t.Person.email, t.Account.name)
        .join(t.Account, col(t.Account.id) == col(t.Room.added_by))
        .outerjoin(t.Person, col(t.Person.id) == col(t.Account.person_id))
    )
    return {row.id: row.email or row.name for row in rows}


async def addresses_of(read: Read, where: Address) -> tuple[tuple[int, Address], ...]:
    """Return every place that we know in the chat of ``where``: the chat and its threads."""
    rows = await read.all(
        select(t.Address)
        .where(_same_chat(t.Address, where), col(t.Address.account_id).is_(None))
        .order_by(col(t.Address.id))
    )
    places = ((row.id, row.platform, row.account, row.chat, row.thread) for row in rows)
    return tuple((number, Address(*place)) for number, *place in places)


def _same_chat(address: Any, where: Address) -> Any:
    return and_(
        col(address.platform) == where.platform,
        col(address.account) == where.account,
        col(address.chat) == where.chat,
    )


def _select() -> Select[Any]:
    return select(
        t.Room,
        t.Address.platform,
        t.Address.account,
        t.Address.chat,
        t.Address.introduced_at,
        t.Address.unreachable,
    ).join(t.Address, col(t.Address.id) == col(t.Room.address_id))


def _room(row: Any) -> Room | None:
    if row is None:
        return None
    return Room(
        id=row.id,
        address_id=row.address_id,
        address=Address(row.platform, row.account, row.chat),
        name=row.name,
        title=row.title,
        language=row.language,
        active=row.active,
        introduced_at=row.introduced_at,
        unreachable=row.unreachable,
    )
