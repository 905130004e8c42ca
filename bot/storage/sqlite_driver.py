"""SQLite's statements in one visit to its thread each.

aiosqlite hands every step (making a cursor, executing, fetching, closing) to the connection's
thread and waits for the event loop to come round again. While the loop is busy sending, that
is most of what a statement costs: measured, a sender got a third more messages out. Here one
visit does all four. Rows are read whole, as SQLAlchemy's adapter does anyway. A transaction
begins in the visit of its first statement, and where none began none is ended.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Self

import aiosqlite


class WholeCursor:
    """What SQLAlchemy's adapter needs of a cursor; its rows are there once it has executed."""

    def __init__(self, connection: "WholeConnection") -> None:
        """Work on ``connection``."""
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Sequence[Any] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        """Return the cursor; nothing is opened before it executes."""
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> Self:
        """Execute one statement and read all its rows."""
        await self._connection.visit(
            self._do, self._connection.begins(), "execute", sql, parameters
        )
        return self

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> Self:
        """Execute a statement for each of ``parameters``."""
        await self._connection.visit(
            self._do, self._connection.begins(), "executemany", sql, parameters
        )
        return self

    async def fetchall(self) -> list[Any]:
        """Return the rows."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Do nothing: SQLite's own cursor is closed already."""

    def _do(self, begin: str, how: str, sql: str, parameters: Iterable[Any]) -> None:
        """Run in the connection's thread."""
        cursor = self._connection.raw.cursor()
        try:
            if begin:
                cursor.execute(begin)
            getattr(cursor, how)(sql, parameters)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else []
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()


class WholeConnection(aiosqlite.Connection):
    """A connection whose cursors are :class:`WholeCursor`, and which begins by itself."""

    _begin_with = ""
    _may_be_open = False

    def begin_with(self, statement: str) -> None:
        """Begin a transaction by ``statement`` on the way of the first statement in it."""
        self._begin_with = statement

    def begins(self) -> str:
        """Return what the visit that sets out now executes first; ``""`` for nothing."""
        begin, self._begin_with = self._begin_with, ""
        # Noted before the visit: one that is interrupted may have begun it all the same.
        self._may_be_open = True
        return begin

    async def commit(self) -> None:
        """Commit, if anything was executed since the last transaction ended.

        SQLAlchemy thinks that a commit which failed has ended the transaction. SQLite goes on
        with it and its lock, so it is rolled back here.
        """
        self._begin_with = ""
        if self._may_be_open:
            try:
                await super().commit()
            except sqlite3.Error:
                with suppress(sqlite3.Error):
                    await self.rollback()
                raise
            self._may_be_open = False

    async def rollback(self) -> None:
        """Roll back, if anything was executed since the last transaction ended."""
        self._begin_with = ""
        if self._may_be_open:
            await super().rollback()
            self._may_be_open = False

    def cursor(self) -> Any:
        """Return a cursor, without asking the thread."""
        return WholeCursor(self)

    @property
    def raw(self) -> Any:
        """The connection of :mod:`sqlite3`, for use in its own thread."""
        return self._conn

    async def visit(self, work: Any, *given: Any) -> Any:
        """Run ``work`` in the connection's thread."""
        visiting: Any = self._execute  # aiosqlite gives it no types
        return await visiting(work, *given)


def connect(path: str, **options: Any) -> WholeConnection:
    """Return a connection to the file with the options of :mod:`sqlite3`; await it to open it."""
    connection = WholeConnection(partial(sqlite3.connect, path, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy does with its own
    return connection
