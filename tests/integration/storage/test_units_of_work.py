"""Reading, writing, and what may be awaited in between (invariants 2 and 5)."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from bot.domain.delivery import Lane
from bot.storage import key_values, tables
from bot.storage.database import Database, DatabaseProblem, Read, Write
from bot.storage.guard import AwaitedInTransaction
from bot.storage.wake import PATIENCE, WriterQueue
from tests.integration.conftest import OpenDatabase

KEYS = col(tables.KeyValue.key)


async def _value(database: Database, key: str) -> str | None:
    async with database.read() as read:
        return await key_values.get(read, key)


async def _put(database: Database, key: str, value: str, lane: Lane = Lane.BULK) -> None:
    await database.write(lambda write: key_values.put(write, key, value), lane)


async def _add_one(write: Write, key: str) -> None:
    count = int(await key_values.get(write, key) or 0)
    await key_values.put(write, key, str(count + 1))


async def _sleeps(_database: Database) -> None:
    await asyncio.sleep(0)


async def _asks_the_network(_database: Database) -> None:
    await asyncio.open_connection("127.0.0.1", 9)


async def _reads_beside(database: Database) -> None:
    async with database.read() as read:
        await key_values.get(read, "a")


async def _writes_inside(database: Database) -> None:
    await _put(database, "b", "1")


async def _waits_for_a_task(_database: Database) -> None:
    await asyncio.create_task(asyncio.sleep(0))


async def _gathers(_database: Database) -> None:
    await asyncio.gather(asyncio.sleep(0), asyncio.sleep(0))


POOLED = 10
"""More than a pool holds, so that each of its connections has its turn."""
FOREIGN = (
    _sleeps,
    _asks_the_network,
    _reads_beside,
    _writes_inside,
    _waits_for_a_task,
    _gathers,
)


@pytest.mark.parametrize("foreign", FOREIGN)
async def test_whatever_is_awaited_beside_storage_raises_and_rolls_back(
    database: Database, foreign: Callable[[Database], Awaitable[None]]
) -> None:
    async def work(write: Write) -> None:
        await key_values.put(write, "a", "1")
        await foreign(database)

    with pytest.raises(AwaitedInTransaction):
        await asyncio.wait_for(database.write(work), 10)
    assert await _value(database, "a") is None
    await _put(database, "a", "2")
    assert await _value(database, "a") == "2"


@pytest.mark.parametrize("beside", [_reads_beside, _writes_inside])
async def test_storage_beside_a_transaction_leaves_every_connection_usable(
    database: Database, beside: Callable[[Database], Awaitable[None]]
) -> None:
    """Interrupted while it began, a connection went back to the pool and failed for ever."""

    async def work(write: Write) -> None:
        await key_values.put(write, "a", "1")
        await beside(database)

    await asyncio.gather(*(_value(database, "a") for _ in range(POOLED)))  # now they are there
    for _ in range(POOLED):
        with pytest.raises(AwaitedInTransaction):
            await database.write(work)
    for number in range(POOLED):
        await asyncio.gather(*(_value(database, "a") for _ in range(POOLED)))
        await _put(database, "a", str(number))


async def test_a_snapshot_opened_before_is_refused_too(database: Database) -> None:
    async with database.read() as read:

        async def work(write: Write) -> None:
            await key_values.put(write, "a", "1")
            await read.all(text("SELECT 1"))

        with pytest.raises(AwaitedInTransaction):
            await database.write(work)
        assert await read.scalar(text("SELECT 1")) == 1
    assert await _value(database, "a") is None


async def test_the_guard_speaks_again_to_code_that_swallows_it(database: Database) -> None:
    async def work(write: Write) -> None:
        try:
            await asyncio.sleep(0)
        except RuntimeError:
            await asyncio.sleep(0)

    with pytest.raises(AwaitedInTransaction):
        await database.write(work)


async def test_storage_may_be_awaited_in_any_shape(database: Database) -> None:
    async def work(write: Write) -> int:
        for number in range(5):
            await key_values.put(write, f"key {number}", str(number))
        rows = await write.all(text("SELECT count(*) FROM key_value"))
        return int(rows[0][0])

    assert await database.write(work) == 5


async def test_an_exception_rolls_everything_back(database: Database) -> None:
    class Wrong(Exception):
        pass

    async def work(write: Write) -> None:
        await key_values.put(write, "a", "1")
        write.wake("bell")
        raise Wrong

    async with database.wakeups.waiting_for("bell") as rung:
        with pytest.raises(Wrong):
            await database.write(work)
        assert not rung.is_set()
    assert await _value(database, "a") is None


async def test_a_read_is_a_snapshot(database: Database, open_database: OpenDatabase) -> None:
    other = open_database()
    await _put(database, "a", "1")
    async with database.read() as read:
        assert await key_values.get(read, "a") == "1"
        await _put(database, "a", "2")
        await _put(other, "b", "2")
        assert await key_values.get(read, "a") == "1"
        assert await key_values.get(read, "b") is None
    assert await _value(other, "a") == "2"


async def test_a_reader_cannot_write(database: Database) -> None:
    change = update(tables.KeyValue).values(value="3").where(KEYS == "a")
    async with database.read() as read:
        with pytest.raises(DBAPIError, match=r"read-?only"):
            await read.execute(change)
    for _connection in range(12):  # the pool's connections are not left read-only
        await _put(database, "a", "1")


async def test_increments_of_many_writers_all_count(
    database: Database, open_database: OpenDatabase
) -> None:
    """SQLite takes its lock at once; on PostgreSQL a row is locked by changing it first."""
    databases = [database, *(open_database() for _other in range(3))]
    await _put(database, "count", "0")

    async def work(write: Write) -> None:
        touch = update(tables.KeyValue).values(value=tables.KeyValue.value)
        await write.execute(touch.where(KEYS == "count"))
        await _add_one(write, "count")

    await asyncio.gather(*(databases[n % 4].write(work) for n in range(80)))
    assert await _value(database, "count") == "80"


async def test_conversations_write_before_bulk_that_waited_longer() -> None:
    queue, order, everybody_waits = WriterQueue(), [], asyncio.Event()

    async def writer(name: str, lane: Lane) -> None:
        async with queue.turn(lane):
            order.append(name)
            await everybody_waits.wait()

    async with asyncio.TaskGroup() as group:
        for number in range(6):
            lane = Lane.BULK if number < 3 else Lane.CONVERSATION
            group.create_task(writer(f"{lane.name} {number}", lane))
            await asyncio.sleep(0)
        everybody_waits.set()
    names = ["BULK 0", "CONVERSATION 3", "CONVERSATION 4", "CONVERSATION 5", "BULK 1", "BULK 2"]
    assert order == names


async def test_a_queue_survives_every_way_of_being_cancelled() -> None:
    rng = random.Random(7)
    queue = WriterQueue()
    inside = most = done = 0

    async def writer() -> None:
        nonlocal inside, most, done
        async with queue.turn(rng.choice(list(Lane))):
            inside += 1
            most = max(most, inside)
            try:
                for _step in range(rng.randrange(3)):
                    await asyncio.sleep(0)
            finally:
                inside -= 1
        done += 1

    tasks = [asyncio.create_task(writer()) for _task in range(300)]
    while not all(task.done() for task in tasks):
        rng.choice(tasks).cancel()
        await asyncio.sleep(0)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (inside, most) == (0, 1)
    assert done > 50
    await asyncio.wait_for(writer(), 1)


async def test_cancelled_writers_leave_whole_transactions_and_no_lock(database: Database) -> None:
    """A writer cancelled anywhere, also during its commit, writes both rows or none."""
    rng = random.Random(3)

    async def work(write: Write, number: int) -> None:
        await key_values.put(write, f"left {number}", "1")
        await key_values.put(write, f"right {number}", "1")

    async def begin(number: int) -> None:
        await database.write(lambda write: work(write, number), rng.choice(list(Lane)))

    tasks = [asyncio.create_task(begin(number)) for number in range(120)]
    for task in rng.sample(tasks, 90):
        await asyncio.sleep(rng.random() / 300)
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.wait_for(_put(database, "after", "1"), 10)
    async with database.read() as read:
        rows = await read.all(text("SELECT key FROM key_value ORDER BY key"))
    keys = {row.key for row in rows} - {"after"}
    left = {key.removeprefix("left ") for key in keys if key.startswith("left")}
    right = {key.removeprefix("right ") for key in keys if key.startswith("right")}
    assert left == right
    finished = {str(n) for n, task in enumerate(tasks) if not task.cancelled()}
    assert finished <= left


async def test_cancelled_readers_leave_no_connection_behind(database: Database) -> None:
    rng = random.Random(5)

    async def look() -> None:
        async with database.read() as read:
            for _again in range(3):
                await key_values.get(read, "a")

    tasks = [asyncio.create_task(look()) for _task in range(60)]
    for task in rng.sample(tasks, 40):
        await asyncio.sleep(rng.random() / 300)
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.wait_for(asyncio.gather(*(look() for _reader in range(8))), 10)


@pytest.mark.postgres
async def test_a_deadlock_is_tried_again(database: Database, open_database: OpenDatabase) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer and no deadlocks")
    other = open_database()
    for key in ("a", "b"):
        await _put(database, key, "0")
    tries = 0
    met = asyncio.Barrier(2)

    def crossing(first: str, second: str) -> Callable[[Write], Awaitable[None]]:
        async def work(write: Write) -> None:
            nonlocal tries
            tries += 1
            await _add_one(write, first)
            if tries <= 2:  # both hold one row and want the other's
                write.busy += 1
                await met.wait()
                write.busy -= 1
            await _add_one(write, second)

        return work

    await asyncio.gather(database.write(crossing("a", "b")), other.write(crossing("b", "a")))
    assert tries == 3
    assert [await _value(database, key) for key in ("a", "b")] == ["2", "2"]


async def test_other_errors_are_not_tried_again(database: Database) -> None:
    tries = 0

    async def work(write: Write) -> None:
        nonlocal tries
        tries += 1
        await write.execute(text("SELECT * FROM nowhere"))

    with pytest.raises(DBAPIError):
        await database.write(work)
    assert tries == 1


async def test_a_write_sees_its_own_rows(database: Database) -> None:
    async def work(write: Write) -> tuple[str | None, bool]:
        await key_values.put(write, "a", "1")
        return await key_values.get(write, "a"), isinstance(write, Read)

    assert await database.write(work) == ("1", True)


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://u:hidden@h/x", "sqlite://", "sqlite:///:memory:"]
)
def test_a_url_that_cannot_serve_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(DatabaseProblem) as refused:
        Database(url)
    assert "CONVOKE_DATABASE_URL" in str(refused.value)
    assert "hidden" not in str(refused.value)


async def test_a_broadcast_has_its_turn_though_conversations_never_pause() -> None:
    """Members wrote faster than SQLite commits, and an announcement was never sent."""
    queue, order = WriterQueue(), []

    async def write(lane: Lane) -> None:
        async with queue.turn(lane):
            order.append(lane)
            await asyncio.sleep(0)

    async def writer_without_a_pause() -> None:
        while True:
            await write(Lane.CONVERSATION)

    busy = [asyncio.create_task(writer_without_a_pause()) for _ in range(3)]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        for _ in range(5):
            await write(Lane.BULK)
    for task in busy:
        task.cancel()
    await asyncio.gather(*busy, return_exceptions=True)
    gaps = [len(list(run)) for lane, run in itertools.groupby(order) if lane is Lane.CONVERSATION]
    assert order.count(Lane.BULK) == 5
    assert min(gaps[1:5]) >= PATIENCE, "conversations go first"
    assert max(gaps[:5]) <= PATIENCE + 3
