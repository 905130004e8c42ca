"""Small durable facts: what adapters remember, and versions of data."""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from bot.domain.delivery import Lane
from bot.storage import tables
from bot.storage.database import Database, Read, Write
from bot.storage.dialect import insert

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query
KNOWLEDGE_VERSION = "knowledge:version"


async def get(read: Read, key: str) -> str | None:
    """Return the value of ``key``, or None."""
    value: str | None = await read.scalar(
        select(t.KeyValue.value).where(col(t.KeyValue.key) == key)
    )
    return value


async def beginning_with(read: Read, prefix: str) -> dict[str, str]:
    """Return all values whose key begins with ``prefix``."""
    like = col(t.KeyValue.key).startswith(prefix, autoescape=True)
    rows = await read.all(select(t.KeyValue.key, t.KeyValue.value).where(like))
    # SQLite's LIKE takes small letters for capitals.
    return {row.key: row.value for row in rows if row.key.startswith(prefix)}


async def put(write: Write, key: str, value: str) -> None:
    """Store ``value`` under ``key``, over what was there."""
    statement = insert(write, t.KeyValue).values(key=key, value=value)
    await write.execute(
        statement.on_conflict_do_update(index_elements=["key"], set_={"value": value})
    )


async def knowledge_version(read: Read) -> int:
    """Return a number that rises whenever events or entries change."""
    return int(await get(read, KNOWLEDGE_VERSION) or 0)


async def raise_knowledge_version(write: Write) -> None:
    """Tell every process that its index of the data is old."""
    await put(write, KNOWLEDGE_VERSION, str(await knowledge_version(write) + 1))


def beginning_of_keys(adapter: str, prefix: str = "") -> str:
    """Return how the keys begin that the adapter's memory keeps under ``prefix``."""
    return f"adapter:{adapter}:{prefix}"


class AdapterMemory:
    """The :class:`~bot.adapters.base.KeyValue` of one adapter."""

    def __init__(self, database: Database, adapter: str) -> None:
        """Keep the keys of ``adapter`` apart from everybody else's."""
        self._database = database
        self._prefix = beginning_of_keys(adapter)

    async def get(self, key: str) -> str | None:
        """Return the value of ``key``, or None."""
        async with self._database.read() as read:
            return await get(read, self._prefix + key)

    async def all(self, prefix: str) -> dict[str, str]:
        """Return everything whose key begins with ``prefix``, by its whole key."""
        begin = self._prefix + prefix
        async with self._database.read() as read:
            found = await beginning_with(read, begin)
        return {key.removeprefix(self._prefix): value for key, value in found.items()}

    async def set(self, key: str, value: str) -> None:
        """Store ``value`` under ``key``."""
        await self._database.write(
            lambda write: put(write, self._prefix + key, value), Lane.CONVERSATION
        )
