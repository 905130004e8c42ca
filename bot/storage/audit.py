"""The audit log: every staff action (invariant 10)."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import col

from bot.domain.people import Actor
from bot.storage import tables
from bot.storage.database import Read, Write

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

NOT_TOLD = "not told, on no messenger"
"""Somebody should have heard of a change and can be reached nowhere."""


async def record(
    write: Write, *, actor: Actor, action: str, subject: str, at: datetime, **detail: Any
) -> None:
    """Record that ``actor`` did ``action`` to ``subject``, in the transaction that did it."""
    await write.execute(
        insert(t.Audit).values(
            at=at, actor=actor.name, action=action, subject=subject, detail=detail
        )
    )


async def newest(read: Read, limit: int = 50) -> list[tuple[datetime, str, str, str]]:
    """Return (at, actor, action, subject) of the newest actions, newest first."""
    rows = await read.all(select(t.Audit).order_by(col(t.Audit.id).desc()).limit(limit))
    return [(row.at, row.actor, row.action, row.subject) for row in rows]
