"""How long it takes is said before it is done, counted in messages and in chats to be opened."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.adapters.base import Pace
from bot.domain.address import Address
from bot.domain.announcement import AnnouncementState, Body
from bot.domain.delivery import Kind
from bot.domain.people import CLI, StaffRole
from bot.services import announcement_changes, announcement_status, people, roster
from bot.storage import losses, tables
from bot.storage.database import Database, Write
from bot.storage.key_values import AdapterMemory
from schedules import opening
from tests.support.announcing import act, announce, standing
from tests.support.desk import Desk, ScheduledClock, working_on
from tests.support.fake_adapter import FakeSlack
from tests.unit.handlers.talk import member_row

t: Any = tables
SLACK = Pace(account=5.0, bulk=4.0, chat=1.0, room=1.0, edit=45 / 60, open_direct=45 / 60)
LONG = "\n\n".join(f"{n} {'word ' * 150}" for n in range(12))
PREFIX = "direct."


class Remembering(FakeSlack):
    """A Slack that keeps opened chats in the database, as the real one does."""

    opened_prefix = PREFIX

    def __init__(self, clock: ScheduledClock, database: Database) -> None:
        super().__init__(clock, pace=SLACK)
        self.memory = AdapterMemory(database, self.name)

    async def open_direct(self, to: Address) -> Any:
        trouble = await super().open_direct(to)
        if trouble is None:
            await self.memory.set(f"{PREFIX}{to.account}.{to.chat}", "D1")
        return trouble


@pytest.fixture
async def slack(database: Database) -> Desk:
    """Sixty members of a workspace, none of whose chats is open."""
    desk = await working_on(database, Remembering(ScheduledClock(), database))
    rows = [
        replace(member_row(at, str(at), f"m{at}", "en"), accounts=(("fake", "bot", str(at)),))
        for at in range(1000, 1057)
    ]
    now = desk.clock.now()

    async def work(write: Write) -> None:
        await roster.save(write, rows, own={}, actor=CLI, now=now)
        await people.grant_staff(
            write, email="anna@example.org", role=StaffRole.EDITOR, actor=CLI, now=now
        )
        await write.count(update(t.Address).values(introduced_at=now))

    await database.write(work)
    return desk


async def seconds(desk: Desk, number: int) -> float:
    async with desk.database.read() as read:
        status = await announcement_status.status(read, number, desk.bench.outbox.estimates, "UTC")
    return status.seconds


async def test_messages_are_counted_and_not_chats(desk: Desk) -> None:
    desk.adapter.pace = Pace(account=1.0, bulk=1.0, chat=1.0, room=1.0)
    short = await announce(desk, due=desk.clock.now() + timedelta(days=3))
    long = await announce(
        desk, bodies=(Body("en", "Greeting", LONG),), due=desk.clock.now() + timedelta(days=3)
    )
    assert await seconds(desk, short) == 3
    assert await seconds(desk, long) == 9


async def test_the_form_and_the_question_say_it_before(desk: Desk) -> None:
    desk.adapter.pace = SLACK
    number = await desk.ledger.announce(map(str, range(1000, 1450)))
    arrived = update(t.Delivery).values(state="delivered", message_id="m", revision=1)
    await desk.database.write(lambda write: write.count(arrived))
    await desk.ledger.set_state(number, AnnouncementState.SENT)
    await desk.press("100", f"announcement:{number}:correct")
    assert "Editing the copies that stand in chats takes about 10 minutes." in desk.seen("100")[-1]
    await desk.say("100", "/cancel")
    await desk.say("100", "/announcements")
    await desk.press("100", f"announcement:{number}:recall", standing(desk, "100")[-1].id)
    asked = standing(desk, "100")[-1].text
    assert "Deleting the copies takes about 10 minutes." in asked
    estimates = desk.bench.outbox.estimates
    await act(desk, announcement_changes.recall, number)
    await desk.bench.delivery.advance_changes(desk.clock)
    async with desk.database.read() as read:
        assert await estimates.left_to_change(read, number) == pytest.approx(600)


async def test_chats_are_opened_ahead_slowly_and_remembered(slack: Desk) -> None:
    adapter = slack.adapter
    assert isinstance(adapter, Remembering)
    number = await announce(slack, due=slack.clock.now() + timedelta(hours=30))
    closed = 60 / (45 / 60)
    assert await seconds(slack, number) == pytest.approx(closed)
    await opening.job.run(slack.bench)
    assert await slack.ledger.rows() == [], "a day ahead is early enough"
    slack.clock.advance(timedelta(hours=7).total_seconds())
    for _ in range(30):
        await opening.job.run(slack.bench)
        await slack.deliver(6)
    assert len(adapter.openings) == 60
    assert len({chat for _at, chat in adapter.openings}) == 60
    assert adapter.attempts == []
    assert await seconds(slack, number) == pytest.approx(60 / 4)
    async with slack.database.read() as read:
        assert await losses.undelivered(read) == ()


async def test_a_conversation_is_opened_first(slack: Desk) -> None:
    adapter = slack.adapter
    assert isinstance(adapter, Remembering)
    await announce(slack, due=slack.clock.now() + timedelta(hours=1))
    for _ in range(3):
        await opening.job.run(slack.bench)
        await slack.deliver(12)
    await opening.job.run(slack.bench)
    begun = slack.clock.monotonic()
    await slack.ledger.reply("900", "hello")
    await slack.deliver(12)
    first = next(at for at, chat in adapter.openings if chat == "900")
    assert first - begun <= 2.0
    kinds = {row.state for row in await slack.ledger.rows()}
    assert "failed" not in kinds
    assert Kind.OPEN not in {one.kind for one in adapter.attempts}
