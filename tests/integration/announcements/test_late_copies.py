"""Copies that wait for their reader's own hour, which passes while nobody serves."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.domain.announcement import AnnouncementState
from bot.domain.outcome import Later, Scope
from bot.domain.refusal import Refusal
from bot.services import announcement_stops, announcements, late_copies
from bot.storage import tables
from bot.storage.database import Write
from schedules import late_copies as job
from tests.support.announcing import act, announce, due_of, get, later, report, ring, texts
from tests.support.desk import Desk

_S = AnnouncementState
NINE = datetime(2020, 1, 1, 9)
STAFF, NEAR, FAR = "100", "200", "300"
ASKED = "own clocks"
t: Any = tables


async def _set(write: Write, name: str, **values: str) -> None:
    email = f"{name}@example.org"
    await write.count(update(t.Person).where(t.Person.email == email).values(**values))


@pytest.fixture
async def number(desk: Desk) -> int:
    """An announcement for nine o'clock that Anna and Bo have; Chi's comes thirteen hours on."""
    for name, zone in (
        ("anna", "Asia/Shanghai"),
        ("bo", "Asia/Shanghai"),
        ("chi", "America/New_York"),
    ):
        await desk.database.write(partial(_set, name=name, timezone=zone, zone=""))
    made = await announce(desk, local=NINE)
    found = await get(desk, made)
    desk.clock.advance((found.due - desk.clock.now()).total_seconds())
    await ring(desk)
    assert [len(texts(desk, user)) for user in (STAFF, NEAR, FAR)] == [1, 1, 0]
    return made


def questions(desk: Desk) -> list[Any]:
    return [one for one in desk.adapter.platform.journal.from_bot(STAFF) if ASKED in one.text]


async def test_it_is_held_and_staff_are_asked_once(desk: Desk, number: int) -> None:
    later(desk, hours=15)
    await desk.deliver()
    assert texts(desk, FAR) == [], "a sender that is quicker than the job sends nothing late"
    await ring(desk)
    later(desk, hours=9)
    await ring(desk)
    assert texts(desk, FAR) == []
    assert len(questions(desk)) == 1
    found = await report(desk, number)
    assert (found.late, found.waiting, found.waiting_until) == (1, 0, None)
    assert found.tally.pending == 1
    assert (await get(desk, number)).state is _S.SENDING


async def test_sent_late_after_all(desk: Desk, number: int) -> None:
    later(desk, hours=15)
    await ring(desk)
    question = questions(desk)[0]
    await desk.press(STAFF, f"latecopies:{number}:send", question.id)
    await ring(desk)
    assert len(texts(desk, FAR)) == 1
    assert (await report(desk, number)).late == 0
    assert (await get(desk, number)).state is _S.SENT
    with pytest.raises(Refusal) as refused:
        await act(desk, late_copies.decide, number, send=True, default_zone="UTC")
    assert refused.value.key == "refusal.late-copies"


async def test_left_out_it_is_skipped_and_named(desk: Desk, number: int) -> None:
    later(desk, hours=15)
    await ring(desk)
    await desk.press(STAFF, f"latecopies:{number}:leave", questions(desk)[0].id)
    await ring(desk)
    assert texts(desk, FAR) == []
    found = await report(desk, number)
    assert (found.tally.skipped, found.late) == (1, 0)
    assert [row[:2] for row in found.unreached] == [("skipped", "late_left_out")]
    assert found.announcement.state is _S.SENT


async def test_sent_late_it_keeps_quiet_hours(desk: Desk, number: int) -> None:
    await desk.database.write(partial(_set, name="chi", quiet_from="10:00", quiet_until="13:00"))
    later(desk, hours=15)
    await ring(desk)
    assert (await report(desk, number)).late == 1
    await act(desk, late_copies.decide, number, send=True, default_zone="UTC")
    assert (await due_of(desk, number))[FAR].hour == 18, "13:00 in New York"
    await ring(desk)
    assert texts(desk, FAR) == []
    later(desk, hours=2)
    await ring(desk)
    assert len(texts(desk, FAR)) == 1


async def test_within_the_grace_period_it_goes(desk: Desk, number: int) -> None:
    later(desk, hours=13, minutes=59)
    await ring(desk)
    assert len(texts(desk, FAR)) == 1
    assert questions(desk) == []


async def test_what_the_pace_delays_is_not_late(desk: Desk, number: int) -> None:
    """It was seen to become due: however long the sender then takes, nobody is asked."""
    later(desk, hours=13, minutes=1)
    await job.run(desk.bench)
    later(desk, hours=5)
    await ring(desk)
    assert len(texts(desk, FAR)) == 1
    assert questions(desk) == []


async def test_what_a_pause_delays_is_not_late(desk: Desk, number: int) -> None:
    await act(desk, announcement_stops.pause, number)
    later(desk, hours=13, minutes=1)
    await job.run(desk.bench)
    later(desk, hours=5)
    await act(desk, announcement_stops.resume, number)
    await ring(desk)
    assert len(texts(desk, FAR)) == 1


async def test_what_the_platform_puts_off_is_not_late(desk: Desk, number: int) -> None:
    desk.adapter.script[FAR].append(Later(3.0, Scope.CHAT, "slow down"))
    later(desk, hours=13)
    await job.run(desk.bench)
    await desk.deliver(1.0)
    later(desk, hours=5)
    await ring(desk)
    assert len(texts(desk, FAR)) == 1
    assert questions(desk) == []


async def test_cancelled_while_held_it_is_skipped(desk: Desk, number: int) -> None:
    later(desk, hours=15)
    await ring(desk)
    await act(desk, announcements.cancel, number)
    await ring(desk)
    found = await report(desk, number)
    assert (found.late, found.tally.skipped) == (0, 1)


async def test_only_editors_decide(desk: Desk, number: int) -> None:
    later(desk, hours=15)
    await ring(desk)
    await desk.press(FAR, f"latecopies:{number}:send", "m0")
    await desk.press(STAFF, f"latecopies:{number}:perhaps", "m0")
    await ring(desk)
    assert (await report(desk, number)).late == 1


async def test_the_mark_follows_the_clock_only_when_something_is_due(
    desk: Desk, number: int
) -> None:
    async def mark() -> datetime:
        async with desk.database.read() as read:
            return datetime.fromisoformat(str(await read.scalar(select(t.DueMark.until))))

    stood = await mark()
    later(desk, hours=2)
    await job.run(desk.bench)
    assert await mark() == stood
    later(desk, hours=11, minutes=1)
    await job.run(desk.bench)
    assert await mark() - stood > timedelta(hours=12)
