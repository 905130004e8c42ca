"""Corrections while copies are still to leave, of many parts, told anew, and taken back."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.domain.announcement import AnnouncementState, Body, Guard
from bot.domain.change import ChangeKind, Follow
from bot.domain.message import Attachment
from bot.domain.outcome import Never, Reason, Unknown
from bot.domain.people import CLI
from bot.domain.preferences import QuietHours
from bot.domain.refusal import Refusal
from bot.domain.timing import Repeat
from bot.services import acknowledgements, announcements, roster
from bot.services import announcement_changes as changes
from bot.services import announcement_stops as stops
from bot.storage import preferences, tables
from bot.storage.database import Write
from tests.support.announcing import (
    USERS,
    act,
    announce,
    get,
    later,
    report,
    ring,
    standing,
    texts,
)
from tests.support.desk import Desk
from tests.unit.handlers.talk import member_row

t: Any = tables
SHORT = (Body("en", "Greeting", "short"),)
LONG = (Body("en", "Greeting", "\n\n".join(f"{n} {'word ' * 150}" for n in range(12))),)
PIECES = tuple(f"{n} word" for n in range(12))


async def frozen(desk: Desk, **changed: Any) -> int:
    """Let it begin, its audience be fixed, and nothing leave."""
    number = await announce(desk, **changed)
    await desk.database.write(
        lambda write: announcements.ring(write, now=desk.clock.now(), grace=timedelta(hours=1))
    )
    await desk.bench.delivery.freeze_due(desk.clock)
    return number


async def sent(desk: Desk, **changed: Any) -> int:
    number = await announce(desk, **changed)
    await ring(desk, 12)
    return number


def reads_all(desk: Desk, user: str) -> bool:
    shown = "\n".join(texts(desk, user))
    return all(piece in shown for piece in PIECES)


async def parts_of(desk: Desk, number: int) -> list[tuple[int, str]]:
    async with desk.database.read() as read:
        rows = await read.all(
            select(t.Delivery.part, t.Delivery.state)
            .where(t.Delivery.announcement_id == number)
            .order_by(t.Delivery.address_id, t.Delivery.part)
        )
    return [(row.part, row.state) for row in rows]


async def test_longer_words_reach_whoever_has_nothing_yet_in_full(desk: Desk) -> None:
    number = await frozen(desk, bodies=SHORT)
    await act(desk, changes.correct, number, LONG)
    await ring(desk, 12)
    assert [reads_all(desk, user) for user in USERS] == [True] * 3
    found = await report(desk, number)
    assert found.announcement.state is AnnouncementState.SENT
    assert found.tally.failed == 0
    assert [one.reached for one in found.organisations] == [1, 1, 1]


async def test_shorter_words_fail_nobody(desk: Desk) -> None:
    number = await frozen(desk, bodies=LONG)
    await act(desk, changes.correct, number, SHORT)
    await ring(desk, 12)
    for user in USERS:
        assert texts(desk, user) == ["Greeting\n\nshort"]
    assert await parts_of(desk, number) == [(1, "delivered")] * 3
    assert [one.reached for one in (await report(desk, number)).organisations] == [1, 1, 1]


@pytest.mark.parametrize(("old", "new"), [(SHORT, LONG), (LONG, SHORT)])
async def test_between_the_parts_of_a_copy(
    desk: Desk, old: tuple[Body, ...], new: tuple[Body, ...]
) -> None:
    number = await announce(desk, bodies=old)
    corrected: list[bool] = []

    async def correct_now(_attempt: object) -> None:
        if not corrected:
            corrected.append(True)
            await act(desk, changes.correct, number, new)

    desk.adapter.before = correct_now
    await ring(desk, 12, times=5)
    for user in USERS:
        if new is LONG:
            assert reads_all(desk, user)
        else:
            assert texts(desk, user) == ["Greeting\n\nshort"]
    found = await report(desk, number)
    assert (found.tally.failed, found.tally.pending) == (0, 0)
    assert [change.change.is_open for change in found.changes] == [False]


async def test_those_who_wait_for_the_morning_get_all_of_it(desk: Desk) -> None:
    async with desk.database.read() as read:
        chi = await read.scalar(select(t.Person.id).where(t.Person.email == "chi@example.org"))
    at = desk.clock.now() + timedelta(hours=8)  # Shanghai's clock
    hours = QuietHours(time(at.hour, 0), time((at.hour + 2) % 24, 0))
    await desk.database.write(lambda write: preferences.choose_quiet(write, chi, hours))
    number = await sent(desk, bodies=SHORT)
    assert texts(desk, "300") == []
    await act(desk, changes.correct, number, LONG)
    await ring(desk, 12)
    assert texts(desk, "300") == []
    later(desk, hours=2, minutes=5)
    await ring(desk, 12)
    assert reads_all(desk, "300")


async def test_longer_then_shorter_then_longer_again(desk: Desk) -> None:
    number = await sent(desk, bodies=LONG)
    for new in (SHORT, LONG, SHORT, LONG):
        await act(desk, changes.correct, number, new)
        await ring(desk, 12)
    for user in USERS:
        assert reads_all(desk, user)
    for change in (await report(desk, number)).changes:
        assert change.failed == ()


async def test_a_newer_correction_ends_an_older_one(desk: Desk) -> None:
    number = await sent(desk)
    await act(desk, changes.correct, number, LONG)
    await act(desk, changes.correct, number, SHORT)
    await ring(desk, 12)
    assert texts(desk, "300") == ["Greeting\n\nshort"]
    first, second = (await report(desk, number)).changes
    assert (first.waiting, first.change.is_open, second.change.is_open) == (0, False, False)
    assert second.done == 3


async def test_resent_whole_and_not_a_fragment(desk: Desk) -> None:
    number = await announce(desk, bodies=LONG)
    desk.adapter.script["300"].append(Unknown("lost"))
    await ring(desk, 12)
    assert not reads_all(desk, "300")
    assert await act(desk, stops.resend, number) == 1
    await ring(desk, 12)
    assert reads_all(desk, "300")
    assert [one.reached for one in (await report(desk, number)).organisations] == [1, 1, 1]


async def test_a_part_behind_one_that_was_refused_is_not_sent_again(desk: Desk) -> None:
    number = await announce(desk, bodies=LONG)
    desk.adapter.script["200"].append(Unknown("lost"))
    desk.adapter.script["300"].append(Never(Reason.REFUSED, "no"))
    await ring(desk, 12)
    await act(desk, stops.resend, number)
    await ring(desk, 12)
    assert texts(desk, "300") == []


async def test_told_anew_in_full_with_the_file_first(desk: Desk) -> None:
    file = Attachment("a.pdf", "application/pdf", b"x", is_shared=True)
    number = await sent(desk, files=(file,))
    await act(desk, changes.correct, number, LONG, follow=Follow.ALL)
    await ring(desk, 20)
    (change,) = (await report(desk, number)).changes
    assert change.told == 3
    assert change.told_by is not None
    told = [x for x in texts(desk, "300") if "has been corrected" in x]
    assert len(told) == 1
    news = texts(desk, "300")[texts(desk, "300").index(told[0]) :]
    assert all(piece in "\n".join(news) for piece in PIECES)
    assert (await report(desk, change.told_by)).tally.failed == 0


async def test_nobody_who_stopped_is_told_and_who_sleeps_is_not_woken(desk: Desk) -> None:
    number = await sent(desk)
    await desk.say("300", "/stop")
    async with desk.database.read() as read:
        anna = await read.scalar(select(t.Person.id).where(t.Person.email == "anna@example.org"))
    at = desk.clock.now() + timedelta(hours=8)
    hours = QuietHours(time(at.hour, 0), time((at.hour + 2) % 24, 0))
    await desk.database.write(lambda write: preferences.choose_quiet(write, anna, hours))
    await act(desk, changes.correct, number, SHORT, follow=Follow.ALL)
    await ring(desk)
    assert not any("has been corrected" in x for x in texts(desk, "300"))
    assert not any("has been corrected" in x for x in texts(desk, "100"))
    later(desk, hours=2, minutes=5)
    await ring(desk)
    assert any("has been corrected" in x for x in texts(desk, "100"))


async def test_recall_takes_back_what_told_the_correction(desk: Desk) -> None:
    number = await sent(desk)
    await act(desk, changes.correct, number, SHORT, follow=Follow.ALL)
    await ring(desk)
    assert len(texts(desk, "100")) == 2
    await act(desk, changes.recall, number)
    await ring(desk)
    assert [texts(desk, user) for user in USERS] == [[], [], []]


async def test_recalled_at_once_nobody_is_told_anything(desk: Desk) -> None:
    number = await sent(desk)
    before = len(desk.adapter.attempts)
    await act(desk, changes.correct, number, SHORT, follow=Follow.ALL)
    await act(desk, changes.recall, number)
    await ring(desk, times=6)
    assert [texts(desk, user) for user in USERS] == [[], [], []]
    assert {one.kind for one in desk.adapter.attempts[before:]} == {"delete"}
    kinds = [one.change.kind for one in (await report(desk, number)).changes]
    assert kinds == [ChangeKind.CORRECT, ChangeKind.RECALL]


async def test_a_second_correction_reaches_the_message_that_told_the_first(desk: Desk) -> None:
    number = await sent(desk)
    await act(desk, changes.correct, number, SHORT, follow=Follow.ALL)
    await ring(desk)
    await act(desk, changes.correct, number, (Body("en", "Greeting", "right"),))
    await ring(desk)
    assert all("right" in one for one in texts(desk, "100"))
    assert not any("short" in one for one in texts(desk, "100"))
    assert "has been corrected" in texts(desk, "100")[1]


async def test_to_many_the_telling_waits_for_more_than_one_word(desk: Desk) -> None:
    number = await sent(desk)
    made = await act(desk, changes.correct, number, SHORT, follow=Follow.ALL, guard=Guard(large=2))
    assert made.telling.state is AnnouncementState.DRAFT
    await ring(desk)
    assert [len(standing(desk, user)) for user in USERS] == [1, 1, 1], "edited, and not told yet"
    await act(desk, announcements.approve, made.telling.id, guard=Guard(large=2), confirmed=3)
    await ring(desk)
    assert [len(standing(desk, user)) for user in USERS] == [2, 2, 2]
    second = await act(
        desk, changes.correct, number, LONG, follow=Follow.ALL, guard=Guard(large=2, second=True)
    )
    assert second.telling.state is AnnouncementState.REVIEW


async def test_what_tells_a_correction_is_corrected_by_the_first_one_only(desk: Desk) -> None:
    number = await sent(desk)
    made = await act(desk, changes.correct, number, SHORT, follow=Follow.ALL)
    await ring(desk)
    with pytest.raises(Refusal) as refused:
        await act(desk, changes.correct, made.telling.id, SHORT)
    assert refused.value.fields == {"number": made.telling.id, "first": number}
    assert (await get(desk, made.telling.id)).corrects == number


async def test_a_series_does_not_repeat_what_was_corrected(desk: Desk) -> None:
    due = desk.clock.now() + timedelta(minutes=5)
    number = await announce(desk, due=due, repeat=Repeat.WEEK)
    later(desk, minutes=6)
    await ring(desk)
    await act(desk, changes.correct, number, SHORT)
    later(desk, days=7)
    await ring(desk)
    assert texts(desk, "100") == ["Greeting\n\nshort"] * 2


async def test_who_joins_while_it_is_corrected_breaks_nobody_elses_copy(desk: Desk) -> None:
    number = await sent(desk, bodies=SHORT, late_until=desk.clock.now() + timedelta(days=9))
    await act(desk, changes.correct, number, LONG)
    row = replace(member_row(9, "900", "dora", "en"), accounts=(("fake", "bot", "900"),))
    later(desk, minutes=1)

    async def join(write: Write) -> None:
        await roster.save(write, [row], own={}, actor=CLI, now=desk.clock.now())
        await write.count(update(t.Address).values(introduced_at=desk.clock.now()))

    await desk.database.write(join)
    await desk.bench.delivery.add_latecomers(desk.clock)
    await ring(desk, 20, times=4)
    for user in (*USERS, "900"):
        assert reads_all(desk, user), user
    assert {state for _part, state in await parts_of(desk, number)} == {"delivered"}


@pytest.mark.parametrize(("old", "new"), [(SHORT, LONG), (LONG, SHORT)])
async def test_corrected_while_it_is_unknown_and_then_sent_again(
    desk: Desk, old: tuple[Body, ...], new: tuple[Body, ...]
) -> None:
    number = await announce(desk, bodies=old)
    desk.adapter.script["300"].append(Unknown("lost"))
    await ring(desk, 12)
    await act(desk, changes.correct, number, new)
    await ring(desk, 12)
    await act(desk, stops.resend, number)
    await ring(desk, 12)
    if new is LONG:
        assert reads_all(desk, "300")
    else:
        assert texts(desk, "300") == ["Greeting\n\nshort"]
    assert [one.reached for one in (await report(desk, number)).organisations] == [1, 1, 1]


async def test_removals_under_way_are_over_before_a_newer_correction_looks(desk: Desk) -> None:
    number = await sent(desk, bodies=LONG)
    await act(desk, changes.correct, number, SHORT)
    await desk.bench.delivery.advance_changes(desk.clock)
    again: list[bool] = []

    async def correct_again(_attempt: object) -> None:
        if not again:
            again.append(True)
            await act(desk, changes.correct, number, LONG)

    desk.adapter.before = correct_again
    await ring(desk, 20, times=5)
    assert again
    for user in USERS:
        assert reads_all(desk, user)
    assert (await report(desk, number)).changes[-1].failed == ()


async def test_two_that_tell_in_a_row_tell_once(desk: Desk) -> None:
    number = await sent(desk)
    await act(desk, changes.correct, number, SHORT, follow=Follow.ALL)
    await act(desk, changes.correct, number, (Body("en", "Greeting", "right"),))
    await ring(desk, times=6)
    told = [one for one in texts(desk, "100") if "has been corrected" in one]
    assert len(told) == 1, "the first promise is kept, once"
    assert "right" in told[0]


async def test_whose_copy_could_not_be_edited_is_told_of_the_newest_words(desk: Desk) -> None:
    number = await sent(desk)
    await act(desk, changes.correct, number, SHORT, follow=Follow.FAILED)
    await act(desk, changes.correct, number, (Body("en", "Greeting", "right"),))
    desk.adapter.script["300"].append(Never(Reason.NOT_ALLOWED, "message can't be edited"))
    await ring(desk, times=6)
    assert [any("has been corrected" in x for x in texts(desk, user)) for user in USERS] == [
        False,
        False,
        True,
    ]


async def test_the_guard_counts_who_had_the_old_words_not_who_is_meant_now(desk: Desk) -> None:
    number = await sent(desk)
    await desk.database.write(
        lambda write: write.count(update(t.Announcement).values(audience="tag:nobody-any-more"))
    )
    made = await act(
        desk, changes.correct, number, SHORT, follow=Follow.ALL, guard=Guard(large=2, second=True)
    )
    assert made.telling.state is AnnouncementState.REVIEW


async def test_an_older_form_does_not_undo_what_somebody_else_corrected(desk: Desk) -> None:
    number = await sent(desk)
    await act(desk, changes.correct, number, SHORT, revision=1)
    with pytest.raises(Refusal) as refused:
        await act(desk, changes.correct, number, LONG, revision=1)
    assert refused.value.key == "refusal.correct-outdated"


async def test_a_reminder_that_is_corrected_can_still_be_confirmed(desk: Desk) -> None:
    first = await sent(desk, acknowledge=True)
    chased = await act(desk, acknowledgements.chase, first)
    await act(desk, announcements.approve, chased.id)
    await ring(desk)
    await act(desk, changes.correct, chased.id, SHORT, follow=Follow.ALL)
    await ring(desk)
    copy = standing(desk, "300")[-1]
    assert "has been corrected" in copy.text
    await desk.press("300", f"ack:{first}", copy.id)
    assert (await report(desk, first)).acknowledged == 1
