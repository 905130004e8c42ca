"""Tests here run on SQLite and on PostgreSQL, each with a database of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from bot.storage.database import Database
from tests.support.databases import Files, Server, postgres_server
from tests.support.hand_clock import careless

OpenDatabase = Callable[[], Database]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with postgres_server() as url:
        server = Server(url)
        yield server
        asyncio.run(server.close())


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("template"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def database_url(
    backend: str, request: pytest.FixtureRequest, files: Files, tmp_path: Path
) -> AsyncIterator[str]:
    """A migrated database without rows."""
    async for url in _fresh(backend, request, files, tmp_path, migrated=True):
        yield url


@pytest.fixture
async def empty_url(
    backend: str, request: pytest.FixtureRequest, files: Files, tmp_path: Path
) -> AsyncIterator[str]:
    """A database without tables."""
    async for url in _fresh(backend, request, files, tmp_path, migrated=False):
        yield url


async def _fresh(
    backend: str, request: pytest.FixtureRequest, files: Files, folder: Path, *, migrated: bool
) -> AsyncIterator[str]:
    if backend == "sqlite":
        yield await files.fresh(folder, migrated=migrated)
        return
    server: Server = request.getfixturevalue("postgres")
    async with server.fresh(migrated=migrated) as url:
        yield url


@pytest.fixture
async def open_database(database_url: str) -> AsyncIterator[OpenDatabase]:
    """Opens the test's database once more, as another process would."""
    opened: list[Database] = []

    def open_once_more() -> Database:
        opened.append(Database(database_url))
        if opened[-1].is_sqlite:
            careless(opened[-1])
        return opened[-1]

    yield open_once_more
    for database in opened:
        await database.close()


@pytest.fixture
def database(open_database: OpenDatabase) -> Database:
    return open_database()
