"""Bringing a database to the schema that this version needs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.database import BUSY_TIMEOUT, Database, DatabaseProblem

MIGRATIONS = Path(__file__).parent / "migrations"
PATIENCE = 120_000
"""Milliseconds that a process waits for another that is making SQLite's tables anew."""
MIGRATION_LOCK = 0x436F6E766F6B65
"""Any number that is ours: PostgreSQL's advisory lock while revisions are applied."""


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """Return the revision that this version of the program needs."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def known_revisions() -> frozenset[str]:
    """Return the revisions that this version of the program knows, the newest among them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return frozenset(one.revision for one in ScriptDirectory.from_config(config).walk_revisions())


async def current_revision(database: Database) -> str:
    """Return the database's revision, ``""`` if it is empty."""
    async with database.connection() as connection:
        return await connection.run_sync(_revision)


def _revision(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


async def migrate(database: Database) -> None:
    """Apply all missing revisions, one process at a time.

    SQLite changes a table by making it anew, and dropping the old one would break the foreign
    keys of the rows that name it. So it does not watch them meanwhile, as its manual advises,
    and they are looked through before the commit.
    """
    async with _unwatched(database) as connection, connection.begin():
        if database.is_sqlite:
            # SQLite locks with the first statement; Alembic's context is one for the process.
            await connection.execute(text("SELECT 1"))
        else:
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK}
            )
        before = await connection.run_sync(_revision)
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))
        if database.is_sqlite and before != newest_revision():
            await _check_foreign_keys(connection)


@asynccontextmanager
async def _unwatched(database: Database) -> AsyncIterator[AsyncConnection]:
    """Open a connection that does not watch foreign keys where it is SQLite's."""
    async with database.connection() as connection:
        if not database.is_sqlite:
            yield connection
            return
        session: Any = (await connection.get_raw_connection()).driver_connection
        await session.execute("PRAGMA foreign_keys=OFF")  # within a transaction it does nothing
        await session.execute(f"PRAGMA busy_timeout={PATIENCE}")
        try:
            yield connection
        finally:
            await session.execute("PRAGMA foreign_keys=ON")
            await session.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")


async def _check_foreign_keys(connection: AsyncConnection) -> None:
    broken = (await connection.execute(text("PRAGMA foreign_key_check"))).all()
    if broken:
        raise DatabaseProblem(
            f"the database holds rows that name missing ones, first in {broken[0][0]}; "
            "nothing was changed, restore a backup"
        )


async def migrate_or_explain(database: Database) -> None:
    """Apply all missing revisions.

    Raises:
        DatabaseProblem: the database cannot be reached or written; says what to do.
    """
    check_folder(database)
    try:
        await migrate(database)
    except (OSError, DBAPIError) as error:
        raise DatabaseProblem(explained(database, error)) from error
    except CommandError as error:
        raise DatabaseProblem(
            f"the database was made by a newer version of the program ({error}); "
            "install that version, or restore a backup"
        ) from error


def explained(database: Database, error: Exception) -> str:
    """Return what a failed connection means for whoever runs the service."""
    where = database.sqlite_path or f"PostgreSQL at {database.url.host or 'its socket'}"
    why = getattr(error, "orig", None) or error
    return (
        f"CONVOKE_DATABASE_URL: {where} cannot be used ({type(why).__name__}: {why}); "
        "check that it exists, is running, and lets this user in"
    )


def check_folder(database: Database) -> None:
    """Say so before a connection fails: the driver's thread may outlive the event loop then.

    Raises:
        DatabaseProblem: the folder of an SQLite file does not exist.
    """
    path = database.sqlite_path
    if path and not path.startswith("file:") and not Path(path).parent.is_dir():
        raise DatabaseProblem(
            f"CONVOKE_DATABASE_URL: {path} cannot be used, its folder does not exist; "
            "make the folder, or name a file elsewhere"
        )


async def draft_revision(database: Database, message: str) -> None:
    """Write a new revision from the difference to the tables; for developers."""
    async with database.connection() as connection, connection.begin():
        await connection.run_sync(
            lambda sync: command.revision(_config(sync), message=message, autogenerate=True)
        )
