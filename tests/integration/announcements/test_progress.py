"""The card of an announcement follows a broadcast to many, and holds up nobody's conversation."""

from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.adapters.base import Pace
from bot.domain.announcement import AnnouncementState
from bot.domain.delivery import Kind
from bot.services.announcement_progress import ROUND_SECONDS
from bot.storage import losses, tables
from schedules import progress
from tests.support.announcing import standing
from tests.support.desk import Desk
from tests.support.ledger import sending

t: Any = tables
MANY = [str(number) for number in range(1000, 1900)]
SLACK = Pace(account=5.0, bulk=4.0, chat=1.0, room=1.0, edit=45 / 60)


async def watch(desk: Desk, number: int, user: str = "100") -> str:
    """Let a new card of the announcement follow it; return the card's id."""
    await desk.say(user, "/announcements")
    chooser = standing(desk, user)[-1]
    await desk.press(user, f"announcement:{number}:show", chooser.id)
    card = standing(desk, user)[-1]
    await desk.press(user, f"announcement:{number}:card", card.id)
    return card.id


async def paused(desk: Desk, users: list[str]) -> int:
    """Return an announcement to ``users`` that stands still until :func:`go`."""
    return await desk.ledger.announce(users, state=AnnouncementState.PAUSED)


async def go(desk: Desk, *numbers: int) -> None:
    for number in numbers:
        await desk.ledger.set_state(number, AnnouncementState.SENDING)


async def one_more(desk: Desk) -> None:
    """Let one more copy of each announcement have arrived."""
    of_each = select(func.min(t.Delivery.id)).where(
        t.Delivery.announcement_id.is_not(None), t.Delivery.state == "pending"
    )
    ids = of_each.group_by(t.Delivery.announcement_id)
    arrived = update(t.Delivery).where(t.Delivery.id.in_(ids)).values(state="delivered")
    await desk.database.write(lambda write: write.count(arrived))


def history(desk: Desk, user: str, card_id: str) -> list[str]:
    card = next(one for one in standing(desk, user) if one.id == card_id)
    return [*card.history, card.text]


async def test_a_card_moves_while_hundreds_are_being_sent(desk: Desk) -> None:
    number = await paused(desk, MANY)
    card = await watch(desk, number)
    before = len(history(desk, "100", card))
    await go(desk, number)
    async with sending(desk.ledger, desk.clock, epoch=50) as running:
        for _ in range(5):
            await progress.job.run(desk.bench)
            await running.pass_time(ROUND_SECONDS)
    assert 500 < await desk.ledger.count("delivered") < len(MANY)
    shown = history(desk, "100", card)[before:]
    assert len(shown) == 5, shown


@pytest.mark.parametrize("announcements", [1, 3])
async def test_cards_take_turns_and_leave_room_for_conversations(
    desk: Desk, announcements: int
) -> None:
    numbers = [await paused(desk, MANY[:20]) for _ in range(announcements)]
    cards = [await watch(desk, number) for number in numbers]
    before = {card: len(history(desk, "100", card)) for card in cards}
    desk.adapter.pace = SLACK
    rounds = 4 * announcements
    begun = desk.clock.monotonic()
    async with sending(desk.ledger, desk.clock, epoch=50) as running:
        for at in range(rounds):
            await one_more(desk)
            await progress.job.run(desk.bench)
            await desk.ledger.reply("200", f"card {at}", kind=Kind.EDIT, target=f"none {at}")
            await running.pass_time(ROUND_SECONDS)
    edits = [one for one in desk.adapter.attempts if one.kind == "edit" and one.at >= begun]
    assert [one.chat for one in edits].count("100") == rounds
    for card in cards:
        assert len(history(desk, "100", card)) - before[card] == 4
    for at, one in enumerate([one for one in edits if one.chat == "200"]):
        assert one.at - begun - at * ROUND_SECONDS < 2.0


async def test_a_card_that_was_deleted_is_no_loss(desk: Desk) -> None:
    number = await paused(desk, MANY[:20])
    card = await watch(desk, number)
    next(one for one in standing(desk, "100") if one.id == card).deleted = True
    await go(desk, number)
    async with sending(desk.ledger, desk.clock, epoch=50) as running:
        await running.pass_time(1)
        await progress.job.run(desk.bench)
        await running.pass_time(ROUND_SECONDS)
    assert "failed" in {row.state for row in await desk.ledger.rows()}
    async with desk.database.read() as read:
        assert await losses.undelivered(read) == ()
