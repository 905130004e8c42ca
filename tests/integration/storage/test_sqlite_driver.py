"""SQLite's transactions begin with their first statement, and end whatever happens."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.domain.delivery import Lane
from bot.storage import key_values
from bot.storage.database import Database, Write
from bot.storage.sqlite_driver import WholeConnection
from tests.support.databases import Files


@pytest.fixture
async def database(files: Files, tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(await files.fresh(tmp_path, migrated=True))
    yield opened
    await opened.close()


def _is_locked(database: Database) -> bool:
    """Return whether somebody holds the file's write lock."""
    with closing(sqlite3.connect(database.sqlite_path, timeout=0, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        other.execute("ROLLBACK")
        return False


async def test_the_lock_is_held_from_the_first_statement_to_the_end(database: Database) -> None:
    async with database.transaction(Lane.BULK) as write:
        assert not _is_locked(database)
        await key_values.get(write, "a")
        assert _is_locked(database)
    assert not _is_locked(database)


async def test_a_statement_that_fails_leaves_no_lock(database: Database) -> None:
    async def twice(write: Write) -> None:
        for _ in range(2):
            await write.execute(text("INSERT INTO key_value (key, value) VALUES ('a', '1')"))

    with pytest.raises(IntegrityError):
        await database.write(twice)
    assert not _is_locked(database)
    async with database.read() as read:
        assert await key_values.get(read, "a") is None


async def test_a_commit_that_fails_leaves_no_lock(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = aiosqlite.Connection.commit

    async def fails(_connection: aiosqlite.Connection) -> None:
        monkeypatch.setattr(aiosqlite.Connection, "commit", commit)
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(aiosqlite.Connection, "commit", fails)
    with pytest.raises(ConnectionError):
        await database.write(lambda write: key_values.put(write, "a", "1"))
    assert not _is_locked(database)
    await database.write(lambda write: key_values.put(write, "b", "2"))
    async with database.read() as read:
        assert [await key_values.get(read, key) for key in "ab"] == [None, "2"]


async def test_a_transaction_without_statements_asks_the_database_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.write(lambda write: key_values.put(write, "a", "1"))
    asked: list[str] = []
    execute: Any = WholeConnection._execute  # aiosqlite gives it no types

    async def noted(self: WholeConnection, work: object, *given: object) -> object:
        asked.append(getattr(work, "__name__", ""))
        return await execute(self, work, *given)

    monkeypatch.setattr(WholeConnection, "_execute", noted)
    async with database.transaction(Lane.BULK):
        pass
    assert asked == []
    await database.write(lambda write: key_values.put(write, "b", "2"))
    assert asked == ["_do", "commit"]
