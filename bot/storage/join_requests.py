"""Requests of unknown people, and what staff decided. States: ``bot.domain.joining``."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, select, update
from sqlmodel import col

from bot.domain.joining import JoinRequest, RequestState
from bot.storage import tables
from bot.storage.database import Read, Write

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


async def ask(
    write: Write, *, account_id: int, name: str, organisation: str, email: str, now: datetime
) -> tuple[int, bool]:
    """Store what somebody says of themselves; one request an account waits at a time.

    Returns:
        The request's number, and whether it is new; else the waiting one says this now.
    """
    said = {"name": name, "organisation": organisation, "email": email, "asked_at": now}
    waiting: int | None = await write.scalar(
        update(t.JoinRequest)
        .where(
            col(t.JoinRequest.account_id) == account_id,
            col(t.JoinRequest.state) == RequestState.WAITING.value,
        )
        .values(**said)
        .returning(t.JoinRequest.id)
    )
    if waiting is not None:
        return waiting, False
    values = {"account_id": account_id, "state": RequestState.WAITING.value, **said}
    number: int = await write.scalar(
        insert(t.JoinRequest).values(**values, decided_by="").returning(t.JoinRequest.id)
    )
    return number, True


async def decide(
    write: Write,
    request_id: int,
    state: RequestState,
    *,
    by: str,
    person_id: int | None,
    now: datetime,
) -> bool:
    """Decide a request that still waits; False if somebody has decided before."""
    return (
        await write.count(
            update(t.JoinRequest)
            .where(
                col(t.JoinRequest.id) == request_id,
                col(t.JoinRequest.state) == RequestState.WAITING.value,
            )
            .values(state=state.value, decided_at=now, decided_by=by, person_id=person_id)
        )
        == 1
    )


async def close_for_account(write: Write, account_id: int, by: str, now: datetime) -> None:
    """The account got its person in another way: nobody has to decide any more."""
    await write.count(
        update(t.JoinRequest)
        .where(
            col(t.JoinRequest.account_id) == account_id,
            col(t.JoinRequest.state) == RequestState.WAITING.value,
        )
        .values(state=RequestState.APPROVED.value, decided_at=now, decided_by=by)
    )


async def find(read: Read, request_id: int) -> JoinRequest | None:
    """Return the request, or None."""
    row = await read.first(_select().where(col(t.JoinRequest.id) == request_id))
    return _request(row) if row else None


async def waiting(read: Read) -> tuple[JoinRequest, ...]:
    """Return the requests that nobody has decided, oldest first."""
    rows = await read.all(
        _select()
        .where(col(t.JoinRequest.state) == RequestState.WAITING.value)
        .order_by(col(t.JoinRequest.id))
    )
    return tuple(_request(row) for row in rows)


def _select() -> Select[Any]:
    return select(t.JoinRequest, t.Account.platform, col(t.Account.name).label("shown_name")).join(
        t.Account, col(t.Account.id) == col(t.JoinRequest.account_id)
    )


def _request(row: Any) -> JoinRequest:
    return JoinRequest(
        id=row.id,
        account_id=row.account_id,
        platform=row.platform,
        shown_name=row.shown_name,
        name=row.name,
        organisation=row.organisation,
        email=row.email,
        state=RequestState(row.state),
        asked_at=row.asked_at,
        decided_by=row.decided_by,
    )
