"""Who stops, mutes a topic or blocks the bot gets nothing more, however far an announcement is."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.domain.announcement import AnnouncementState
from bot.domain.people import Actor
from bot.domain.preferences import Topic
from bot.services import announcement_stops, announcements, roster
from bot.storage import tables
from bot.storage.database import Write
from tests.support.announcing import act, announce, get, report, ring, texts
from tests.support.desk import Desk
from tests.support.ledger import sending
from tests.unit.handlers.talk import member_row

t: Any = tables
CHI = "300"


async def begin(desk: Desk) -> None:
    """Fix the audience of what is due; nothing has left yet."""
    grace = timedelta(hours=1)
    now = desk.clock.now()
    await desk.database.write(lambda write: announcements.ring(write, now=now, grace=grace))
    await desk.bench.delivery.freeze_due(desk.clock)


async def do(desk: Desk, text: str, user: str = CHI) -> None:
    """Let a member write and the bot handle it; no sender works here."""
    desk.adapter.platform.say(user, text)
    await handle(desk)


async def switch(desk: Desk, topic: Topic, user: str = CHI) -> None:
    desk.adapter.platform.press(user, "m0", f"set:topic:{topic.value}", user)
    await handle(desk)


async def handle(desk: Desk) -> None:
    await desk.receive()
    await desk.dispatcher.drain()


def copies(desk: Desk, user: str = CHI) -> int:
    return sum(one.startswith("Greeting\n") for one in texts(desk, user))


async def why(desk: Desk, number: int) -> list[tuple[str, str]]:
    """Return (state, reason) of who was not reached, and nobody else."""
    unreached = (await report(desk, number)).unreached
    assert {whom for _s, _r, _p, whom in unreached} <= {"chi@example.org"}
    return [(state, reason) for state, reason, _platform, _whom in unreached]


async def test_stopping_holds_for_what_is_frozen_already(desk: Desk) -> None:
    number = await announce(desk)
    await begin(desk)
    await do(desk, "/stop")
    await ring(desk)
    assert copies(desk) == 0
    assert await why(desk, number) == [("skipped", "stopped")]
    assert (copies(desk, "100"), copies(desk, "200")) == (1, 0)  # Bo reads Chinese


async def test_whoever_starts_again_in_time_gets_it(desk: Desk) -> None:
    await do(desk, "/stop")
    number = await announce(desk)
    await begin(desk)
    await do(desk, "/start")
    await ring(desk)
    assert copies(desk) == 1
    assert await why(desk, number) == []


async def test_what_is_sent_is_over(desk: Desk) -> None:
    number = await announce(desk)
    await begin(desk)
    await do(desk, "/stop")
    await ring(desk)
    await do(desk, "/start")
    await ring(desk)
    assert (await get(desk, number)).state is AnnouncementState.SENT
    assert copies(desk) == 0


@pytest.mark.parametrize("way", ["stop", "topic"])
async def test_what_is_claimed_is_not_sent(desk: Desk, way: str) -> None:
    desk.adapter.pace = replace(desk.adapter.pace, bulk=0.1)
    number = await announce(desk)
    await begin(desk)
    async with sending(
        desk.ledger, desk.clock, epoch=50, render=desk.bench.delivery.part_of
    ) as running:
        await running.pass_time(1)
        assert {row.chat: row.state for row in await desk.ledger.rows()}[CHI] == "claimed"
        if way == "stop":
            await do(desk, "/stop")
        else:
            await switch(desk, Topic.NEWS)
        await running.pass_time(60)
    assert copies(desk) == 0
    assert copies(desk, "100") == 1
    reason = "stopped" if way == "stop" else "topic"
    assert await why(desk, number) == [("skipped", reason)]


async def test_a_muted_topic_and_no_other(desk: Desk) -> None:
    news = await announce(desk)
    invitation = await announce(desk, topic=Topic.INVITATIONS)
    await begin(desk)
    await switch(desk, Topic.NEWS)
    await act(desk, announcement_stops.pause, news)
    await ring(desk)
    assert copies(desk) == 1
    assert await why(desk, invitation) == []
    await switch(desk, Topic.NEWS)
    await act(desk, announcement_stops.resume, news)
    await ring(desk)
    assert copies(desk) == 2


async def test_every_reason_must_be_gone(desk: Desk) -> None:
    number = await announce(desk)
    await begin(desk)
    await do(desk, "/stop")
    await switch(desk, Topic.NEWS)
    await act(desk, announcement_stops.pause, number)
    await do(desk, "/start")
    assert await why(desk, number) == [("skipped", "stopped")]
    await switch(desk, Topic.NEWS)
    await act(desk, announcement_stops.resume, number)
    await ring(desk)
    assert copies(desk) == 1


async def test_a_chat_that_is_gone_is_tried_once(desk: Desk) -> None:
    first, second = await announce(desk), await announce(desk)
    await begin(desk)
    await act(desk, announcement_stops.pause, second)
    desk.adapter.platform.block(CHI)
    await ring(desk)
    assert await why(desk, first) == [("failed", "blocked")]
    assert await why(desk, second) == [("skipped", "blocked")]
    desk.adapter.platform.block(CHI, False)
    await do(desk, "/help")
    await act(desk, announcement_stops.resume, second)
    await ring(desk)
    assert copies(desk) == 1
    assert await why(desk, second) == []


async def test_taken_back_meanwhile_it_does_not_come_back(desk: Desk) -> None:
    number = await announce(desk)
    await begin(desk)
    await do(desk, "/stop")
    await act(desk, announcements.cancel, number)
    await do(desk, "/start")
    await ring(desk)
    assert copies(desk) == 0


async def test_of_several_chats_one_gets_it_back(desk: Desk) -> None:
    row = member_row(9, "900", "dora", "en")
    row = replace(row, accounts=(("fake", "bot", "900"), ("fake", "bot", "901")))

    async def save(write: Write, *, actor: Actor, now: datetime) -> None:
        await roster.save(write, [row], own={}, actor=actor, now=now)

    await act(desk, save)
    known = update(t.Address).values(introduced_at=desk.clock.now())
    await desk.database.write(lambda write: write.count(known))
    await do(desk, "/stop", "900")
    await announce(desk)
    await begin(desk)
    await do(desk, "/start", "901")
    await ring(desk)
    assert (copies(desk, "900"), copies(desk, "901")) == (1, 0)
