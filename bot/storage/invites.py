"""Invitations: stored as hashes, good once. States: ``bot.domain.joining``."""

from datetime import datetime
from typing import Any

from sqlalchemy import exists, insert, select, update
from sqlmodel import col

from bot.domain.joining import InviteState
from bot.storage import tables
from bot.storage.database import Read, Write

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


async def add(
    write: Write,
    *,
    token_hash: str,
    person_id: int,
    created_by: str,
    created_at: datetime,
    expires_at: datetime,
) -> None:
    """Store an invitation; what the person was sent before is good no more."""
    await revoke(write, person_id, created_at)
    await write.execute(
        insert(t.Invite).values(
            token_hash=token_hash,
            person_id=person_id,
            created_by=created_by,
            created_at=created_at,
            expires_at=expires_at,
        )
    )


async def revoke(write: Write, person_id: int, at: datetime) -> int:
    """End the person's open invitations; return how many there were."""
    return await write.count(
        update(t.Invite)
        .where(
            col(t.Invite.person_id) == person_id,
            col(t.Invite.used_at).is_(None),
            col(t.Invite.revoked_at).is_(None),
        )
        .values(revoked_at=at)
    )


async def redeem(
    write: Write, token_hash: str, account_id: int, now: datetime
) -> tuple[InviteState, int | None]:
    """Use an invitation for the account; one of any number who try at once succeeds.

    Returns:
        What became of it, and whose it is (None if there is no such invitation).
    """
    person_id: int | None = await write.scalar(
        update(t.Invite)
        .where(
            col(t.Invite.token_hash) == token_hash,
            col(t.Invite.used_at).is_(None),
            col(t.Invite.revoked_at).is_(None),
            col(t.Invite.expires_at) > now,
        )
        .values(used_at=now, account_id=account_id)
        .returning(t.Invite.person_id)
    )
    if person_id is not None:
        return InviteState.REDEEMED, person_id
    row = await write.first(select(t.Invite).where(col(t.Invite.token_hash) == token_hash))
    if row is None:
        return InviteState.UNKNOWN, None
    return (InviteState.USED if row.used_at else InviteState.EXPIRED), row.person_id


async def unlinked(read: Read) -> tuple[int, ...]:
    """Return the people who have no account on any messenger, by organisation and address."""
    linked = exists().where(col(t.Account.person_id) == t.Person.id)
    rows = await read.all(
        select(t.Person.id)
        .outerjoin(t.Organisation, col(t.Organisation.id) == col(t.Person.organisation_id))
        .where(~linked)
        .order_by(col(t.Organisation.slug), col(t.Person.email))
    )
    return tuple(row.id for row in rows)
