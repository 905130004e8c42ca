"""What happens by itself: once, on time or asked about, whoever rings and however often."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from bot.adapters.base import DeliveryKey
from bot.bell import Bell
from bot.domain.address import Address, MessageRef
from bot.domain.announcement import Announcement, AnnouncementState, Body
from bot.domain.outcome import Later, Scope, Unknown
from bot.domain.people import CLI, StaffRole
from bot.services import announcement_reports, announcements, people
from bot.services.reconciliation import GIVE_UP_AFTER, RECONCILE_AFTER
from bot.storage import tables
from schedules import JOBS, reconciliation
from tests.support.desk import Desk
from tests.support.fake_adapter import FakeSlack
from tests.support.ledger import words_of

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query
_S = AnnouncementState


async def ring(desk: Desk) -> None:
    for job in JOBS:
        await job.run(desk.bench)


async def write(desk: Desk, minutes: float = 0, audience: str = "all") -> int:
    """Return the number of an announcement that is due in so many minutes."""
    now = desk.clock.now()
    bodies = (Body("en", "Greeting", "Happy New Year!"), Body("zh", "问候", "新年快乐！"))
    due = now + timedelta(minutes=minutes)
    draft = announcements.Draft("Greeting", bodies, audience, due, "Asia/Shanghai")

    async def work(unit: Any) -> int:
        made = await announcements.create(unit, draft, actor=CLI, now=now)
        await announcements.approve(unit, made.id, actor=CLI, now=now)
        return made.id

    return await desk.database.write(work)


async def state(desk: Desk, number: int) -> Announcement:
    async with desk.database.read() as read:
        return await announcements.get(read, number)


async def make_staff(desk: Desk, email: str) -> None:
    await desk.database.write(
        lambda unit: people.grant_staff(
            unit, email=email, role=StaffRole.EDITOR, actor=CLI, now=desk.clock.now()
        )
    )


async def test_what_is_due_goes_once_to_everybody(desk: Desk) -> None:
    number = await write(desk, minutes=10)
    await ring(desk)
    assert (await state(desk, number)).state is _S.SCHEDULED
    assert await desk.ledger.rows() == []
    desk.clock.advance(600)
    for _ in range(3):
        await ring(desk)
    assert (await state(desk, number)).state is _S.SENDING
    await desk.deliver()
    for _ in range(3):
        await ring(desk)
    assert (await state(desk, number)).state is _S.SENT
    assert [len(desk.seen(user)) for user in ("100", "200", "300")] == [1, 1, 1]
    assert "新年快乐" in desk.seen("200")[0]
    assert "Happy New Year" in desk.seen("300")[0]


@pytest.mark.slow
async def test_what_is_late_is_asked_once_in_each_ones_language(desk: Desk) -> None:
    await make_staff(desk, "anna@example.org")
    await make_staff(desk, "bo@example.org")
    number = await write(desk, minutes=10)
    desk.clock.advance(600 + 3601)
    for _ in range(3):
        await ring(desk)
    assert (await state(desk, number)).state is _S.MISSED
    await desk.deliver()
    (english,), (chinese,) = desk.seen("100"), desk.seen("200")
    assert "Greeting" in english
    assert "Greeting" in chinese or "问候" in chinese
    assert english != chinese
    assert desk.seen("300") == []
    await desk.press("100", f"late:{number}:send", "m1")
    await ring(desk)
    await desk.deliver()
    assert len(desk.seen("300")) == 1
    await desk.press("200", f"late:{number}:cancel", "m2")
    assert len(desk.notices("200")) == 1, "somebody has decided already"


async def test_exactly_the_grace_is_not_late(desk: Desk) -> None:
    number = await write(desk, minutes=10)
    desk.clock.advance(600 + 3600)
    await ring(desk)
    assert (await state(desk, number)).state is _S.SENDING


async def test_a_late_one_may_be_cancelled_and_is_never_sent(desk: Desk) -> None:
    await make_staff(desk, "anna@example.org")
    number = await write(desk)
    desk.clock.advance(3700)
    await ring(desk)
    await desk.deliver()
    await desk.press("100", f"late:{number}:cancel", "m1")
    for _ in range(3):
        await ring(desk)
        await desk.deliver(2)
    assert (await state(desk, number)).state is _S.CANCELLED
    assert desk.seen("300") == []


async def test_an_audience_of_nobody_is_sent_at_once(desk: Desk) -> None:
    number = await write(desk, audience="country:FR")
    for _ in range(2):
        await ring(desk)
    assert (await state(desk, number)).state is _S.SENT


async def test_an_unconfirmed_delivery_does_not_keep_it_open(desk: Desk) -> None:
    desk.adapter.script["100"].append(Unknown("ReadTimeout"))
    number = await write(desk)
    await ring(desk)
    await desk.deliver()
    await ring(desk)
    assert (await state(desk, number)).state is _S.SENT


@pytest.mark.slow
async def test_seats_that_come_free_otherwise_are_given_and_told_once(desk: Desk) -> None:
    talk = desk.events["talk"]
    for user in ("100", "300", "200"):
        await desk.press(user, f"rsvp:{talk}:going")
    await desk.database.write(
        lambda unit: unit.execute(
            update(t.EventSeats).where(col(t.EventSeats.event_id) == talk).values(capacity=5)
        )
    )
    for _ in range(3):
        await ring(desk)
        await desk.deliver(2)
    assert len([text for text in desk.seen("200") if "有空位了" in text]) == 1


async def test_updates_of_a_dead_process_are_handled(desk: Desk) -> None:
    desk.adapter.platform.say("100", "help")
    await desk.receive()
    await desk.database.write(
        lambda unit: unit.execute(update(t.Inbox).values(state="claimed", claimed_by="dead"))
    )
    assert await desk.dispatcher.drain() == 0
    await ring(desk)
    assert await desk.dispatcher.drain() == 1


# ------------------------------------------------------------ reconciliation


async def lost(desk: Desk) -> tuple[int, FakeSlack]:
    """Return an announcement whose copy for Anna may or may not have arrived."""
    adapter = desk.adapter
    assert isinstance(adapter, FakeSlack)
    adapter.opened.update({"100", "200", "300"})
    adapter.script["100"].append(Unknown("ReadTimeout"))
    number = await write(desk)
    await ring(desk)
    await desk.deliver()
    await ring(desk)
    return number, adapter


async def row_of(desk: Desk, user: str) -> Any:
    (row,) = [row for row in await desk.ledger.rows() if row.chat == user]
    return row


async def test_a_message_that_is_found_is_delivered(slack: Desk) -> None:
    _number, adapter = await lost(slack)
    row = await row_of(slack, "100")
    assert row.state == "unconfirmed"
    ref = MessageRef(Address("fake", "bot", "100"), "found it")
    adapter.found[row.id] = ref
    slack.clock.advance(RECONCILE_AFTER + 1)
    await ring(slack)
    found = await row_of(slack, "100")
    assert (found.state, found.message_id, found.reason) == ("delivered", "found it", "")
    await slack.deliver()
    assert adapter.chats().count("100") == 1


async def test_a_message_that_is_not_there_is_sent_once_more(slack: Desk) -> None:
    number, adapter = await lost(slack)
    assert (await state(slack, number)).state is _S.SENT
    slack.clock.advance(RECONCILE_AFTER + 1)
    for _ in range(3):
        await ring(slack)
        await slack.deliver()
    assert adapter.chats().count("100") == 2
    assert (await row_of(slack, "100")).state == "delivered"
    assert len(slack.seen("100")) == 1


async def test_nobody_looks_before_it_can_be_known(slack: Desk) -> None:
    await lost(slack)
    sent_at = slack.adapter.attempts[0].at
    slack.clock.advance(RECONCILE_AFTER - 1 - (slack.clock.monotonic() - sent_at))
    await ring(slack)
    assert isinstance(slack.adapter, FakeSlack)
    assert slack.adapter.looked_for == []
    assert (await row_of(slack, "100")).state == "unconfirmed"


@pytest.mark.parametrize("scope", list(Scope))
async def test_what_cannot_be_said_now_stays_as_it_is(slack: Desk, scope: Scope) -> None:
    assert isinstance(slack.adapter, FakeSlack)
    slack.adapter.script["300"].append(Unknown("reset"))
    _number, adapter = await lost(slack)
    row, other = await row_of(slack, "100"), await row_of(slack, "300")
    adapter.found[row.id] = Later(60.0, scope, "history cannot be read")
    adapter.found[other.id] = MessageRef(Address("fake", "bot", "300"), "there")
    slack.clock.advance(RECONCILE_AFTER + 1)
    await ring(slack)
    assert (await row_of(slack, "100")).state == "unconfirmed"
    blocked = scope is Scope.ACCOUNT
    expected = "unconfirmed" if blocked else "delivered"
    assert (await row_of(slack, "300")).state == expected, "one chat does not hold the others"


async def test_a_platform_that_cannot_tell_is_not_asked(desk: Desk) -> None:
    desk.adapter.script["100"].append(Unknown("ReadTimeout"))
    await write(desk)
    await ring(desk)
    await desk.deliver()
    desk.clock.advance(10_000)
    await ring(desk)
    await desk.deliver()
    assert (await row_of(desk, "100")).state == "unconfirmed"
    assert desk.adapter.chats().count("100") == 1
    assert DeliveryKey(1) != DeliveryKey(2)


async def lost_replies(desk: Desk, count: int) -> FakeSlack:
    """Lose the answers of so many replies, each to a chat of its own."""
    adapter = desk.adapter
    assert isinstance(adapter, FakeSlack)
    for number in range(count):
        adapter.opened.add(f"u{number}")
        adapter.script[f"u{number}"].append(Unknown("ReadTimeout"))
        await desk.ledger.reply(f"u{number}", "hello")
    await desk.deliver(count / 4 + 3)
    assert await desk.ledger.count("unconfirmed") == count
    return adapter


async def look(desk: Desk, seconds: float) -> list[float]:
    """Ring for reconciliation as the bell does; return when each question was asked."""
    assert isinstance(desk.adapter, FakeSlack)
    asked: list[float] = []
    for _ in range(int(seconds / reconciliation.job.seconds)):
        before = len(desk.adapter.looked_for)
        await reconciliation.job.run(desk.bench)
        asked += [desk.clock.monotonic()] * (len(desk.adapter.looked_for) - before)
        desk.clock.advance(reconciliation.job.seconds)
    return asked


@pytest.mark.slow
async def test_those_who_cannot_be_asked_about_do_not_starve_the_others(slack: Desk) -> None:
    adapter = await lost_replies(slack, 45)
    rows = await slack.ledger.rows()
    for row in rows[:44]:
        adapter.found[row.id] = Later(0.0, Scope.CHAT, "history cannot be read")
    adapter.found[rows[44].id] = MessageRef(Address("fake", "bot", "u44"), "there")
    slack.clock.advance(RECONCILE_AFTER + 1)
    await look(slack, 90)
    assert (await row_of(slack, "u44")).state == "delivered"


@pytest.mark.parametrize("scope", list(Scope))
async def test_later_holds_its_scope_for_its_time(slack: Desk, scope: Scope) -> None:
    adapter = await lost_replies(slack, 2)
    first, second = await slack.ledger.rows()
    for row in (first, second):
        adapter.found[row.id] = Later(300.0, scope, "slow down")
    slack.clock.advance(RECONCILE_AFTER + 1)
    await look(slack, 290)
    asked = [row_id for row_id, _since in adapter.looked_for]
    assert asked == ([first.id] if scope is Scope.ACCOUNT else [first.id, second.id])
    await look(slack, 20)
    assert len(adapter.looked_for) == 2 * len(asked)
    assert adapter.looked_for[-1][0] == second.id, "the turn goes on where it stopped"


@pytest.mark.slow
async def test_history_is_asked_at_most_forty_times_a_minute(slack: Desk) -> None:
    adapter = await lost_replies(slack, 30)
    for row in await slack.ledger.rows():
        adapter.found[row.id] = Later(0.0, Scope.CHAT, "not now")
    slack.clock.advance(RECONCILE_AFTER + 1)
    asked = await look(slack, 300)
    assert 150 <= len(asked) <= 185
    assert max(sum(at <= one < at + 60 for one in asked) for at in asked) <= 40


async def test_what_is_found_absent_too_late_is_left_to_people(
    slack: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    number, adapter = await lost(slack)
    slack.clock.advance(3601)
    for _ in range(3):
        await ring(slack)
        await slack.deliver()
    row = await row_of(slack, "100")
    assert (row.state, row.reason) == ("unconfirmed", "absent_late: ReadTimeout")
    assert adapter.chats().count("100") == 1
    assert len(adapter.looked_for) == 1, "it is known now"
    assert f"delivery {row.id} did not arrive" in caplog.text
    async with slack.database.read() as read:
        report = await announcement_reports.report(read, number, slack.clock.now())
    assert [one[:2] for one in report.unreached] == [("unconfirmed", "absent_late: ReadTimeout")]


async def test_after_a_day_nothing_is_asked_and_the_announcement_ends(
    slack: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    adapter = slack.adapter
    assert isinstance(adapter, FakeSlack)
    adapter.opened.add("100")
    adapter.script["100"].append(Unknown("ReadTimeout"))
    number = await slack.ledger.announce(["100"], parts=2)
    slack.bench.delivery.part_of = words_of  # type: ignore[method-assign]  # its words matter to nobody
    await slack.deliver()
    first, second = await slack.ledger.rows()
    adapter.found[first.id] = Later(60.0, Scope.CHAT, "history shows no metadata")
    slack.clock.advance(GIVE_UP_AFTER - 30)
    await ring(slack)
    assert (await state(slack, number)).state is _S.SENDING
    slack.clock.advance(60)
    for _ in range(2):
        await ring(slack)
    first, second = await slack.ledger.rows()
    assert (first.state, first.reason) == ("unconfirmed", "fate_unknown: ReadTimeout")
    assert (second.state, second.reason) == ("skipped", "earlier_part")
    assert (await state(slack, number)).state is _S.SENT
    asked = len(adapter.looked_for)
    await look(slack, 300)
    assert len(adapter.looked_for) == asked
    assert caplog.text.count("not asked any more") == 1


@pytest.mark.parametrize("arrived", [True, False])
async def test_the_second_part_of_a_notice_waits_for_the_fate_of_the_first(
    slack: Desk, arrived: bool
) -> None:
    """A notice answers no update, so nothing but its rows' order holds its parts together."""
    adapter = slack.adapter
    assert isinstance(adapter, FakeSlack)
    adapter.opened.add("100")
    adapter.script["100"].append(Unknown("ReadTimeout"))
    await slack.ledger.parts("100", "one", "two")
    await slack.ledger.parts("100", "three", "four")
    await slack.deliver()
    assert [one.text for one in adapter.attempts] == ["one", "three", "four"]
    first = (await slack.ledger.rows())[0]
    if arrived:
        adapter.found[first.id] = MessageRef(Address("fake", "bot", "100"), "there")
    slack.clock.advance(RECONCILE_AFTER + 1)
    await ring(slack)
    await slack.deliver()
    assert [one.text for one in adapter.attempts][3:] == (["two"] if arrived else ["one", "two"])


async def test_a_notices_second_part_does_not_wait_for_ever(slack: Desk) -> None:
    adapter = slack.adapter
    assert isinstance(adapter, FakeSlack)
    adapter.opened.add("100")
    adapter.script["100"].append(Unknown("ReadTimeout"))
    await slack.ledger.parts("100", "one", "two")
    await slack.deliver()
    slack.clock.advance(GIVE_UP_AFTER + 1)
    await ring(slack)
    assert [one.state for one in await slack.ledger.rows()] == ["unconfirmed", "skipped"]


# ------------------------------------------------------------ the bell


async def test_a_job_that_raises_is_rung_again_and_stops_no_other() -> None:
    rung: list[str] = []
    enough = asyncio.Event()

    async def bad() -> None:
        rung.append("bad")
        raise ZeroDivisionError

    async def good() -> None:
        rung.append("good")
        if rung.count("bad") >= 2 and rung.count("good") >= 2:
            enough.set()

    with Bell({"bad": (0.01, bad), "good": (0.01, good)}):
        await asyncio.wait_for(enough.wait(), 10)


async def test_a_slow_job_never_overlaps_itself() -> None:
    inside, most, rings = [0], [0], [0]
    enough = asyncio.Event()

    async def slow() -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        rings[0] += 1
        for _ in range(50):
            await asyncio.sleep(0)
        inside[0] -= 1
        if rings[0] >= 3:
            enough.set()

    with Bell({"slow": (0.001, slow)}):
        await asyncio.wait_for(enough.wait(), 10)
    assert most[0] == 1


async def test_every_job_is_harmless_on_an_empty_agenda(desk: Desk) -> None:
    before = await _everything(desk)
    for _ in range(3):
        await ring(desk)
    assert await _everything(desk) == before


async def _everything(desk: Desk) -> list[Any]:
    async with desk.database.read() as read:
        return [tuple(row) for row in await read.all(select(t.Delivery.id, t.Delivery.state))]
