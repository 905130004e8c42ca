"""Rooms as recipients: only where asked for, once, in their language, and named in the report."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from bot.domain import audience as a
from bot.domain.announcement import AnnouncementState, Body
from bot.domain.announcement_report import Report
from bot.domain.people import CLI, StaffRole
from bot.domain.refusal import Refusal
from bot.services import announcement_reach, announcement_reports, announcements, rooms
from bot.storage import freeze, tables
from bot.storage.database import Write
from bot.storage.freeze import Freezing, freeze_chunk, prepare
from schedules import JOBS
from tests.support.desk import Desk
from tests.support.in_rooms import (
    ROOM,
    TITLE,
    ask_card,
    ledger,
    let_in,
    make_staff,
    refresh,
    standing,
)

t: Any = tables
BODIES = (Body("en", "Greeting", "Happy New Year!"), Body("zh", "问候", "新年快乐！"))


async def announce(desk: Desk, audience: str, event: str = "") -> int:
    now = desk.clock.now()
    draft = announcements.Draft("Greeting", BODIES, audience, None, "Asia/Shanghai", event)

    async def work(write: Write) -> int:
        made = await announcements.create(write, draft, actor=CLI, now=now)
        await announcements.approve(write, made.id, actor=CLI, now=now)
        return made.id

    return await desk.database.write(work)


async def ring(desk: Desk, seconds: float = 12.0) -> None:
    for _ in range(2):
        for job in JOBS:
            await job.run(desk.bench)
        await desk.deliver(seconds)
    for job in JOBS:
        await job.run(desk.bench)


async def report(desk: Desk, number: int) -> Report:
    async with desk.database.read() as read:
        return await announcement_reports.report(read, number, desk.clock.now())


async def test_a_room_gets_it_once_and_its_members_nothing(desk: Desk) -> None:
    await let_in(desk)
    number = await announce(desk, "room:frontier-forum")
    await ring(desk)
    assert [text for text in desk.seen(ROOM) if "Happy New Year" in text] == desk.seen(ROOM)[-1:]
    assert [desk.seen(user) for user in ("100", "200", "300")] == [[], [], []]
    found = await report(desk, number)
    assert found.announcement.state is AnnouncementState.SENT
    assert (found.tally.total, found.tally.delivered) == (1, 1)
    assert found.rooms == (("frontier-forum", "Frontier Forum", "delivered"),)
    assert found.no_messenger == ()


@pytest.mark.parametrize(
    ("expression", "people", "room"),
    [
        ("all", 3, False),
        ("all or room:frontier-forum", 3, True),
        ("all and room:frontier-forum", 0, False),
        ("not org:anna-center", 2, False),
        ("not room:other", 3, False),
        ("not org:anna-center or room:other", 2, False),
        ('lang:zh or (room:"Frontier Forum" or room:other)', 1, True),
        ("room:frontier-forum and not lang:zh", 0, True),
        ("room:frontier-forum and room:other", 0, False),
        ("room:frontier-forum and not room:frontier-forum", 0, False),
        ("not not room:FRONTIER-FORUM", 0, True),
    ],
)
async def test_who_receives(desk: Desk, expression: str, people: int, room: bool) -> None:
    await let_in(desk)
    await let_in(desk, room="-6", title="Other")
    number = await announce(desk, expression)
    async with desk.database.read() as read:
        counted = await announcement_reach.recipients(read, await announcements.get(read, number))
    await ring(desk)
    rows = await ledger(desk, col(t.Delivery.announcement_id) == number)
    assert len(rows) == counted, "what was promised is what is sent"
    assert sum(row.person_id is not None for row in rows) == people
    got = any("Happy New Year" in text for text in desk.seen(ROOM))
    assert got is room


async def test_a_room_that_nobody_knows_is_refused_with_those_that_are_known(desk: Desk) -> None:
    await let_in(desk)
    await let_in(desk, room="-6", title="科学中心联络群")
    with pytest.raises(Refusal) as refused:
        await announce(desk, "lang:zh or room:forum")
    assert refused.value.key == "refusal.audience-room"
    assert refused.value.fields == {
        "position": 12,
        "term": "room:forum",
        "known": "frontier-forum, 科学中心联络群",
    }
    await announce(desk, "room:科学中心联络群")


async def test_in_its_own_language(desk: Desk) -> None:
    await let_in(desk, by="200")
    assert "大家好" in desk.seen(ROOM)[0]
    await announce(desk, "room:frontier-forum")
    await ring(desk)
    assert "新年快乐" in desk.seen(ROOM)[-1]
    now = desk.clock.now()
    await desk.database.write(
        lambda write: rooms.speak(write, "frontier-forum", "en", actor=CLI, now=now)
    )
    await announce(desk, "room:frontier-forum")
    await ring(desk)
    assert "Happy New Year" in desk.seen(ROOM)[-1]
    with pytest.raises(Refusal):
        await desk.database.write(
            lambda write: rooms.speak(write, "frontier-forum", "xx", actor=CLI, now=now)
        )


async def test_a_room_that_we_left_is_skipped_and_named(desk: Desk) -> None:
    await make_staff(desk, "anna@example.org", StaffRole.ADMIN)
    await let_in(desk)
    desk.adapter.platform.remove_bot(ROOM, "100")
    await desk.answer()
    number = await announce(desk, "room:frontier-forum")
    await ring(desk)
    found = await report(desk, number)
    assert (found.tally.total, found.tally.skipped) == (1, 1)
    assert found.unreached == (("skipped", "gone", "fake", "Frontier Forum"),)
    assert found.rooms == (("frontier-forum", "Frontier Forum", "skipped"),)


async def test_a_room_that_staff_made_us_leave_gets_nothing_though_we_are_still_asked(
    desk: Desk,
) -> None:
    await let_in(desk)
    now = desk.clock.now()
    async with desk.database.read() as read:
        room = await rooms.named(read, "frontier-forum")
    await desk.database.write(lambda write: rooms.leave(write, room.id, actor=CLI, now=now))
    await desk.deliver()
    # As on a platform that does not let bots leave by themselves: people speak to it as before.
    desk.adapter.platform.rooms[ROOM] = TITLE
    desk.adapter.platform.block(ROOM, False)
    assert len(await desk.mention("100", ROOM, "help")) == 1
    number = await announce(desk, "room:frontier-forum")
    await ring(desk)
    assert (await report(desk, number)).unreached[0][1] == "room_left"
    assert await let_in(desk) == []
    await announce(desk, "room:frontier-forum")
    await ring(desk)
    assert "Happy New Year" in desk.seen(ROOM)[-1]


async def test_kicked_while_nobody_told_us(desk: Desk) -> None:
    await let_in(desk)
    desk.adapter.platform.block(ROOM)
    number = await announce(desk, "room:frontier-forum")
    await ring(desk)
    assert (await report(desk, number)).rooms == (("frontier-forum", "Frontier Forum", "failed"),)
    assert await desk.ledger.unreachable(ROOM) == "blocked"


async def test_a_crash_between_chunks_makes_no_room_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeze, "CHUNK", 1)
    for number in range(5):
        await let_in(desk, room=f"-{number + 5}", title=f"Room {number}")
    names = " or ".join(f"room:room-{number}" for number in range(5))
    number = await announce(desk, f"all or {names}")
    now = desk.clock.now()
    await desk.database.write(lambda write: announcements.ring(write, now=now, grace=timedelta(1)))
    async with desk.database.read() as read:
        made = await announcements.get(read, number)
    how = Freezing(a.parse(made.audience), "UTC", ("fake",), {("fake", "en", False): 2})
    chunk = partial(freeze_chunk, prepared=prepare(made, how), now=now)

    async def crash(write: Write) -> None:
        await chunk(write)
        raise KeyboardInterrupt

    for _ in range(40):
        with pytest.raises(KeyboardInterrupt):
            await desk.database.write(crash)
        if await desk.database.write(chunk):
            break
    rows = await ledger(desk, col(t.Delivery.announcement_id) == number)
    places = [(row.address_id, row.part) for row in rows]
    assert len(places) == len(set(places))
    assert sum(row.person_id is None for row in rows) == 5 * 2


async def test_the_announcement_stays_and_the_card_comes_with_the_first_answer(desk: Desk) -> None:
    await let_in(desk)
    await announce(desk, "room:frontier-forum", event="talk")
    await ring(desk)
    invitation = desk.adapter.platform.journal.from_bot(ROOM)[-1]
    text, buttons = invitation.text, invitation.buttons
    assert len(buttons) == 3
    await desk.press("100", buttons[0].data, invitation.id, ROOM)
    (again, below) = standing(desk)
    assert again is invitation
    assert "Going (1): Anna Center 1" in below.text
    await desk.press("300", buttons[1].data, invitation.id, ROOM)
    await refresh(desk)
    assert standing(desk) == [invitation, below]
    assert "Maybe (1): Chi Center 1" in below.text
    assert (invitation.text, invitation.buttons, invitation.history) == (text, buttons, [])
    assert desk.seen("100") == []


async def test_on_slack_it_goes_to_the_channel_itself(slack: Desk) -> None:
    await let_in(slack)
    await slack.mention("100", ROOM, "help", thread="123.4")
    number = await announce(slack, "room:frontier-forum")
    await ring(slack, 30)
    (row,) = await ledger(slack, col(t.Delivery.announcement_id) == number)
    async with slack.database.read() as read:
        thread = select(t.Address.thread).where(col(t.Address.id) == row.address_id)
        assert await read.scalar(thread) == ""
    assert slack.adapter.platform.journal.requests
    assert "Happy New Year" in slack.seen(ROOM)[-1]


async def test_the_edits_of_busy_rooms_hold_up_no_announcement(desk: Desk) -> None:
    """Twelve rooms whose cards change all the time, and an announcement to 90 people."""
    for number in range(12):
        await let_in(desk, room=f"-{number + 5}", title=f"Room {number}")
        await ask_card(desk, room=f"-{number + 5}")
        await desk.deliver(20)
    data = f"rsvp:{desk.events['talk']}:"
    for number in range(12):
        desk.adapter.platform.press("100", "m", f"{data}going", f"-{number + 5}")
    await desk.answer()
    users = [str(4000 + number) for number in range(90)]
    await desk.ledger.announce(users)
    begun = desk.clock.monotonic()
    for second in range(8):
        wanted = "going" if second % 2 else "maybe"
        await desk.press("100", f"{data}{wanted}", "m0", "100")
        await desk.bench.cards.refresh(desk.database)
        await desk.deliver(1)
    sent = [one.at - begun for one in desk.adapter.attempts if one.chat in set(users)]
    assert len(sent) == 90
    assert max(sent) <= 90 / 28.6 + 2.5
    edited = [one.at - begun for one in desk.adapter.attempts if one.kind == "edit"]
    assert any(at > 0 for at in edited), "and the cards follow all the same"
