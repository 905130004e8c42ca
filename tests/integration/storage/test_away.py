"""What counts as a database that is away: only what the database itself said."""

import sqlite3
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.storage.away import Collided, DatabaseAway, away_told
from bot.storage.database import Database
from tests.integration.conftest import OpenDatabase
from tests.support.databases import Server


class Said(Exception):
    """An error of the driver with PostgreSQL's code."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("words with a secret in them")
        self.sqlstate = sqlstate


def from_sqlite(code: int) -> OperationalError:
    error = sqlite3.OperationalError("words")
    error.sqlite_errorcode = code
    return OperationalError("SELECT 1", {}, error)


@pytest.mark.parametrize("state", ["08006", "53300", "57P01", "57P03", "55000", "40P01", "40001"])
@pytest.mark.parametrize("wrapped", [True, False])
def test_the_codes_of_a_server_that_is_away(state: str, wrapped: bool) -> None:
    with pytest.raises(DatabaseAway, match=rf"^Said {state}$") as caught, away_told():
        raise DBAPIError("SELECT 1", {}, Said(state)) if wrapped else Said(state)
    assert isinstance(caught.value, Collided) == state.startswith("40")


@pytest.mark.parametrize(
    "error",
    [
        OSError("no route"),
        TimeoutError(),
        PoolTimeoutError(),
        from_sqlite(sqlite3.SQLITE_BUSY),
        from_sqlite(sqlite3.SQLITE_IOERR_FSYNC),
        from_sqlite(sqlite3.SQLITE_FULL),
    ],
)
def test_a_connection_that_cannot_be_had_is_away(error: Exception) -> None:
    with pytest.raises(DatabaseAway), away_told():
        raise error


@pytest.mark.parametrize(
    "error",
    [
        DBAPIError("SELECT 1", {}, Said("23505")),
        DBAPIError("SELECT 1", {}, Said("57014")),
        from_sqlite(sqlite3.SQLITE_ERROR),
        ZeroDivisionError(),
    ],
)
def test_a_no_is_a_no(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, away_told():
        raise error
    assert not isinstance(caught.value, DatabaseAway)


async def _in_read(database: Database, work: Callable[[], Awaitable[None]]) -> None:
    async with database.read():
        await work()


async def _in_write(database: Database, work: Callable[[], Awaitable[None]]) -> None:
    await database.write(lambda _write: work())


@pytest.mark.parametrize("unit", [_in_read, _in_write])
async def test_what_is_raised_inside_a_unit_of_work_stays_what_it_is(
    database: Database, unit: Callable[[Database, Callable[[], Awaitable[None]]], Awaitable[None]]
) -> None:
    own = TimeoutError("the handler's own")

    async def work() -> None:
        raise own

    with pytest.raises(TimeoutError) as caught:
        await unit(database, work)
    assert caught.value is own


@pytest.mark.postgres
async def test_a_connection_cut_in_the_middle_is_away(
    database: Database, open_database: OpenDatabase
) -> None:
    if database.is_sqlite:
        pytest.skip("nobody can cut it")
    other = open_database()
    cut = text("SELECT pg_terminate_backend(:pid)")

    async def goes_on_after_the_cut() -> None:
        async with database.read() as read:
            pid = await read.scalar(text("SELECT pg_backend_pid()"))
            await other.write(lambda write: write.execute(cut, {"pid": pid}))
            await read.scalar(text("SELECT 1"))

    with pytest.raises(DatabaseAway):
        await goes_on_after_the_cut()


@pytest.mark.postgres
async def test_a_server_that_lets_nobody_in_is_away(postgres: Server) -> None:
    async with postgres.fresh(migrated=False) as url:
        name = make_url(url).database
        await postgres._run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        database = Database(url)
        try:
            with pytest.raises(DatabaseAway, match="55000"):
                await _in_write(database, lambda: pytest.fail("it was let in"))
        finally:
            await database.close()
