"""Waking others after a commit, in this process and, on PostgreSQL, in another."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from bot.storage import wake
from bot.storage.database import Database, Write
from tests.integration.conftest import OpenDatabase

LISTENERS = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = :name"


async def _ring(write: Write) -> None:
    write.wake("ledger:slack:T1")


async def test_a_commit_wakes_whoever_waits_for_its_topic(database: Database) -> None:
    async with (
        database.wakeups.waiting_for("ledger:slack:T1") as rung,
        database.wakeups.waiting_for("ledger:slack:T2") as elsewhere,
        database.wakeups.waiting_for("ledger:slack:T11") as alike,
    ):
        await database.write(_ring)
        assert [rung.is_set(), elsewhere.is_set(), alike.is_set()] == [True, False, False]


async def test_work_for_every_account_wakes_the_senders_of_each(database: Database) -> None:
    async def ring_all(write: Write) -> None:
        write.wake(wake.LEDGER)

    async with database.wakeups.waiting_for("ledger:slack:T1") as rung:
        await database.write(ring_all)
        assert rung.is_set()


async def test_nothing_waits_any_more_after_its_block(database: Database) -> None:
    async with database.wakeups.waiting_for("ledger") as rung:
        pass
    await database.write(_ring)
    assert not rung.is_set()


@pytest.fixture
async def listener(
    database: Database, open_database: OpenDatabase, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Database]:
    """Another process's database that listens; it opens a lost connection again soon."""
    if database.is_sqlite:
        pytest.skip("one process at a time on SQLite")
    monkeypatch.setattr(wake, "RECONNECT_SECONDS", 0.05)
    other = open_database()
    task = asyncio.create_task(wake.listen(other))
    await _listening_pid(database)
    yield other
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _listening_pid(database: Database, besides: int = 0) -> int:
    name = str(database.url.database)
    async with asyncio.timeout(10):
        while True:
            async with database.read() as read:
                rows = await read.all(text(LISTENERS).bindparams(name=name))
            pids = {row.pid for row in rows} - {besides}
            if pids:
                return int(pids.pop())
            await asyncio.sleep(0.02)


async def _wakes(database: Database, listener: Database) -> None:
    async with listener.wakeups.waiting_for("ledger:slack:T1") as rung:
        await database.write(_ring)
        async with asyncio.timeout(5):
            await rung.wait()


@pytest.mark.postgres
async def test_a_commit_wakes_another_process(database: Database, listener: Database) -> None:
    await _wakes(database, listener)


@pytest.mark.postgres
async def test_a_killed_connection_listens_again(database: Database, listener: Database) -> None:
    killed = await _listening_pid(database)
    async with database.read() as read:
        await read.execute(text("SELECT pg_terminate_backend(:pid)").bindparams(pid=killed))
    await _listening_pid(database, besides=killed)
    await _wakes(database, listener)


@pytest.mark.postgres
async def test_a_rolled_back_transaction_wakes_nobody(
    database: Database, listener: Database
) -> None:
    async def work(write: Write) -> None:
        write.wake("never")
        raise KeyError

    async with (
        listener.wakeups.waiting_for("never") as never,
        listener.wakeups.waiting_for("ledger:slack:T1") as rung,
    ):
        with pytest.raises(KeyError):
            await database.write(work)
        await database.write(_ring)
        async with asyncio.timeout(5):
            await rung.wait()
        assert not never.is_set()
    assert not database.is_sqlite


async def test_listening_ends_at_once_on_sqlite(database: Database) -> None:
    if database.is_sqlite:
        await asyncio.wait_for(wake.listen(database), 1)
