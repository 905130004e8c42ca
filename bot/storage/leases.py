"""Leases: who may do something alone (invariant 6).

A lease lasts :data:`SECONDS` and is renewed every :data:`RENEW_SECONDS`, both in the
database's own time. Every new holder gets a higher ``epoch``: rows that were claimed
under an older one belong to somebody who lost the lease.
"""

from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlmodel import col

from bot.storage import tables
from bot.storage.database import Read, Write
from bot.storage.dialect import epoch_now, insert, locked

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query
SECONDS = 10.0
RENEW_SECONDS = 3.0


def of_account(platform: str, account: str) -> str:
    """Return the name of the lease of a platform account."""
    return f"{platform}:{account}"


async def is_overtaken(write: Write, name: str, epoch: int) -> bool:
    """Return whether somebody has taken the lease since ``epoch``.

    Until the end of the transaction nobody takes it, so what a holder changes here comes
    before whatever the next one does.
    """
    newest: int | None = await write.scalar(locked(write, _EPOCH, shared=True), {"lease": name})
    return newest is not None and newest > epoch


_EPOCH = select(t.Lease.epoch).where(col(t.Lease.name) == bindparam("lease"))


async def acquire(write: Write, name: str, holder: str, seconds: float = SECONDS) -> int | None:
    """Take or renew the lease ``name`` and return its epoch; None if another holds it."""
    now = epoch_now(write)
    renewed: int | None = await write.scalar(
        update(t.Lease)
        .where(col(t.Lease.name) == name, col(t.Lease.holder) == holder, col(t.Lease.expires) > now)
        .values(expires=now + seconds)
        .returning(t.Lease.epoch)
    )
    if renewed is not None:
        return renewed
    fresh = insert(write, t.Lease).values(name=name, holder=holder, epoch=1, expires=now + seconds)
    taken: int | None = await write.scalar(
        fresh.on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": holder, "epoch": t.Lease.epoch + 1, "expires": now + seconds},
            where=col(t.Lease.expires) <= now,
        ).returning(t.Lease.epoch)
    )
    return taken


async def release(write: Write, name: str, holder: str) -> None:
    """Give the lease back at once, so that another need not wait."""
    await write.count(
        update(t.Lease)
        .where(col(t.Lease.name) == name, col(t.Lease.holder) == holder)
        .values(expires=0)
    )


async def expire_all(write: Write) -> None:
    """End every lease: only for the one process that provably is alone (SQLite's file lock)."""
    await write.count(delete(t.Lease).where(col(t.Lease.name).like("process:%")))
    await write.count(update(t.Lease).values(expires=0))


async def forget_processes(write: Write) -> None:
    """Remove leases of processes that died long ago."""
    await write.count(
        delete(t.Lease).where(
            col(t.Lease.name).like("process:%"), col(t.Lease.expires) < epoch_now(write) - 3600
        )
    )


async def holder(read: Read, name: str) -> str | None:
    """Return who holds the lease now, or None."""
    found: str | None = await read.scalar(
        select(t.Lease.holder).where(
            col(t.Lease.name) == name, col(t.Lease.expires) > epoch_now(read)
        )
    )
    return found
