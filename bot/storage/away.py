"""Telling a database that is away from one that is there and says no.

Only storage can tell: a handler's own broken pipe looks like the database's. So every
unit of work says :class:`DatabaseAway` where trying again later helps, and lets through
as it is whatever would fail for ever.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncTransaction

T = TypeVar("T")

_COLLISIONS = frozenset({"40P01", "40001"})
_AWAY = ("08", "53", "57P", "55000")
"""PostgreSQL's codes: connection, resources, shutdown and start, not accepting connections."""
_SQLITE_SAYS_NO = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY})


class DatabaseAway(ConnectionError):
    """The database is the trouble, not what was asked of it: asking again later helps.

    A ``ConnectionError``, because whoever outlives a broken network outlives this.
    """


class Collided(DatabaseAway):
    """Two transactions were in each other's way, and this one gave in."""


@contextmanager
def away_told() -> Iterator[None]:
    """Turn what the database raises inside the block into :class:`DatabaseAway`, if it is.

    Only for blocks in which nothing but the driver runs.
    """
    try:
        yield
    except Exception as error:  # a driver that cannot connect raises its very own kinds
        kind = _kind_of(error)
        if kind is None or isinstance(error, DatabaseAway):
            raise
        raise kind(_in_short(error)) from error


@asynccontextmanager
async def begun(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a connection and a transaction that is committed at the end.

    What is raised inside the block stays as it is, whatever it looks like.
    """
    raised: BaseException | None = None
    try:
        async with engine.connect() as connection:
            transaction = await unbroken(connection, _begin(connection))
            try:
                yield connection
            except BaseException as error:
                raised = error
                await unbroken(connection, transaction.rollback())
                raise
            await unbroken(connection, transaction.commit())
    except Exception as error:
        if error is raised:
            raise
        with away_told():
            raise


async def _begin(connection: AsyncConnection) -> AsyncTransaction:
    return await connection.begin()


async def unbroken(connection: AsyncConnection, work: Coroutine[Any, Any, T]) -> T:
    """Await one piece of work of the database; on SQLite to its end, even if cancelled.

    SQLAlchemy throws a connection away in whose work it was interrupted. SQLite closes
    one only when the last of its statements is let go, and until then it may hold the
    write lock: a service that was told to end blocked itself for as long as the others'
    patience lasts. So the work ends first, and then the cancellation goes on.
    """
    if connection.dialect.name != "sqlite":
        return await work
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({task})
        if not task.cancelled():
            task.exception()
        raise


def _kind_of(error: Exception) -> type[DatabaseAway] | None:
    state = _sqlstate(error)
    if state in _COLLISIONS:
        return Collided
    away = state.startswith(_AWAY) or isinstance(error, (OSError, PoolTimeoutError))
    if isinstance(error, DBAPIError):
        away = away or error.connection_invalidated
    if isinstance(error, OperationalError):
        code = getattr(error.orig, "sqlite_errorcode", None)
        away = away or code is None or code & 0xFF not in _SQLITE_SAYS_NO
    return DatabaseAway if away else None


def _sqlstate(error: Exception) -> str:
    inner = getattr(error, "orig", None) or error
    return getattr(inner, "sqlstate", None) or ""


def _in_short(error: Exception) -> str:
    """Name the trouble without words of the driver, which may quote values."""
    inner = getattr(error, "orig", None) or error
    return f"{type(inner).__name__} {_sqlstate(error)}".rstrip()
