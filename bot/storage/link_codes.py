"""Codes that link a second messenger, stored as hashes. States: ``bot.domain.joining``."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import col

from bot.domain.joining import LinkCode
from bot.storage import tables
from bot.storage.database import Read, Write

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


async def add(
    write: Write, *, code_hash: str, account_id: int, now: datetime, expires_at: datetime
) -> None:
    """Store a code for the account; those it was shown before are good no more."""
    await write.count(
        update(t.LinkCode)
        .where(col(t.LinkCode.account_id) == account_id, col(t.LinkCode.ended_at).is_(None))
        .values(ended_at=now)
    )
    await write.execute(
        insert(t.LinkCode).values(
            code_hash=code_hash, account_id=account_id, created_at=now, expires_at=expires_at
        )
    )


async def claim(write: Write, code_hash: str, account_id: int, now: datetime) -> LinkCode | None:
    """Note that the account has typed the code; None if it is wrong, typed already, or over."""
    row = await write.first(
        update(t.LinkCode)
        .where(
            col(t.LinkCode.code_hash) == code_hash,
            col(t.LinkCode.claimed_by).is_(None),
            col(t.LinkCode.ended_at).is_(None),
            col(t.LinkCode.expires_at) > now,
            col(t.LinkCode.account_id) != account_id,
        )
        .values(claimed_by=account_id, claimed_at=now)
        .returning(t.LinkCode)
    )
    return _code(row) if row else None


async def end(write: Write, code_id: int, now: datetime) -> LinkCode | None:
    """End a claimed code and return it; None if it has ended before. Once, whoever is first."""
    row = await write.first(
        update(t.LinkCode)
        .where(
            col(t.LinkCode.id) == code_id,
            col(t.LinkCode.ended_at).is_(None),
            col(t.LinkCode.claimed_by).is_not(None),
        )
        .values(ended_at=now)
        .returning(t.LinkCode)
    )
    return _code(row) if row else None


async def find(read: Read, code_id: int) -> LinkCode | None:
    """Return the code, or None."""
    row = await read.first(select(t.LinkCode).where(col(t.LinkCode.id) == code_id))
    return _code(row) if row else None


def _code(row: Any) -> LinkCode:
    return LinkCode(
        row.id, row.account_id, row.claimed_by, row.expires_at, row.ended_at is not None
    )
