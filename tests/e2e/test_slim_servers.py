"""``convoke run`` against somebody else's simulators, by the API-URL settings alone."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.slim import APP, BOT, TEAM, TOKEN, SlimSlack, SlimTelegram, serving, words
from tests.e2e.support import Installation, until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

TELEGRAM = [str(7000 + number) for number in range(1, 7)]
SLACK = [f"U{number:04}" for number in range(1, 5)]


@asynccontextmanager
async def installed(
    folder: Path, telegram_port: int, slack_port: int
) -> AsyncIterator[Installation]:
    """An installation that points at two ports, whoever listens there, or nobody yet."""
    here = Installation(
        folder,
        {
            "CONVOKE_DATABASE_URL": f"sqlite:///{folder}/convoke.db",
            "CONVOKE_LOG_LEVEL": "DEBUG",
            "CONVOKE_TELEGRAM_TOKEN": TOKEN,
            "CONVOKE_TELEGRAM_API_URL": f"http://127.0.0.1:{telegram_port}",
            "CONVOKE_SLACK_BOT_TOKEN": BOT,
            "CONVOKE_SLACK_APP_TOKEN": APP,
            "CONVOKE_SLACK_API_URL": f"http://127.0.0.1:{slack_port}/api/",
        },
        [TOKEN, BOT, APP],
    )
    people = [{"telegram_id": user} for user in TELEGRAM]
    people += [{"slack_user": user, "slack_team": TEAM} for user in SLACK[:2]]
    people += [{"slack_user": user, "slack_team": " "} for user in SLACK[2:]]
    here.write_roster(people)
    here.write_conference()
    try:
        yield here
    finally:
        await here.close()


def arrived(telegram: SlimTelegram, slack: SlimSlack, title: str) -> list[int]:
    """Return how often each linked account has the announcement."""
    chats: list[dict[Any, Any]] = [telegram.chats[user] for user in TELEGRAM]
    chats += [slack.chats[f"D{user[1:]}"] for user in SLACK]
    return [sum(title in words(one) for one in chat.values()) for chat in chats]


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_everybody_once_and_replies_and_cards(tmp_path: Path) -> None:
    telegram, slack = SlimTelegram(), SlimSlack()
    async with AsyncExitStack() as stack:
        telegram_port = await stack.enter_async_context(serving(telegram.app()))
        slack.port = await stack.enter_async_context(serving(slack.app()))
        async with installed(tmp_path, telegram_port, slack.port) as here:
            # Imported before any token is known: only the database is set.
            only = {"CONVOKE_DATABASE_URL": here.settings["CONVOKE_DATABASE_URL"]}
            await here.done("roster", "import", "roster.csv", only=only)
            await here.done("import", "forum", only=only)
            file = here.write("letter.md", "Happy **New Year**!")
            made = await here.done(
                "announce", "create", "--title", "Slim greeting", "--text-file", file,
                "--audience", "all", "--rsvp", "forum", "--yes", "--json", only=only,
            )  # fmt: skip
            assert made.json == {"id": 1, "state": "scheduled", "recipients": 10}
            run = await here.started()
            await until(lambda: arrived(telegram, slack, "Slim greeting") == [1] * 10, "all once")
            report = await here.is_sent(1)
            assert (report["total"], report["delivered"]) == (10, 10)

            telegram.say(7001, "Where is the cafeteria?")
            await slack.say(SLACK[0], "Where is the cafeteria?")
            await until(lambda: "hall 42" in words(telegram.chats["7001"]), "an answer")
            await until(lambda: "hall 42" in words(slack.chats["D0001"]), "an answer")

            (card,) = [k for k, one in telegram.chats["7002"].items() if "greeting" in words(one)]
            telegram.press(7002, card, "rsvp:1:going:a")
            await until(lambda: "Your answer" in words(telegram.chats["7002"][card]), "a card")
            (ts,) = [k for k, one in slack.chats["D0002"].items() if "greeting" in words(one)]
            await slack.press(SLACK[1], ts, "rsvp:1:going:a")
            await until(lambda: "Your answer" in words(slack.chats["D0002"][ts]), "a card")
            await until(lambda: "Noted" in words(slack.chats["D0002"]), "a confirmation")
            await until(lambda: "Noted" in words(telegram.chats["7002"]), "a confirmation")
            await until(lambda: telegram.answered, "the press is answered")
            for chat in ("7001", "7002"):
                assert len(telegram.chats[chat]) == 2
            for chat in ("D0001", "D0002"):
                assert len(slack.chats[chat]) == 2
            assert arrived(telegram, slack, "Slim greeting") == [1] * 10
            assert await run.stopped() < 10


async def test_servers_that_come_late_and_go_for_a_while(tmp_path: Path) -> None:
    telegram, slack = SlimTelegram(), SlimSlack()
    ports = free_port(), free_port()
    slack.port = ports[1]
    async with installed(tmp_path, *ports) as here:
        await here.done("roster", "import", "roster.csv")
        await here.done("import", "forum")
        await here.announce(title="First")
        run = await here.start()
        await run.ready(["telegram"])
        await asyncio.sleep(1.0)
        async with serving(telegram.app(), ports[0]), serving(slack.app(), ports[1]):
            await until(lambda: arrived(telegram, slack, "First") == [1] * 10, "all once", 30)
            await here.is_sent(1)
        telegram.say(7001, "Where is the cafeteria?")
        await here.announce(title="Second")
        await asyncio.sleep(2.0)
        async with serving(telegram.app(), ports[0]), serving(slack.app(), ports[1]):
            await until(lambda: arrived(telegram, slack, "Second") == [1] * 10, "all once", 40)
            await until(lambda: "hall 42" in words(telegram.chats["7001"]), "an answer", 40)
            await until(lambda: slack.sockets, "the socket is open again", 40)
            await slack.say(SLACK[0], "Where is the cafeteria?")
            await until(lambda: "hall 42" in words(slack.chats["D0001"]), "an answer")
            report = await here.is_sent(2)
            assert (report["total"], report["delivered"]) == (10, 10)
            assert arrived(telegram, slack, "First") == [1] * 10
            assert await run.stopped() < 10


async def test_a_kill_while_a_slow_platform_holds_many_requests(tmp_path: Path) -> None:
    """The worst case of "may have arrived": as many under way as ever may be."""
    telegram = SlimTelegram()
    telegram.slow = 2.0
    people = [{"telegram_id": str(9000 + number)} for number in range(120)]
    async with serving(telegram.app()) as port, installed(tmp_path, port, port) as here:
        here.settings |= {"CONVOKE_ADAPTERS": "telegram", "CONVOKE_TELEGRAM_RATE": "500"}
        await here.done("roster", "import", here.write_roster(people))
        number = await here.announce(title="Slow")
        run = await here.start()
        await until(lambda: telegram.under_way >= 28, "many are under way")
        await run.killed()
        telegram.slow = 0.0
        await here.start()
        report = await here.is_sent(number)
        assert telegram.most_under_way <= 32
        assert 1 <= report["unconfirmed"] <= 32
        assert report["delivered"] + report["unconfirmed"] == report["total"] == 120
        copies = [len(telegram.chats[person["telegram_id"]]) for person in people]
        assert max(copies) == 1
        listed = [row for row in report["unreached"] if row["state"] == "unconfirmed"]
        assert len(listed) == report["unconfirmed"] >= copies.count(0)
        assert json.dumps(listed)
