"""A ledger whose every change of state is noted by the database itself."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from bot.domain.delivery import MOVES, DeliveryState
from bot.storage.database import Database

SQLITE = (
    "CREATE TABLE moved (old TEXT, new TEXT)",
    "CREATE TRIGGER note AFTER UPDATE OF state ON delivery WHEN OLD.state <> NEW.state "
    "BEGIN INSERT INTO moved VALUES (OLD.state, NEW.state); END",
)
POSTGRES = (
    "CREATE TABLE moved (old TEXT, new TEXT)",
    "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "INSERT INTO moved VALUES (OLD.state, NEW.state); RETURN NEW; END $$",
    "CREATE TRIGGER note AFTER UPDATE OF state ON delivery FOR EACH ROW "
    "WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION note()",
)


@pytest.fixture
async def audited(database: Database) -> AsyncIterator[Database]:
    """The database; afterwards every move of the ledger must have been a legal one."""
    async with database.connection() as connection, connection.begin():
        for statement in SQLITE if database.is_sqlite else POSTGRES:
            await connection.exec_driver_sql(statement)
    yield database
    async with database.read() as read:
        rows = await read.all(text("SELECT DISTINCT old, new FROM moved"))
    for row in rows:
        assert DeliveryState(row.new) in MOVES[DeliveryState(row.old)], f"{row.old} → {row.new}"
