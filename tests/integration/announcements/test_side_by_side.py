"""A correction and an announcement at the same time: neither waits for the other."""

from typing import Any

import pytest
from sqlalchemy import update

from bot.adapters.base import Pace
from bot.domain.announcement import Body
from bot.domain.delivery import Kind
from bot.services import announcement_changes
from bot.storage import tables
from tests.support.announcing import act
from tests.support.desk import Desk
from tests.support.ledger import sending

t: Any = tables
SLACK = Pace(account=5.0, bulk=4.0, chat=1.0, room=1.0, edit=45 / 60)
TELEGRAM = Pace(account=30.0, bulk=28.6, chat=1.0, room=20 / 60)
WORDS = (Body("en", "News", "new words"),)


def users(count: int, start: int = 1000) -> list[str]:
    return [str(number) for number in range(start, start + count)]


async def correcting(desk: Desk, copies: int) -> None:
    """Let a correction to so many copies begin."""
    number = await desk.ledger.announce(users(copies))
    mine = update(t.Delivery).where(t.Delivery.announcement_id == number)
    arrived = mine.values(state="delivered", message_id="m", revision=1)
    await desk.database.write(lambda write: write.count(arrived))
    await act(desk, announcement_changes.correct, number, WORDS)
    await desk.bench.delivery.advance_changes(desk.clock)


def counted(desk: Desk) -> dict[str, int]:
    kinds = [one.kind for one in desk.adapter.attempts]
    return {kind.value: kinds.count(kind.value) for kind in (Kind.SEND, Kind.EDIT)}


@pytest.mark.parametrize("first", ["correction", "announcement"])
async def test_slow_edits_leave_an_announcement_its_pace(desk: Desk, first: str) -> None:
    desk.adapter.pace = SLACK
    if first == "announcement":
        await desk.ledger.announce(users(300, 3000))
    await correcting(desk, 600)
    async with sending(
        desk.ledger, desk.clock, epoch=50, render=desk.bench.delivery.part_of
    ) as running:
        await running.pass_time(5)
        if first == "correction":
            await desk.ledger.announce(users(300, 3000))
        await running.pass_time(60)
    got = counted(desk)
    assert got["send"] >= 4 * 60 - 10
    assert 45 - 5 <= got["edit"] <= 45 * 65 / 60 + 6


async def test_with_one_pace_for_both_they_take_turns(desk: Desk) -> None:
    desk.adapter.pace = TELEGRAM
    await desk.ledger.announce(users(600, 3000))
    await correcting(desk, 600)
    async with sending(
        desk.ledger, desk.clock, epoch=50, render=desk.bench.delivery.part_of
    ) as running:
        await running.pass_time(20)
    got = counted(desk)
    assert abs(got["send"] - got["edit"]) <= 4
    assert 28 * 20 <= sum(got.values()) <= 30 * 20
