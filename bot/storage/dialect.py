"""The few words in which SQLite and PostgreSQL differ."""

from typing import Any

from sqlalchemy import Float, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from bot.storage.database import Read
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


def locked(unit: Read, statement: Any, *, skip: bool = False, shared: bool = False) -> Any:
    """Return the SELECT with row locks; SQLite has one writer, which is lock enough."""
    if unit.dialect == "sqlite":
        return statement
    return statement.with_for_update(skip_locked=skip, read=shared)
