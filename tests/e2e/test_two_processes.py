"""Two services on one PostgreSQL, and the refusal of two on one SQLite file."""

import asyncio
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.support import READY, Running, World, tell, until, world

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(400)]

TAKEOVER_SECONDS = 15.0


def holders(runs: list[Running], platform: str) -> list[Running]:
    return [run for run in runs if f"{platform}: {READY}" in run.text]


async def pair(world: World) -> tuple[Running, Running]:
    """Start two at the same moment on an empty database; return (holder, other).

    Each account may be held by either; the holder here is Telegram's.
    """
    both = list(await asyncio.gather(world.start(), world.start()))
    await until(
        lambda: all(holders(both, name) for name in ("telegram", "slack")), "somebody holds", 30
    )
    holder = holders(both, "telegram")[0]
    other = next(run for run in both if run is not holder)
    assert other.process.returncode is None, other.text[-3000:]
    return holder, other


async def asked_and_answered(world: World, users: list[str]) -> None:
    for user in users:
        world.say(user, "Where is the cafeteria?")
    for user in users:
        await world.gets(user, "hall 42")


@pytest.mark.postgres
async def test_two_share_the_work_and_one_takes_over(tmp_path: Path, postgres_url: str) -> None:
    async with world(
        tmp_path, CONVOKE_DATABASE_URL=postgres_url, CONVOKE_TELEGRAM_RATE="100"
    ) as here:
        first, second = await pair(here)
        await here.furnish(40, 6)
        users = here.everybody()
        await asked_and_answered(here, users[:8] + users[-3:])
        number = await here.announce(title="First")
        report = await here.is_sent(number)
        assert (report["delivered"], report["total"]) == (46, 46)
        assert {here.copies(user, "First") for user in users} == {1}
        statuses = {one.status for one in here.telegram.journal.requests if one.method != "getMe"}
        assert "409" not in statuses, "two polled at once"

        # The holder dies while people write; the other takes over.
        number = await here.announce(title="Second")
        await until(lambda: any(here.copies(user, "Second") for user in users), "it has begun")
        died = time.monotonic()
        await first.killed()
        for user in users[8:12]:
            here.say(user, "Where is the cafeteria?")
        for user in users[8:12]:
            await here.gets(user, "hall 42", seconds=TAKEOVER_SECONDS + 3)
        await second.ready()
        took = time.monotonic() - died
        tell("takeover_seconds", round(took, 1))
        assert took < TAKEOVER_SECONDS
        report = await here.is_sent(number)
        assert report["total"] == 46
        assert report["delivered"] + report["unconfirmed"] == 46
        assert report["unconfirmed"] <= 32
        copies = {user: here.copies(user, "Second") for user in users}
        assert max(copies.values()) == 1
        assert list(copies.values()).count(0) <= report["unconfirmed"]

        # A successor starts, the holder ends in good order: faster, and nothing is unknown.
        third = await here.start()
        await until(lambda: "process" in third.text or time.monotonic() - third.begun > 3, "up")
        number = await here.announce(title="Third")
        await until(lambda: any(here.copies(user, "Third") for user in users), "it has begun")
        begun = time.monotonic()
        stopping = await second.stopped()
        await third.ready()
        handed_over = time.monotonic() - begun
        tell("graceful_seconds", (round(stopping, 1), round(handed_over, 1)))
        assert stopping < 10
        assert handed_over < 10
        report = await here.is_sent(number)
        assert (report["delivered"], report["unconfirmed"]) == (46, 0), report
        assert {here.copies(user, "Third") for user in users} == {1}
        await asked_and_answered(here, users[12:16])
        for user in users:
            assert len([m for m in here.from_bot(user) if "hall 42" in m.text]) <= 1


@pytest.mark.postgres
async def test_a_frozen_holder_comes_back_and_does_no_harm(
    tmp_path: Path, postgres_url: str
) -> None:
    """SIGSTOP is what a swapping machine or a suspended container looks like."""
    async with world(
        tmp_path, CONVOKE_DATABASE_URL=postgres_url, CONVOKE_TELEGRAM_RATE="20"
    ) as here:
        await here.furnish(60, 3)
        first, second = await pair(here)
        users = here.everybody()
        number = await here.announce(title="Frozen")
        await until(lambda: any(here.copies(user, "Frozen") for user in users), "it has begun")
        first.process.send_signal(signal.SIGSTOP)
        await second.ready()
        await asyncio.sleep(0.5)
        first.process.send_signal(signal.SIGCONT)
        report = await here.is_sent(number)
        assert report["total"] == 63
        assert report["delivered"] + report["unconfirmed"] == 63
        copies = {user: here.copies(user, "Frozen") for user in users}
        assert max(copies.values()) == 1
        assert list(copies.values()).count(0) <= report["unconfirmed"] <= 32
        await asked_and_answered(here, users[:3] + users[-1:])
        assert first.process.returncode is None
        await first.stopped()
        await second.stopped()


@pytest.mark.postgres
async def test_the_database_drops_all_connections(tmp_path: Path, postgres_url: str) -> None:
    """What a restart of PostgreSQL looks like: the service lives on and loses nothing."""
    async with world(
        tmp_path, CONVOKE_DATABASE_URL=postgres_url, CONVOKE_TELEGRAM_RATE="20"
    ) as here:
        await here.furnish(60, 3)
        run = await here.started()
        users = here.everybody()
        number = await here.announce(title="Dropped")
        for _ in range(4):
            here.say(users[_], "Where is the cafeteria?")
            await asyncio.sleep(0.4)
            await here.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert run.process.returncode is None, run.text[-3000:]
        report = await here.is_sent(number, 40)
        assert report["total"] == 63
        copies = {user: here.copies(user, "Dropped") for user in users}
        assert max(copies.values()) == 1
        assert list(copies.values()).count(0) <= report["unconfirmed"]
        unknown = await here.unconfirmed_replies()
        for user in users[:4]:
            if user not in unknown:
                assert len(await here.gets(user, "hall 42")) == 1
        await asked_and_answered(here, users[10:12])
        await run.stopped()


async def test_a_second_service_on_one_sqlite_file_is_refused(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        run = await here.started()
        second = await here.start()
        assert await second.ended() == 1
        said = [line for line in second.text.splitlines() if line]
        assert len(said) == 1
        assert said[0].startswith("another `convoke run` uses this SQLite file")
        # The first one does not mind.
        here.add_people(1)
        here.say("1001", "/help")
        await here.gets("1001", "events")
        await run.stopped()
        # What held the lock is gone with its process, however it went.
        run = await here.started()
        await run.killed()
        again = await here.started()
        await again.stopped()
