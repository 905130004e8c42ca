"""Invariant 1: every update once, in order within its conversation, whoever claims."""

import asyncio
import itertools
import random
import sys
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlmodel import col

from bot.domain.address import AccountRef, Address, MessageRef
from bot.domain.incoming import Incoming, Pressed, Said, Submitted
from bot.services import upkeep
from bot.storage import inbox, leases, losses, tables
from bot.storage.codec import from_json, to_json
from bot.storage.database import Database, Write
from bot.storage.inbox import InboxRow
from tests.integration.conftest import OpenDatabase
from tests.integration.storage.claimer import claim_all

NOW = datetime(2019, 12, 31, 12, tzinfo=UTC)
CONVERSATIONS = 50


def said(number: int, chat: str = "1", words: str = "") -> Said:
    return Said(
        delivery_id=str(number),
        at=NOW,
        where=Address("telegram", "bot", chat),
        who=AccountRef("telegram", "bot", chat),
        is_direct=True,
        text=words or f"message {number}",
    )


async def store_all(database: Database, updates: Iterable[Incoming]) -> list[int | None]:
    async def work(write: Write) -> list[int | None]:
        return [await inbox.store(write, one, NOW) for one in updates]

    return await database.write(work)


async def claim(database: Database, process: str = "one", limit: int = 10) -> tuple[InboxRow, ...]:
    return await database.write(lambda write: inbox.claim(write, process, limit))


async def finish(database: Database, row: InboxRow, process: str = "one", error: str = "") -> bool:
    return await database.write(lambda write: inbox.finish(write, row.id, process, NOW, error))


async def alive(database: Database, process: str) -> None:
    await database.write(lambda write: leases.acquire(write, f"process:{process}", process))


def texts(rows: Iterable[InboxRow]) -> list[str]:
    return [getattr(row.incoming, "text", "") for row in rows]


async def many(database: Database, count: int) -> None:
    rng = random.Random(1)
    updates = [said(n, str(rng.randrange(CONVERSATIONS))) for n in range(count)]
    await store_all(database, updates)


async def prove(database: Database, journal: list[str], count: int) -> None:
    """Check a journal of ``claim`` and ``done`` lines against invariant 1."""
    open_in: dict[str, int] = {}
    handled: dict[str, list[int]] = defaultdict(list)
    for line in journal:
        what, number, chat = line.split()
        if what == "claim":
            assert chat not in open_in, f"{line}: {open_in[chat]} is not done yet"
            open_in[chat] = int(number)
            handled[chat].append(int(number))
        else:
            assert open_in.pop(chat) == int(number)
    assert all(rows == sorted(rows) for rows in handled.values())
    every = list(itertools.chain.from_iterable(handled.values()))
    assert len(every) == len(set(every)) == count
    async with database.read() as read:
        assert await inbox.counts(read) == {"done": count}


@pytest.mark.slow
async def test_eight_claimers_of_a_thousand_updates(
    database: Database, open_database: OpenDatabase
) -> None:
    """Eight tasks; on PostgreSQL each with connections of its own, as processes have."""
    await many(database, 1000)
    journal: list[str] = []
    others = [database] * 8 if database.is_sqlite else [open_database() for _one in range(8)]
    await asyncio.gather(*(claim_all(one, f"p{n}", journal) for n, one in enumerate(others)))
    await prove(database, journal, 1000)


@pytest.mark.slow
async def test_three_processes_of_the_operating_system(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await many(database, 300)
    script = str(Path(__file__).with_name("claimer.py"))
    journals = [tmp_path / f"p{n}.txt" for n in range(3)]
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, script, database_url, journal.stem, str(journal)),
            cwd=Path(__file__).parents[3],
            env={"PYTHONPATH": ".", "PATH": ""},
            stderr=asyncio.subprocess.PIPE,
        )
        for journal in journals
    ]
    errors = [(await process.communicate())[1].decode()[-2000:] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], errors
    lines = [line.split(" ", 1) for one in journals for line in one.read_text().splitlines()]
    in_order = [line for _at, line in sorted(lines, key=lambda line: int(line[0]))]
    await prove(database, in_order, 300)


async def test_a_claim_never_takes_more_than_its_limit(database: Database) -> None:
    """PostgreSQL may run a sub-select with a limit more than once, whatever its plan."""
    await store_all(database, [said(n, str(n)) for n in range(300)])
    sizes = []
    for limit in (1, 2, 7, 50):
        sizes.append(len(await claim(database, limit=limit)))
        await database.write(lambda write: write.execute(text("ANALYZE")))
    assert sizes == [1, 2, 7, 50]


async def test_redelivery_stores_nothing(database: Database) -> None:
    first, again = await store_all(database, [said(1), said(1, words="other words")])
    assert first is not None
    assert again is None
    assert await store_all(database, [said(1)]) == [None]
    assert texts(await claim(database)) == ["message 1"]


async def test_deliveries_at_once_store_once(
    database: Database, open_database: OpenDatabase
) -> None:
    databases = [open_database() for _one in range(4)]
    found = await asyncio.gather(*(store_all(databases[n % 4], [said(7)]) for n in range(16)))
    assert len([one for (one,) in found if one is not None]) == 1


async def test_the_same_number_on_another_account_is_another_update(database: Database) -> None:
    other = said(1)
    elsewhere = Said(
        delivery_id="1",
        at=NOW,
        where=Address("slack", "T1", "1"),
        who=AccountRef("slack", "T1", "1"),
        is_direct=True,
        text="elsewhere",
    )
    assert None not in await store_all(database, [other, elsewhere])


async def test_a_conversation_goes_on_only_when_its_head_is_finished(database: Database) -> None:
    await store_all(database, [said(1, "a"), said(2, "a"), said(3, "b")])
    one, three = await claim(database)
    assert texts([one, three]) == ["message 1", "message 3"]
    assert await claim(database) == ()
    assert await finish(database, one)
    assert texts(await claim(database)) == ["message 2"]


async def test_a_failed_head_lets_the_conversation_go_on(database: Database) -> None:
    await store_all(database, [said(1), said(2)])
    (row,) = await claim(database)
    assert await finish(database, row, error="ValueError")
    assert texts(await claim(database)) == ["message 2"]
    async with database.read() as read:
        assert [one.error for one in await losses.unhandled(read)] == ["ValueError"]
        assert await losses.undelivered(read) == ()


async def test_what_is_given_back_comes_first_again_and_counts_its_tries(
    database: Database,
) -> None:
    await store_all(database, [said(1), said(2)])
    (row,) = await claim(database)
    assert await database.write(lambda w: inbox.give_back(w, [row.id], "another")) == 0
    assert await database.write(lambda w: inbox.give_back(w, [row.id], "one")) == 1
    (again,) = await claim(database, "two")
    assert (again.id, again.attempts) == (row.id, 2)


async def test_only_whoever_holds_a_row_finishes_it_and_only_once(database: Database) -> None:
    await store_all(database, [said(1)])
    (row,) = await claim(database)
    assert not await finish(database, row, "another")
    assert await finish(database, row)
    assert not await finish(database, row)


async def test_what_a_dead_process_held_is_handled_again_and_the_dead_one_finishes_nothing(
    database: Database,
) -> None:
    await alive(database, "dead")
    await alive(database, "living")
    await store_all(database, [said(1, "a"), said(2, "b"), said(3, "a")])
    (dead,) = await claim(database, "dead", 1)
    (living,) = await claim(database, "living", 1)
    assert await upkeep.free_orphans(database) == 0
    await _expire(database, "process:dead")
    assert await upkeep.free_orphans(database) == 1
    assert not await finish(database, dead, "dead")
    (again,) = await claim(database, "living")
    assert (again.id, again.attempts) == (dead.id, 2)
    assert await finish(database, living, "living")
    assert await finish(database, again, "living")


async def test_orphans_are_freed_once_by_many(
    database: Database, open_database: OpenDatabase
) -> None:
    await store_all(database, [said(n, str(n)) for n in range(20)])
    await claim(database, "never-alive", 20)
    others = [open_database() for _one in range(4)]
    assert sum(await asyncio.gather(*(upkeep.free_orphans(one) for one in others))) == 20


async def _expire(database: Database, name: str) -> None:
    lease = tables.Lease
    statement = update(lease).where(col(lease.name) == name).values(expires=lease.expires - 60)
    await database.write(lambda write: write.execute(statement))


@pytest.mark.postgres
async def test_arrivals_of_one_conversation_through_two_processes_commit_in_their_order(
    database: Database, open_database: OpenDatabase
) -> None:
    """A row with a lower number must not appear after a higher one was already claimed."""
    if database.is_sqlite:
        pytest.skip("SQLite has one writer")
    first_is_stored, other = asyncio.Event(), open_database()

    async def slowly(write: Write) -> None:
        await inbox.store(write, said(1), NOW)
        first_is_stored.set()
        write.busy += 1
        await asyncio.sleep(0.2)
        write.busy -= 1

    slow = asyncio.create_task(database.write(slowly))
    await first_is_stored.wait()
    elsewhere = asyncio.create_task(store_all(other, [said(3, "2")]))
    await asyncio.wait_for(elsewhere, 0.15)  # another conversation does not wait
    quick = asyncio.create_task(store_all(other, [said(2)]))
    await asyncio.wait({slow, quick}, return_when=asyncio.FIRST_COMPLETED)
    assert sorted(texts(await claim(database))) == ["message 1", "message 3"]
    await asyncio.gather(slow, quick)


HOSTILE = (
    "nul \x00 inside",
    "\x00",
    "half \ud83d of a face",
    "\udc80\udcff from a terminal",
    "'; DROP TABLE inbox; --",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 e\u0301 \u202e \ufeff 你好",
    "\\u0000 \\ud800 typed",
    "x" * 10_000,
    "",
)


async def test_any_text_is_stored_and_comes_back_as_text_that_can_be_stored(
    database: Database,
) -> None:
    stored = await store_all(
        database, [said(n, str(n), words or " ") for n, words in enumerate(HOSTILE)]
    )
    assert None not in stored
    for words, came_back in zip(HOSTILE, texts(await claim(database)), strict=True):
        came_back.encode()
        assert "\x00" not in came_back
        if words.isprintable():
            assert came_back == (words or " ")


async def test_hostile_text_in_every_other_field_is_stored(database: Database) -> None:
    bad = "\x00\ud800x"
    where, who = Address("telegram", "bot", bad), AccountRef("telegram", "bot", bad)
    submitted = Submitted(
        delivery_id=bad,
        at=NOW,
        where=where,
        who=who,
        is_direct=True,
        form=bad,
        values=((bad, bad),),
        locale=bad,
        name=bad,
    )
    (first,) = await store_all(database, [submitted])
    (again,) = await store_all(database, [submitted])
    assert first is not None
    assert again is None
    (row,) = await claim(database)
    assert "\x00" not in repr(row.incoming)
    repr(row.incoming).encode()


async def test_a_row_of_another_version_stops_nobody(database: Database) -> None:
    await store_all(database, [said(1, "a"), said(2, "a"), said(3, "b")])
    for number, payload in ((1, {"kind": "Sung"}), (3, {"kind": "Said", "tune": "x"})):
        change = update(tables.Inbox).where(col(tables.Inbox.delivery_id) == str(number))
        await database.write(partial(Write.execute, statement=change.values(payload=payload)))
    assert await claim(database) == ()
    assert texts(await claim(database)) == ["message 2"]
    async with database.read() as read:
        assert await inbox.counts(read) == {"failed": 2, "claimed": 1}


def test_every_kind_of_update_survives_storing() -> None:
    where, who = Address("slack", "T", "C", "12.3"), AccountRef("slack", "T", "U")
    shared = {"delivery_id": "1", "at": NOW + timedelta(microseconds=1), "where": where, "who": who}
    pressed = Pressed(
        **shared,  # type: ignore[arg-type]  # the fields above, by name
        is_direct=True,
        action="rsvp",
        value="1|going",
        ref=MessageRef(where, "99.1"),
    )
    submitted = Submitted(
        **shared,  # type: ignore[arg-type]  # the fields above, by name
        is_direct=True,
        form="f",
        values=(("a", "b"), ("c", "d")),
    )
    for one in (pressed, submitted):
        assert from_json(to_json(one)) == one
