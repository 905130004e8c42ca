"""The engine and its two units of work, the same on SQLite and PostgreSQL.

``read`` is a snapshot. ``write`` is ``BEGIN IMMEDIATE`` behind one in-process queue on
SQLite, conversation before bulk (decision 0036), and READ COMMITTED on PostgreSQL. (A
plain ``BEGIN`` that reads and then writes fails on SQLite however long one waits.)

Inside a write transaction only storage may be awaited: anything else raises
:class:`AwaitedInTransaction`, because a member's answer must never wait for a platform
that holds the database's lock (invariant 2).
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy import Executable, Row, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from bot.domain.delivery import Lane
from bot.storage import sqlite_driver
from bot.storage.away import Collided, away_told, begun, unbroken
from bot.storage.guard import only_storage, refuse_beside
from bot.storage.wake import Wakeups, WriterQueue

T = TypeVar("T")
READERS = 4
POSTGRES_CONNECTIONS = 10
POSTGRES_SESSION = {"idle_in_transaction_session_timeout": "5000"}
"""In milliseconds: a process that is frozen, or whose machine is gone, in the middle of a
transaction must not hold its rows longer than its leases (invariant 6)."""
BUSY_TIMEOUT = 5000
"""In milliseconds, on SQLite."""
TRIES = 3
WAL_SECONDS, WAL_PAUSE = 5.0, 0.05
log = logging.getLogger(__name__)


class DatabaseProblem(Exception):
    """The database cannot be used; the message says what to do, and never holds the URL."""


class Read:
    """A snapshot to read from."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Read through ``connection``, which somebody else opened and will close."""
        self._connection = connection
        self.busy = 0
        self.dialect = connection.dialect.name

    async def execute(self, statement: Executable, values: Any = None) -> Any:
        """Run ``statement``; the result is buffered."""
        self.busy += 1
        try:
            refuse_beside()
            with away_told():
                work = self._connection.execute(statement, values)
                return await unbroken(self._connection, work)
        finally:
            self.busy -= 1

    async def all(self, statement: Executable, values: Any = None) -> Sequence[Row[Any]]:
        """Return all rows."""
        rows: Sequence[Row[Any]] = (await self.execute(statement, values)).all()
        return rows

    async def first(self, statement: Executable, values: Any = None) -> Row[Any] | None:
        """Return the first row, or None."""
        row: Row[Any] | None = (await self.execute(statement, values)).first()
        return row

    async def scalar(self, statement: Executable, values: Any = None) -> Any:
        """Return the first column of the first row, or None."""
        return (await self.execute(statement, values)).scalar()


class Write(Read):
    """A transaction. Whoever begins it commits it; repositories only use it."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Write through ``connection``, in the transaction that is open on it."""
        super().__init__(connection)
        self.open = True
        self.topics: set[str] = set()

    async def count(self, statement: Executable, values: Any = None) -> int:
        """Run ``statement`` and return how many rows it changed."""
        return int((await self.execute(statement, values)).rowcount)

    def wake(self, topic: str) -> None:
        """Wake whoever waits for ``topic``, here and in other processes, after the commit."""
        self.topics.add(topic)


class Database:
    """One alliance's database."""

    def __init__(self, url: str) -> None:
        """Prepare for ``url``; nothing is opened yet.

        Raises:
            DatabaseProblem: the URL is neither SQLite's nor PostgreSQL's.
        """
        self.url = _async_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.wakeups = Wakeups()
        self._queue = WriterQueue() if self.is_sqlite else None
        self._writer, self._reader = self._engines()

    @property
    def sqlite_path(self) -> str:
        """The file's path, or ``""`` on PostgreSQL."""
        return (self.url.database or "") if self.is_sqlite else ""

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Read]:
        """Open a snapshot: what others commit meanwhile is not seen."""
        refuse_beside()
        async with begun(self._reader) as connection:
            yield Read(connection)

    async def write(self, work: Callable[[Write], Awaitable[T]], lane: Lane = Lane.BULK) -> T:
        """Run ``work`` in a transaction and return its result.

        A deadlock between two transactions on PostgreSQL runs it again, so ``work``
        changes nothing but the database.

        Raises:
            AwaitedInTransaction: ``work`` awaited something other than storage.
            DatabaseAway: trying again later helps, and nothing else does.
        """
        for tried in range(1, TRIES + 1):
            try:
                async with self.transaction(lane) as write:
                    return await only_storage(work(write), write)
            except Collided:
                if tried == TRIES:
                    raise
                log.info("transaction ran into a deadlock, once more")
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def transaction(self, lane: Lane) -> AsyncIterator[Write]:
        """Open a transaction, commit at the end, roll back on an exception.

        Prefer :meth:`write`, which also watches what is awaited.
        """
        refuse_beside()
        if self._queue is None:
            async with self._begun() as write:
                yield write
        else:
            async with self._queue.turn(lane), self._begun() as write:
                yield write
        self.wakeups.ring(write.topics)

    @asynccontextmanager
    async def _begun(self) -> AsyncIterator[Write]:
        async with begun(self._writer) as connection:
            write = Write(connection)
            try:
                yield write
                if write.topics and not self.is_sqlite:
                    for topic in sorted(write.topics):
                        await write.execute(_NOTIFY, {"topic": topic})
            finally:
                write.open = False

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """Open a bare connection, for migrations and for listening."""
        async with self._writer.connect() as connection:
            yield connection

    async def close(self) -> None:
        """Close all connections."""
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()

    def _engines(self) -> tuple[AsyncEngine, AsyncEngine]:
        if not self.is_sqlite:
            engine = create_async_engine(
                self.url,
                pool_size=POSTGRES_CONNECTIONS,
                max_overflow=4,
                pool_pre_ping=True,
                hide_parameters=True,
                connect_args={"server_settings": POSTGRES_SESSION},
            )
            snapshot = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            return engine, snapshot
        common: dict[str, Any] = {
            "hide_parameters": True,
            "connect_args": {"async_creator_fn": sqlite_driver.connect},
        }
        writer = create_async_engine(self.url, pool_size=1, max_overflow=0, **common)
        reader = create_async_engine(self.url, pool_size=READERS, max_overflow=READERS, **common)
        _use_sqlite(writer, "BEGIN IMMEDIATE")
        _use_sqlite(reader, "BEGIN", "query_only=ON")
        return writer, reader


_NOTIFY = text("SELECT pg_notify('convoke', :topic)")


def _async_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseProblem(
            "CONVOKE_DATABASE_URL cannot be read; write sqlite:///convoke.db "
            "or postgresql://user:password@host/name"
        ) from None
    backend = "postgresql" if parsed.drivername == "postgres" else parsed.get_backend_name()
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise DatabaseProblem("CONVOKE_DATABASE_URL needs a file, such as sqlite:///convoke.db")
        return parsed.set(drivername="sqlite+aiosqlite")
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+asyncpg")
    raise DatabaseProblem(f"CONVOKE_DATABASE_URL: {backend} is not SQLite or PostgreSQL")


def _use_sqlite(engine: AsyncEngine, begin: str, *more: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")
        _use_wal(cursor)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", *more):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_transaction(connection: Any) -> None:
        connection.connection.driver_connection.begin_with(begin)


def _use_wal(cursor: Any) -> None:
    """Switch the file to WAL. Two that do so at once collide, and no busy time-out is obeyed."""
    end = time.monotonic() + WAL_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if time.monotonic() > end or "locked" not in str(error):
                raise
            await_only(asyncio.sleep(WAL_PAUSE))
        else:
            return
