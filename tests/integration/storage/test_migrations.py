"""The schema: from nothing to the newest, back, again, and by two processes at once."""

import asyncio
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect

from bot.storage.database import Database, DatabaseProblem
from bot.storage.schema import (
    MIGRATIONS,
    current_revision,
    migrate,
    migrate_or_explain,
    newest_revision,
)
from bot.storage.tables import Table

MIGRATE = """
import asyncio, sys
from bot.storage.database import Database
from bot.storage.schema import migrate
async def main():
    database = Database(sys.argv[1])
    await migrate(database)
    await database.close()
asyncio.run(main())
"""


async def _tables(database: Database) -> set[str]:
    async with database.connection() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Table.metadata))


def _downgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.downgrade(config, "base")


@pytest.fixture
async def empty(empty_url: str) -> Database:
    return Database(empty_url)


async def test_migrating_leads_from_nothing_to_the_newest_and_stays_there(empty: Database) -> None:
    assert await current_revision(empty) == ""
    for _time in range(2):
        await migrate(empty)
        assert await current_revision(empty) == newest_revision()
    assert await _tables(empty) == {*Table.metadata.tables, "alembic_version"}
    await empty.close()


async def test_the_tables_are_what_the_revisions_make(database: Database) -> None:
    async with database.connection() as connection:
        assert await connection.run_sync(_differences) == []


async def test_down_to_nothing_and_up_again(empty: Database) -> None:
    await migrate(empty)
    async with empty.connection() as connection, connection.begin():
        await connection.run_sync(_downgrade)
    assert await _tables(empty) == {"alembic_version"}
    await migrate(empty)
    async with empty.connection() as connection:
        assert await connection.run_sync(_differences) == []
    await empty.close()


async def test_two_in_one_process_migrate_at_once(empty_url: str) -> None:
    both = [Database(empty_url) for _one in range(2)]
    await asyncio.gather(*(migrate(one) for one in both))
    assert [await current_revision(one) for one in both] == [newest_revision()] * 2
    for one in both:
        await one.close()


@pytest.mark.slow
async def test_two_processes_migrate_at_once(empty_url: str) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", MIGRATE, empty_url, stderr=asyncio.subprocess.PIPE
        )
        for _one in range(2)
    ]
    said = [(await process.communicate())[1].decode()[-2000:] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said


async def test_a_newer_database_is_refused_in_words(database: Database) -> None:
    async with database.connection() as connection, connection.begin():
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseProblem, match="newer version"):
        await migrate_or_explain(database)


async def test_a_database_that_cannot_be_reached_is_refused_in_words() -> None:
    for url in ("sqlite:////nowhere/at/all.db", "postgresql://u:hidden@127.0.0.1:9/x"):
        unreachable = Database(url)
        with pytest.raises(DatabaseProblem, match="cannot be used") as refused:
            await migrate_or_explain(unreachable)
        assert "hidden" not in str(refused.value)
        await unreachable.close()
