"""The schema: from nothing to the newest, back, again, and by two processes at once."""

import asyncio
import sys
from datetime import datetime
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, MetaData, inspect
from sqlalchemy.exc import DBAPIError

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


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _downgrade(connection: Connection) -> None:
    command.downgrade(_config(connection), "base")


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


async def test_a_database_with_rows_in_it_is_brought_up_to_date(empty: Database) -> None:
    """SQLite makes some tables anew, and rows of others name theirs."""
    async with empty.connection() as connection, connection.begin():
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "0003"))
        await connection.run_sync(_fill)
    await migrate(empty)
    async with empty.connection() as connection:
        assert await connection.run_sync(_differences) == []
        counts = [
            (await connection.exec_driver_sql(f"SELECT count(*) FROM {name}")).scalar()  # noqa: S608 - names of our own tables only, never input
            for name in ("announcement", "announcement_body", "delivery", "room_card")
        ]
        assert counts == [1, 1, 2, 1]
        with pytest.raises(DBAPIError):  # foreign keys are watched again
            await connection.exec_driver_sql("UPDATE room_card SET delivery_id = 99")
    await empty.close()


def _fill(connection: Connection) -> None:
    """Add a row to each of some tables as revision 0003 left them."""
    old = MetaData()
    old.reflect(connection)
    for name, values in FILLED:
        table = old.tables[name]
        row = {one.name: _anything(one) for one in table.columns if not one.nullable}
        connection.execute(table.insert().values({**row, **values}))


def _anything(column: Column[Any]) -> object:
    kind = str(column.type)
    if "TIME" in kind.upper():
        return datetime(2020, 1, 1)
    if "JSON" in kind:
        return {}
    return "" if kind.startswith(("VARCHAR", "TEXT")) else 0


FILLED: tuple[tuple[str, dict[str, object]], ...] = (
    ("conference", {"id": 1}),
    ("event", {"id": 1, "conference_id": 1}),
    ("address", {"id": 1}),
    ("announcement", {"id": 1, "due_local": "2020-01-01T00:00:00"}),
    ("announcement_body", {"announcement_id": 1}),
    ("delivery", {"id": 1, "address_id": 1, "announcement_id": 1}),
    ("delivery", {"id": 2, "address_id": 1}),
    ("room_card", {"id": 1, "address_id": 1, "event_id": 1, "delivery_id": 2}),
)
