"""Whether the database can be used; it is looked at, and nothing in it is changed."""

import os
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from bot.domain.people import StaffRole
from bot.setup.finding import Finding, Level, found
from bot.storage import schema, staff
from bot.storage.database import Database, DatabaseProblem

THING = "database"


async def check_database(url: str) -> tuple[Finding, ...]:
    """Return how the database at ``url`` is, and whether somebody may decide there."""
    try:
        database = Database(url)
    except DatabaseProblem as error:
        return (found(Level.WRONG, THING, "database-away", problem=error),)
    try:
        return await _looked_at(database)
    finally:
        await database.close()


async def _looked_at(database: Database) -> tuple[Finding, ...]:
    where = named(database)
    file = Path(database.sqlite_path) if database.sqlite_path else None
    if file is not None and not file.exists() and file.parent.is_dir():
        level = Level.WARNING if os.access(file.parent, os.W_OK) else Level.WRONG
        key = "database-new" if level is Level.WARNING else "database-readonly"
        return (found(level, THING, key, where=where),)
    try:
        schema.check_folder(database)
        revision = await schema.current_revision(database)
    except DatabaseProblem as error:
        return (found(Level.WRONG, THING, "database-away", problem=error),)
    except (OSError, DBAPIError) as error:
        problem = schema.explained(database, error)
        return (found(Level.WRONG, THING, "database-away", problem=problem),)
    if file is not None and not os.access(file, os.W_OK):
        return (found(Level.WRONG, THING, "database-readonly", where=where),)
    if revision == schema.newest_revision():
        admin = await _admins(database)
        return (found(Level.OK, THING, "database-ok", where=where), admin)
    return (_other_revision(where, revision),)


def _other_revision(where: str, revision: str) -> Finding:
    if not revision:
        return found(Level.WARNING, THING, "database-empty", where=where)
    if revision in schema.known_revisions():
        return found(Level.WARNING, THING, "database-old", where=where, revision=revision)
    return found(Level.WRONG, THING, "database-newer", where=where)


async def _admins(database: Database) -> Finding:
    async with database.read() as read:
        roles = [role for _email, role in await staff.everyone(read)]
    count = roles.count(StaffRole.ADMIN)
    if not count:
        return found(Level.WARNING, "staff", "admin-none")
    return found(
        Level.OK, "staff", "admin-ok", count=f"{count} {'person' if count == 1 else 'people'}"
    )


def named(database: Database) -> str:
    """Return what people call the database; no user and no password."""
    if database.is_sqlite:
        return f"SQLite {database.sqlite_path}"
    return f"PostgreSQL {database.url.database or ''} at {database.url.host or 'its socket'}"
