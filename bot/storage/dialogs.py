"""Conversations of several steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import col

from bot.storage import tables
from bot.storage.database import Read, Write
from bot.storage.dialect import insert

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


@dataclass(frozen=True, slots=True)
class StoredDialog:
    """Where a conversation stands."""

    form: str
    step: str
    answers: dict[str, str]
    version: int


async def find(
    read: Read, conversation: str, account_id: int, now: datetime
) -> StoredDialog | None:
    """Return the open dialog of the account in the conversation; an expired one is closed."""
    row = await read.first(
        select(t.Dialog).where(
            col(t.Dialog.conversation) == conversation,
            col(t.Dialog.account_id) == account_id,
            col(t.Dialog.expires_at) > now,
        )
    )
    return StoredDialog(row.form, row.step, row.answers, row.version) if row else None


async def save(
    write: Write,
    *,
    conversation: str,
    account_id: int,
    form: str,
    step: str,
    answers: Mapping[str, str],
    expires_at: datetime,
) -> None:
    """Store the next step over the one before."""
    values = {
        "form": form,
        "step": step,
        "answers": dict(answers),
        "expires_at": expires_at,
    }
    statement = insert(write, t.Dialog).values(
        conversation=conversation, account_id=account_id, version=1, **values
    )
    await write.execute(
        statement.on_conflict_do_update(
            index_elements=["conversation", "account_id"],
            set_={**values, "version": t.Dialog.version + 1},
        )
    )


async def end(write: Write, conversation: str, account_id: int) -> None:
    """Close the dialog, if there is one."""
    await write.count(
        delete(t.Dialog).where(
            col(t.Dialog.conversation) == conversation, col(t.Dialog.account_id) == account_id
        )
    )
