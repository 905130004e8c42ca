"""Giving an account to a person, and taking it away again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlmodel import col

from bot.domain.address import AccountRef
from bot.storage import tables
from bot.storage.database import Read, Write

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """An account, whose it is, and how that came (``linked_by``, such as ``invite``)."""

    id: int
    ref: AccountRef
    person_id: int | None
    name: str
    linked_by: str


async def account(read: Read, account_id: int) -> LinkedAccount | None:
    """Return the account, or None."""
    row = await read.first(select(t.Account).where(col(t.Account.id) == account_id))
    return _linked(row) if row else None


async def of_person(read: Read, person_id: int) -> tuple[LinkedAccount, ...]:
    """Return the person's accounts, oldest first."""
    rows = await read.all(
        select(t.Account).where(col(t.Account.person_id) == person_id).order_by(col(t.Account.id))
    )
    return tuple(_linked(row) for row in rows)


async def give(write: Write, account_id: int, person_id: int, by: str, now: datetime) -> bool:
    """Give the account to the person; False if it is somebody else's already."""
    free = or_(col(t.Account.person_id).is_(None), col(t.Account.person_id) == person_id)
    given = await write.count(
        update(t.Account)
        .where(col(t.Account.id) == account_id, free)
        .values(person_id=person_id, linked_by=by, linked_at=now)
    )
    return given == 1


async def take_away(write: Write, account_id: int) -> None:
    """Let the account be nobody's."""
    await write.count(
        update(t.Account)
        .where(col(t.Account.id) == account_id)
        .values(person_id=None, linked_by="", linked_at=None)
    )


async def note_profile(write: Write, account_id: int, zone: str) -> None:
    """Keep what the platform's directory says of the account."""
    await write.count(update(t.Account).where(col(t.Account.id) == account_id).values(zone=zone))


async def next_without_account(
    read: Read, platform: str, account: str, after: int
) -> tuple[int, str] | None:
    """Return (id, e-mail) of the next person after ``after`` with no account there; no staff."""
    has = exists().where(
        col(t.Account.person_id) == t.Person.id,
        col(t.Account.platform) == platform,
        col(t.Account.account) == account,
    )
    is_staff = exists().where(col(t.Staff.email) == t.Person.email)
    row = await read.first(
        select(t.Person.id, t.Person.email)
        .where(col(t.Person.id) > after, ~has, ~is_staff)
        .order_by(col(t.Person.id))
        .limit(1)
    )
    return (row.id, row.email) if row else None


def _linked(row: Any) -> LinkedAccount:
    ref = AccountRef(row.platform, row.account, row.user)
    return LinkedAccount(row.id, ref, row.person_id, row.name, row.linked_by)
