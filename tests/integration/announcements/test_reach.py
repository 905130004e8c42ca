"""Whom an announcement would reach, said before it is sent; and of whom the report counts."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from bot.domain.announcement import Guard
from bot.domain.announcement_reach import Missed, Reach
from bot.domain.message import text_of
from bot.domain.refusal import Refusal
from bot.i18n import texts_for
from bot.services import (
    acknowledgements,
    announcement_by_hand,
    announcement_reach,
    announcement_status,
    announcements,
)
from bot.services.announcement_by_hand import Way
from bot.storage import tables
from bot.views.announcing import report_message, status_card
from tests.integration.announcements.test_by_hand import on_no_messenger
from tests.integration.announcements.test_confirming import confirm
from tests.integration.announcements.test_one_copy import block, with_chats
from tests.support.announcing import DRAFT, USERS, act, announce, get, report, ring, texts
from tests.support.desk import Desk
from tests.support.in_rooms import let_in

t: Any = tables


async def reach(desk: Desk, number: int, limit: int | None = None) -> Reach:
    async with desk.database.read() as read:
        found = await announcements.get(read, number)
        return await announcement_reach.reach(
            read, found, tuple(desk.bench.outbox.estimates.paces), limit
        )


async def card(desk: Desk, number: int, language: str = "en") -> str:
    async with desk.database.read() as read:
        status = await announcement_status.status(read, number, desk.bench.outbox.estimates, "UTC")
    return text_of(status_card(status, desk.clock.now(), texts_for(language)).lines)


async def set_person(desk: Desk, email: str, **values: object) -> None:
    statement = update(t.Person).where(t.Person.email == email).values(**values)
    await desk.database.write(lambda write: write.count(statement))


async def everything_wrong(desk: Desk) -> None:
    """Anna has stopped, Bo has switched news off, Chi has blocked; Dora is on no messenger."""
    await on_no_messenger(desk, "dora", "en")
    await set_person(desk, "anna@example.org", stopped=True)
    await desk.say("200", "/settings")
    await desk.press("200", "set:topic:news", desk.adapter.platform.journal.from_bot("200")[-1].id)
    await block(desk, "300")


async def test_who_cannot_be_reached_is_said_with_the_reason_before_it_is_sent(
    desk: Desk,
) -> None:
    await everything_wrong(desk)
    made = await act(desk, announcements.create, DRAFT)
    found = await reach(desk, made.id)
    assert found.missed == (
        Missed("anna@example.org", "anna-center", "fake", "stopped"),
        Missed("bo@example.org", "bo-center", "fake", "topic"),
        Missed("chi@example.org", "chi-center", "fake", "blocked"),
        Missed("dora@example.org", "dora-center", "", "no_messenger"),
    )
    assert (found.chats, found.people, found.reachable, found.in_vain) == ({}, 4, 0, 4)
    assert (found.homes, found.homes_reachable) == (4, 0)
    shown = await card(desk, made.id)
    assert "To 0 people of 0 organisations: 0" in shown
    assert "4 of the audience cannot be reached:" in shown
    assert "• bo@example.org (Fake): The person has switched this topic off." in shown
    assert "• dora@example.org: The person is on no messenger." in shown


async def test_the_freeze_skips_for_the_reasons_that_were_said(desk: Desk) -> None:
    await everything_wrong(desk)
    number = await announce(desk)
    said = {(one.who, one.reason) for one in (await reach(desk, number)).missed}
    await ring(desk)
    became = await report(desk, number)
    assert said == {(whom, why) for _state, why, _on, whom in became.unreached} | {
        (email, "no_messenger") for email, _home in became.no_messenger
    }


async def test_counted_are_those_whom_it_reaches_each_once(desk: Desk) -> None:
    await with_chats(desk, "900", "901")
    await let_in(desk)
    await block(desk, "200")
    number = await announce(desk, audience="all or room:frontier-forum")
    found = await reach(desk, number)
    assert found.chats == {"fake": 4}, "Anna, Chi, Dora once, and the room"
    assert (found.people, found.reachable, found.in_vain) == (4, 3, 1)
    assert [(one.slug, one.people, one.reachable) for one in found.organisations] == [
        ("anna-center", 1, 1),
        ("bo-center", 1, 0),
        ("chi-center", 1, 1),
        ("dora-center", 1, 1),
    ]
    shown = await card(desk, number)
    assert "To 3 people of 3 organisations: Fake 4" in shown
    await ring(desk)
    assert (await report(desk, number)).tally.delivered == 4
    assert "Fake 4" in await card(desk, number)


async def test_a_chat_that_nobody_here_serves_does_not_count(desk: Desk) -> None:
    statement = update(t.Address).where(t.Address.chat == "300").values(platform="pigeon")
    await desk.database.write(lambda write: write.count(statement))
    made = await act(desk, announcements.create, DRAFT)
    found = await reach(desk, made.id)
    assert found.chats == {"fake": 2}
    assert found.missed == (Missed("chi@example.org", "chi-center", "pigeon", "no_adapter"),)


async def test_the_card_names_some_and_counts_the_others(desk: Desk) -> None:
    await everything_wrong(desk)
    made = await act(desk, announcements.create, DRAFT)
    found = await reach(desk, made.id, limit=3)
    assert (len(found.missed), found.in_vain) == (3, 4)
    async with desk.database.read() as read:
        status = await announcement_status.status(
            read, made.id, desk.bench.outbox.estimates, "UTC", named=1
        )
    for language, more in (("en", "and 3 more"), ("de", "und 3 weitere"), ("zh", "另有3条")):
        shown = text_of(status_card(status, desk.clock.now(), texts_for(language)).lines)
        assert more in shown


async def test_the_guard_asks_for_those_whom_it_reaches(desk: Desk) -> None:
    await block(desk, "300")
    made = await act(desk, announcements.create, DRAFT)
    guard = Guard(large=2)
    with pytest.raises(Refusal) as refused:
        await act(desk, announcements.approve, made.id, guard=guard, confirmed=3)
    assert refused.value.fields == {"count": 2}
    await act(desk, announcements.approve, made.id, guard=guard, confirmed=2)


# ------------------------------------------------------------------ reminders


async def test_a_reminder_counts_those_whom_it_is_meant_for(desk: Desk) -> None:
    await on_no_messenger(desk, "dora", "en")
    number = await announce(desk, acknowledge=True)
    await ring(desk)
    await confirm(desk, "200", number)
    chased = await act(desk, acknowledgements.chase, number)
    async with desk.database.read() as read:
        assert await announcement_reach.recipients(read, chased) == 2
    shown = await card(desk, chased.id)
    assert "To 2 people of 2 organisations: Fake 2" in shown
    assert "dora@example.org" not in shown, "she was never asked"
    await confirm(desk, "100", number)
    guard = Guard(large=1)
    with pytest.raises(Refusal) as refused:
        await act(desk, announcements.approve, chased.id, guard=guard, confirmed=4)
    assert refused.value.fields == {"count": 1}
    await act(desk, announcements.approve, chased.id, guard=guard, confirmed=1)
    await ring(desk)
    assert [len(texts(desk, user)) for user in USERS] == [1, 1, 2]
    assert [one.slug for one in (await report(desk, chased.id)).organisations] == ["chi-center"]
    assert "To 1 person of 1 organisation: Fake 1" in await card(desk, chased.id)


# ------------------------------------------------------------------ the report


async def test_an_organisation_with_nobody_on_a_messenger_was_not_reached(desk: Desk) -> None:
    await on_no_messenger(desk, "dora", "en")
    number = await announce(desk)
    await ring(desk)
    found = await report(desk, number)
    assert [(one.slug, one.people, one.reached) for one in found.organisations] == [
        ("anna-center", 1, 1),
        ("bo-center", 1, 1),
        ("chi-center", 1, 1),
        ("dora-center", 1, 0),
    ]
    shown = text_of(report_message(found, "en", texts_for("en")).lines)
    assert "Organisations reached: 3 of 4" in shown
    assert "Dora Center" in shown
    given = {"way": Way.PHONE, "day": date(2019, 12, 1)}
    await act(desk, announcement_by_hand.note, number, "dora@example.org", **given)
    found = await report(desk, number)
    assert [one.by_hand for one in found.organisations] == [0, 0, 0, 1]
    shown = text_of(report_message(found, "en", texts_for("en")).lines)
    assert "Organisations reached: 3 of 4" in shown
    assert "1 more organisation was reached by mail or phone." in shown
    assert "Not reached at all" not in shown


async def test_who_joins_when_it_is_over_was_not_meant(desk: Desk) -> None:
    number = await announce(desk)
    await ring(desk)
    await with_chats(desk, "900")
    assert len((await report(desk, number)).organisations) == 3
    assert (await get(desk, number)).state.value == "sent"
