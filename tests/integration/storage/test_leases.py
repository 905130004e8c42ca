"""Invariant 6: one holder at a time, a higher number for every new one, the database's clock."""

import asyncio
import random

from sqlalchemy import select, update
from sqlmodel import col

from bot.storage import leases, tables
from bot.storage.database import Database, Write
from tests.integration.conftest import OpenDatabase

NAME = "telegram:bot"
LEASE = tables.Lease


async def acquire(database: Database, holder: str, name: str = NAME) -> int | None:
    return await database.write(lambda write: leases.acquire(write, name, holder))


async def holder(database: Database, name: str = NAME) -> str | None:
    async with database.read() as read:
        return await leases.holder(read, name)


async def pass_time(database: Database, seconds: float, name: str = NAME) -> None:
    """Let the lease be ``seconds`` older, by the database's own clock."""
    older = update(LEASE).where(col(LEASE.name) == name).values(expires=LEASE.expires - seconds)
    await database.write(lambda write: write.execute(older))


async def release(database: Database, who: str) -> None:
    await database.write(lambda write: leases.release(write, NAME, who))


async def test_a_held_lease_is_refused_to_others_and_renewed_for_its_holder(
    database: Database,
) -> None:
    assert await acquire(database, "one") == 1
    assert await acquire(database, "two") is None
    await pass_time(database, leases.SECONDS - 1)
    assert await acquire(database, "one") == 1
    await pass_time(database, leases.SECONDS - 1)
    assert await acquire(database, "two") is None
    assert await holder(database) == "one"


async def test_an_expired_lease_goes_to_whoever_asks_under_a_higher_number(
    database: Database,
) -> None:
    await acquire(database, "one")
    await pass_time(database, leases.SECONDS + 0.001)
    assert await holder(database) is None
    assert await acquire(database, "two") == 2
    assert await acquire(database, "one") is None
    await pass_time(database, leases.SECONDS)
    assert await acquire(database, "two") == 3, "a holder that was late holds it anew"


async def test_released_is_free_at_once_and_only_its_holder_releases(database: Database) -> None:
    await acquire(database, "one")
    await release(database, "two")
    assert await acquire(database, "two") is None
    await release(database, "one")
    assert await acquire(database, "two") == 2


async def test_whoever_is_provably_alone_ends_every_lease(database: Database) -> None:
    await acquire(database, "one")
    await acquire(database, "dead", "process:dead")
    await database.write(leases.expire_all)
    assert await holder(database, "process:dead") is None
    assert await acquire(database, "two") == 2, "numbers rise across restarts"


async def test_processes_are_forgotten_long_after_they_died_only(database: Database) -> None:
    for name in ("process:long", "process:just", NAME):
        await acquire(database, "x", name)
    await pass_time(database, 3700, "process:long")
    await pass_time(database, 3700)
    await pass_time(database, 60, "process:just")
    await database.write(leases.forget_processes)
    async with database.read() as read:
        rows = await read.all(select(col(LEASE.name)).order_by(col(LEASE.name)))
    assert [row.name for row in rows] == ["process:just", NAME]


async def test_eight_contenders_never_hold_it_together(
    database: Database, open_database: OpenDatabase
) -> None:
    """Whoever gets it works a while; it expires, is released or renewed at random."""
    rng = random.Random(4)
    databases = [database] if database.is_sqlite else [open_database() for _one in range(8)]
    history: list[int] = []
    holding: dict[str, int] = {}

    async def contend(number: int) -> None:
        mine, me = databases[number % len(databases)], f"p{number}"
        wins = 0
        while wins < 2:
            epoch = await _acquire_and_note(mine, me, holding, history)
            if epoch is None:
                await asyncio.sleep(0)
                continue
            wins += 1
            for _step in range(rng.randrange(4)):
                await asyncio.sleep(0)
                assert await acquire(mine, me) == epoch
            holding.pop(me)
            if rng.random() < 0.5:
                await release(mine, me)
            else:
                await pass_time(mine, leases.SECONDS)

    await asyncio.gather(*(contend(number) for number in range(8)))
    assert history == list(range(1, 17))


async def _acquire_and_note(
    database: Database, me: str, holding: dict[str, int], history: list[int]
) -> int | None:
    """Note the holder inside the transaction, so that the notes are in the commits' order."""

    async def work(write: Write) -> int | None:
        epoch = await leases.acquire(write, NAME, me)
        if epoch is not None:
            assert not holding, f"{me} got it while {holding} hold it"
            holding[me] = epoch
            history.append(epoch)
        return epoch

    return await database.write(work)
