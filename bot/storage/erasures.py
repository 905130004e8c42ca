"""Who had their data deleted: a keyed hash of the address, so that an import can tell."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import col

from bot.storage import key_values, tables
from bot.storage.database import Read, Write
from bot.storage.dialect import insert

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

_KEY = "erasure:key"


async def note(write: Write, email: str, at: datetime) -> None:
    """Remember that the owner of the address wants to be on no list."""
    key = await key_values.get(write, _KEY)
    if key is None:
        key = secrets.token_hex(32)
        await key_values.put(write, _KEY, key)
    statement = insert(write, t.Erasure).values(email_hash=_hash(key, email), at=at)
    await write.execute(
        statement.on_conflict_do_update(index_elements=["email_hash"], set_={"at": at})
    )


async def among(read: Read, emails: Collection[str]) -> dict[str, datetime]:
    """Return which of ``emails`` were erased, and when."""
    key = await key_values.get(read, _KEY)
    if key is None or not emails:
        return {}
    by_hash = {_hash(key, one): one for one in emails}
    rows = await read.all(select(t.Erasure).where(col(t.Erasure.email_hash).in_(list(by_hash))))
    return {by_hash[row.email_hash]: row.at for row in rows}


async def forget(write: Write, email: str) -> bool:
    """The person wants to be listed again; False if they had never asked not to be."""
    key = await key_values.get(write, _KEY)
    if key is None:
        return False
    hashed = _hash(key, email)
    return await write.count(delete(t.Erasure).where(col(t.Erasure.email_hash) == hashed)) == 1


def _hash(key: str, email: str) -> str:
    return hmac.new(bytes.fromhex(key), email.strip().lower().encode(), hashlib.sha256).hexdigest()
