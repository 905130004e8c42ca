"""The service receives over HTTP on both platforms, in any number of processes, and is healthy."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.support import Running, World, tell, until, world

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]

SIGNING_SECRET = "simulated-signing-secret"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def traces(log: str, words: str) -> set[str]:
    """Return the ids of the lines that say ``words``."""
    marked = (line for line in log.splitlines() if words in line and '{"trace": "' in line)
    return {line.rpartition('{"trace": "')[2].removesuffix('"}') for line in marked}


async def get(port: int, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as answer,
    ):
        return answer.status, await answer.text()


@asynccontextmanager
async def over_http(folder: Path, **settings: str) -> AsyncIterator[tuple[World, int]]:
    port = free_port()
    async with world(
        folder,
        CONVOKE_HTTP_PORT=str(port),
        CONVOKE_PUBLIC_URL=f"http://127.0.0.1:{port}",
        CONVOKE_SECRET_KEY="k" * 32,
        CONVOKE_TELEGRAM_MODE="webhook",
        CONVOKE_SLACK_MODE="http",
        CONVOKE_SLACK_SIGNING_SECRET=SIGNING_SECRET,
        CONVOKE_SLACK_APP_TOKEN="",
        **settings,
    ) as here:
        here.slack.deliver_to(f"http://127.0.0.1:{port}/slack/events")
        here.secrets = [here.telegram.token, "xoxb-simulated-bot-token", SIGNING_SECRET, "k" * 32]
        yield here, port


async def test_both_platforms_are_answered_over_http(tmp_path: Path) -> None:
    async with over_http(tmp_path) as (here, port):
        await here.furnish(3, 2)
        run = await here.started()
        await until(lambda: here.telegram.world.webhook, "the webhook is set")
        for user in here.everybody():
            here.say(user, "Where is the cafeteria?")
        for user in here.everybody():
            await here.gets(user, "hall 42")
        assert await get(port, "/healthz") == (200, "ok\n")
        assert (await get(port, "/readyz"))[0] == 200
        by_trace: dict[str, str] = {}
        for line in run.text.splitlines():
            if '{"trace": "' in line:
                trace = line.rpartition('{"trace": "')[2].removesuffix('"}')
                by_trace[trace] = by_trace.get(trace, "") + line
        stories = [one for one in by_trace.values() if "is stored" in one and "handled in" in one]
        assert sum("delivered in" in one for one in stories) == 5, "one id from update to delivery"
        assert "getUpdates" not in {one.method for one in here.telegram.journal.requests}
        assert await run.stopped() < 10


async def test_what_was_said_while_nothing_ran_comes_afterwards(tmp_path: Path) -> None:
    async with over_http(tmp_path) as (here, _port):
        await here.furnish(1)
        run = await here.started()
        await until(lambda: here.telegram.world.webhook, "the webhook is set")
        await run.killed()
        here.say("1001", "Where is the cafeteria?")
        await until(lambda: here.telegram.world.hook_error, "Telegram found nobody")
        await here.started()
        await here.gets("1001", "hall 42", seconds=30)
        await asyncio.sleep(0.5)
        assert len(here.from_bot("1001")) == 1


async def test_a_taken_port_ends_the_start_where_http_is_needed_and_only_there(
    tmp_path: Path,
) -> None:
    async with over_http(tmp_path) as (here, port):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", port))
            taken.listen()
            refused = await here.start()
            assert await refused.ended() == 1
            assert "CONVOKE_HTTP_PORT" in refused.text
            assert "Traceback" not in refused.text
            polling = await here.started(
                CONVOKE_ADAPTERS="telegram", CONVOKE_TELEGRAM_MODE="polling"
            )
            assert "no health checks are served here" in polling.text


@pytest.mark.postgres
async def test_two_processes_behind_one_platform(tmp_path: Path, postgres_url: str) -> None:
    async with over_http(tmp_path, CONVOKE_DATABASE_URL=postgres_url) as (here, port):
        await here.furnish(6)
        other_port = free_port()
        first = await here.started(CONVOKE_ADAPTERS="telegram")
        await until(lambda: here.telegram.world.webhook, "the webhook is set")
        second = await here.start(CONVOKE_ADAPTERS="telegram", CONVOKE_HTTP_PORT=str(other_port))
        await until(lambda: "listening on" in second.text, "the second listens", 20)
        # A proxy would choose; here what comes is sent to the process that does not send.
        here.telegram.world.webhook = f"http://127.0.0.1:{other_port}/telegram/webhook"
        for user in here.everybody():
            here.say(user, "Where is the cafeteria?")
        for user in here.everybody():
            await here.gets(user, "hall 42")
        # The line is written a moment after the platform has the message.
        await until(
            lambda: len(traces(second.text, "is stored") & traces(first.text, "delivered in")) == 6,
            "one id in both processes' logs",
        )
        status, text = await get(other_port, "/readyz")
        assert (status, '"telegram":"elsewhere"' in text) == (200, True), text
        took = await first.stopped()
        begun = asyncio.get_running_loop().time()
        await until(lambda: "this process receives and sends" in second.text, "it takes over", 15)
        tell(
            "end in good order, then takeover (s)",
            (took, asyncio.get_running_loop().time() - begun),
        )
        assert (await get(other_port, "/readyz"))[0] == 200
        assert port != other_port


@asynccontextmanager
async def sending_to_a_platform_that_hangs(
    folder: Path, people: int, late: int
) -> AsyncIterator[tuple[World, Running, int]]:
    """A service in the middle of an announcement, of which ``late`` requests get no answer."""
    async with world(folder, CONVOKE_ADAPTERS="telegram", CONVOKE_TELEGRAM_RATE="200") as here:
        await here.furnish(people)
        run = await here.started(CONVOKE_ADAPTERS="telegram")
        here.telegram.fault("late", late)
        number = await here.announce()
        await until(lambda: len(here.telegram.journal.requests) > 8, "it is being sent")
        yield here, run, number


async def test_an_end_hands_back_what_is_claimed_though_the_platform_hangs(tmp_path: Path) -> None:
    async with sending_to_a_platform_that_hangs(tmp_path, 60, 3) as (here, run, number):
        for user in here.everybody()[:10]:
            here.say(user, "Where is the cafeteria?")
        took = await run.stopped()
        tell("SIGTERM to end with a platform that hangs (s)", took)
        assert took < 10
        held = "SELECT state, count(*) AS n FROM delivery GROUP BY state"
        states = {row.state: row.n for row in await here.rows(held)}
        assert "claimed" not in states
        assert "sending" not in states
        assert not await here.rows("SELECT id FROM inbox WHERE state = 'claimed'")
        await here.started(CONVOKE_ADAPTERS="telegram")
        report = await here.is_sent(number)
        copies = [here.copies(user, "Greeting") for user in here.everybody()]
        assert copies.count(1) == 60, "late answers arrived all the same, and nothing came twice"
        assert report["unconfirmed"] == 3
        assert report["delivered"] == 57


async def test_a_second_signal_does_not_wait_for_a_platform_that_hangs(tmp_path: Path) -> None:
    async with sending_to_a_platform_that_hangs(tmp_path, 20, 5) as (here, run, number):
        run.process.send_signal(signal.SIGTERM)
        await until(lambda: "ending" in run.text, "the first signal was heard")
        begun = asyncio.get_running_loop().time()
        run.process.send_signal(signal.SIGTERM)
        assert await run.ended() != 0, "whoever supervises it must see that it was cut short"
        assert asyncio.get_running_loop().time() - begun < 5, "requests have 5 s, and it 10"
        await here.started(CONVOKE_ADAPTERS="telegram")
        await here.is_sent(number)
        assert max(here.copies(user, "Greeting") for user in here.everybody()) == 1
