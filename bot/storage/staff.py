"""Staff roles, by e-mail address."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import col

from bot.domain.people import StaffRole
from bot.storage import tables
from bot.storage.database import Read, Write
from bot.storage.dialect import insert

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


async def grant(write: Write, email: str, role: StaffRole, by: str, at: datetime) -> None:
    """Give ``email`` the role, in place of one it may have."""
    values = {"role": role.value, "granted_by": by, "granted_at": at}
    statement = insert(write, t.Staff).values(email=email, **values)
    await write.execute(statement.on_conflict_do_update(index_elements=["email"], set_=values))


async def revoke(write: Write, email: str) -> bool:
    """Take the role away; False if there was none."""
    return await write.count(delete(t.Staff).where(col(t.Staff.email) == email)) == 1


async def everyone(read: Read) -> tuple[tuple[str, StaffRole], ...]:
    """Return e-mail addresses and roles, by address."""
    rows = await read.all(select(t.Staff.email, t.Staff.role).order_by(col(t.Staff.email)))
    return tuple((row.email, StaffRole(row.role)) for row in rows)


async def person_ids(read: Read, roles: tuple[StaffRole, ...]) -> tuple[int, ...]:
    """Return the people who hold one of ``roles``."""
    statement = (
        select(t.Person.id)
        .join(t.Staff, col(t.Staff.email) == col(t.Person.email))
        .where(col(t.Staff.role).in_([role.value for role in roles]))
        .order_by(col(t.Person.id))
    )
    return tuple(row.id for row in await read.all(statement))
