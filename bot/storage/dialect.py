"""The few words in which SQLite and PostgreSQL differ."""

from typing import Any

from sqlalchemy import Float, literal_column, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from bot.storage.database import Read, Write
from bot.storage.tables import Table


def insert(unit: Read, table: type[Table]) -> Any:
    """Return an INSERT that offers ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    module = sqlite if unit.dialect == "sqlite" else postgresql
    return module.insert(table)


def epoch_now(unit: Read) -> ColumnElement[float]:
    """Return the database's own time in epoch seconds: the one clock that processes share."""
    if unit.dialect == "sqlite":
        return literal_column("(julianday('now') - 2440587.5) * 86400.0", Float)
    return literal_column("CAST(extract(epoch FROM clock_timestamp()) AS double precision)", Float)


async def by_index_only(write: Write) -> None:
    """Let statements of this transaction look rows up in indexes where these exist.

    For a statement that looks up some thousand rows by key. PostgreSQL plans by statistics,
    and has none of rows that an import has just added: then it reads a table whole, for each
    row anew (measured: 10 s a chunk instead of 0.06). SQLite always takes the index.
    """
    if write.dialect != "sqlite":
        await write.execute(_BY_INDEX)


# Before PostgreSQL 18 a plan without an alternative counts as dear enough to be compiled.
_BY_INDEX = text("SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)")


def locked(unit: Read, statement: Any, *, skip: bool = False, shared: bool = False) -> Any:
    """Return the SELECT with row locks; SQLite has one writer, which is lock enough."""
    if unit.dialect == "sqlite":
        return statement
    return statement.with_for_update(skip_locked=skip, read=shared)
