"""Readers confirm that they have read, and their organisations are reminded if none did."""

import pytest

from bot.domain.refusal import Refusal
from bot.services import acknowledgements
from tests.support.announcing import USERS, act, announce, get, report, ring, standing, texts
from tests.support.desk import Desk
from tests.support.in_rooms import ROOM, let_in


async def confirm(desk: Desk, user: str, number: int, at: int = 0) -> None:
    copy = standing(desk, user)[at]
    assert f"ack:{number}" in [button.data for button in copy.buttons]
    await desk.press(user, f"ack:{number}", copy.id)


async def test_a_press_is_noted_shown_and_counted_once(desk: Desk) -> None:
    number = await announce(desk, acknowledge=True)
    await ring(desk)
    await confirm(desk, "200", number)
    assert "您已确认阅读" in texts(desk, "200")[0]
    assert [one.data for one in standing(desk, "200")[0].buttons] == []
    await desk.press("200", f"ack:{number}", standing(desk, "200")[0].id)
    found = await report(desk, number)
    assert found.acknowledged == 1
    assert [(one.slug, one.reached, one.acknowledged) for one in found.organisations] == [
        ("anna-center", 1, 0),
        ("bo-center", 1, 1),
        ("chi-center", 1, 0),
    ]


async def test_a_forged_press_confirms_nothing(desk: Desk) -> None:
    number = await announce(desk, acknowledge=True)
    other = await announce(desk)
    await ring(desk)
    copy = standing(desk, "300")[-1]
    for data in (f"ack:{other}", f"ack:{number + 99}", "ack:x", "ack:"):
        await desk.press("300", data, copy.id)
    await desk.press("200", f"ack:{number}", standing(desk, "300")[0].id, chat="300")
    await desk.press("999", f"ack:{number}", "m0")
    for which in (number, other):
        assert (await report(desk, which)).acknowledged == 0


async def test_in_a_room_the_person_confirms_and_the_card_stays(desk: Desk) -> None:
    await let_in(desk)
    number = await announce(desk, acknowledge=True, audience="room:frontier-forum")
    await ring(desk)
    card = standing(desk, ROOM)[-1]
    await desk.press("300", f"ack:{number}", card.id, chat=ROOM)
    assert (await report(desk, number)).acknowledged == 1
    assert "confirmed" not in standing(desk, ROOM)[-1].text
    assert desk.notices("300")[-1] == "Thank you, noted."


async def test_only_organisations_without_a_confirmation_are_reminded(desk: Desk) -> None:
    number = await announce(desk, acknowledge=True)
    await ring(desk)
    await confirm(desk, "200", number)
    chased = await act(desk, acknowledgements.chase, number)
    await confirm(desk, "100", number)
    from bot.services import announcements

    await act(desk, announcements.approve, chased.id)
    await ring(desk)
    assert [len(texts(desk, user)) for user in USERS] == [1, 1, 2], "100 confirmed in between"
    assert "Reminder: Greeting" in texts(desk, "300")[1]
    await confirm(desk, "300", number, at=1)
    assert (await report(desk, number)).acknowledged == 3
    assert "You have confirmed" in texts(desk, "300")[1]


async def test_who_was_never_asked_is_not_chased(desk: Desk) -> None:
    number = await announce(desk)
    await ring(desk)
    with pytest.raises(Refusal):
        await act(desk, acknowledgements.chase, number)
    asked = await announce(desk, acknowledge=True)
    with pytest.raises(Refusal):
        await act(desk, acknowledgements.chase, asked)
    assert not (await get(desk, number)).acknowledge
