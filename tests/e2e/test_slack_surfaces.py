"""Slack as its people meet it: the slash command, the page, a channel, and bad weather."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.e2e.support import World, until, world

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]

USER = "U00000001"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@asynccontextmanager
async def slack_only(folder: Path, mode: str) -> AsyncIterator[World]:
    port = free_port()
    async with world(
        folder,
        CONVOKE_ADAPTERS="slack",
        CONVOKE_SLACK_MODE=mode,
        CONVOKE_HTTP_PORT=str(port),
        CONVOKE_PUBLIC_URL=f"http://127.0.0.1:{port}",
    ) as here:
        if mode == "http":
            here.slack.deliver_to(f"http://127.0.0.1:{port}/slack/events")
        yield here


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_command_page_and_channel(tmp_path: Path, mode: str) -> None:
    async with slack_only(tmp_path, mode) as here:
        await here.furnish(0, 2)
        await here.started(CONVOKE_ADAPTERS="slack")
        slack = here.slack
        room = slack.create_room("bridge-works", [USER])
        slack.command(USER, "events", chat=room)
        (listed,) = await here.gets(USER, "Science Forum")
        assert slack.journal.from_bot(room) == [], "nobody else reads it"
        # What is said first to anybody has these two below it.
        first = ["Stop announcements", "Privacy"]
        assert [one.label for one in listed.buttons] == ["Science Forum", *first]

        slack.open_home(USER)
        await until(lambda: slack.home(USER), "the page is shown")
        page = slack.screens(USER)["home"]
        assert "You have not answered yet." in page["text"]
        going = next(one["data"] for one in page["buttons"] if "Going" in one["label"])
        slack.press(USER, page["id"], going)
        await here.gets(USER, "✅ Noted")
        await until(
            lambda: "Your answer: going" in slack.screens(USER)["home"]["text"], "it is made anew"
        )
        failed = await here.rows("SELECT reason FROM delivery WHERE state = 'failed'")
        assert list(failed) == []

        slack.add_bot(room, USER)
        await until(lambda: slack.journal.from_bot(room), "it says who it is")
        slack.say(USER, "<@bot> Where is the cafeteria?", chat=room)
        await until(
            lambda: any("hall 42" in one.text for one in slack.journal.from_bot(room)),
            "the room is answered",
        )
        asked = next(one for one in slack.journal.messages(room) if "cafeteria" in one.text)
        answer = next(one for one in slack.journal.from_bot(room) if "hall 42" in one.text)
        assert answer.native["thread_ts"] == asked.id


async def test_bad_weather_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Connections are cut, fall silent and are sent away, posts are slowed, a kill in between."""
    async with slack_only(tmp_path, "socket") as here:
        await here.furnish(0, 8)
        run = await here.started(CONVOKE_ADAPTERS="slack")
        slack = here.slack
        people = [one for one in here.everybody() if one.startswith("U")]
        for round_ in range(4):
            for user in people:
                slack.say(user, "Where is the cafeteria?")
            if round_ == 0:
                slack.sockets.cut(2)
            elif round_ == 1:
                await slack.disconnect("warning")
                slack.fault("error", 2, status=429, retry_after=1)
            elif round_ == 2:
                await slack.disconnect("refresh_requested")
                slack.sockets.cut(1)
            else:
                slack.sockets.fall_silent(1)
            await asyncio.sleep(1.0)
        await run.killed()
        await here.started(CONVOKE_ADAPTERS="slack")
        for user in people:
            await here.gets(user, "hall 42", count=3, seconds=60)
        unconfirmed = await here.unconfirmed_replies()
        for user in people:
            if user not in unconfirmed:
                await here.gets(user, "hall 42", count=4, seconds=60)
        await asyncio.sleep(1.0)
        for user in people:
            answers = [one for one in here.from_bot(user) if "hall 42" in one.text]
            assert len(answers) == 4 or (user in unconfirmed and len(answers) == 3)
        assert slack.given_up == []
