"""Questions that wait for the secretariat."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import col

from bot.storage import tables
from bot.storage.database import Read, Write

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


@dataclass(frozen=True, slots=True)
class WaitingQuestion:
    """A question that the data could not answer."""

    text: str
    email: str
    asked_at: datetime


async def add(
    write: Write,
    *,
    text: str,
    account_id: int,
    person_id: int | None,
    conversation: str,
    asked_at: datetime,
) -> int:
    """Store a question for the secretariat; return its number."""
    added: int = await write.scalar(
        insert(t.Question)
        .values(
            text=text,
            account_id=account_id,
            person_id=person_id,
            conversation=conversation,
            state="asked_secretariat",
            asked_at=asked_at,
        )
        .returning(t.Question.id)
    )
    return added


async def waiting(read: Read) -> tuple[WaitingQuestion, ...]:
    """Return the questions that nobody has answered, newest first."""
    rows = await read.all(
        select(t.Question.text, t.Question.asked_at, t.Person.email)
        .outerjoin(t.Person, col(t.Person.id) == col(t.Question.person_id))
        .where(col(t.Question.state) == "asked_secretariat")
        .order_by(col(t.Question.id).desc())
    )
    return tuple(WaitingQuestion(row.text, row.email or "", row.asked_at) for row in rows)
