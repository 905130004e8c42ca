"""A task that is cancelled in the middle of its work with the database leaves no lock behind."""

import asyncio
import random
from collections.abc import Callable

import pytest
from sqlalchemy import text

from bot.domain.delivery import Lane
from bot.storage import key_values
from bot.storage.database import Database, Write

TIMES = 40
CHANGE = "UPDATE key_value SET value = :value RETURNING key, value"


async def _change_all(database: Database, value: str) -> None:
    async def work(write: Write) -> None:
        for _time in range(3):
            await write.all(text(CHANGE).bindparams(value=value))

    await database.write(work, Lane.CONVERSATION)


@pytest.mark.parametrize("seed", range(3))
async def test_whoever_comes_next_finds_no_lock(
    database: Database, open_database: Callable[[], Database], seed: int
) -> None:
    """The tasks are kept: a statement that hangs on to its rows must not keep the lock."""

    async def furnish(write: Write) -> None:
        for number in range(20):
            await key_values.put(write, f"key {number}", "")

    await database.write(furnish)
    chance = random.Random(seed)
    other = open_database()
    tasks = []
    for number in range(TIMES):
        task = asyncio.create_task(_change_all(database, str(number)))
        await asyncio.sleep(chance.uniform(0, 0.006))
        task.cancel()
        await asyncio.wait({task})
        tasks.append(task)
        async with asyncio.timeout(2):
            await _change_all(other, "other")
    assert any(task.cancelled() for task in tasks)
