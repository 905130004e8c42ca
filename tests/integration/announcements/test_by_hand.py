"""Whom no messenger reaches: their letters, and the note that they were reached."""

from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from bot.domain.announcement import Body
from bot.domain.refusal import Refusal
from bot.services import announcement_by_hand, roster
from bot.services.announcement_by_hand import Letter, Way
from tests.support.announcing import act, announce, report, ring
from tests.support.desk import Desk
from tests.unit.handlers.talk import member_row


async def letters(desk: Desk, number: int) -> dict[str, Letter]:
    async with desk.database.read() as read:
        made = await announcement_by_hand.letters(
            read, number, default_language="en", signature={"zh": "秘书处"}
        )
    return {one.to: one for one in made}


async def on_no_messenger(desk: Desk, name: str, locale: str) -> None:
    row = replace(member_row(9, "900", name, locale), accounts=())

    async def save(write: object, *, actor: object, now: object) -> None:
        await roster.save(write, [row], own={}, actor=actor, now=now)  # type: ignore[arg-type]  # handed through

    await act(desk, save)


async def test_a_letter_for_everybody_whom_nothing_reached(desk: Desk) -> None:
    await on_no_messenger(desk, "dora", "zh-CN")
    desk.adapter.platform.block("300")
    bodies = (
        Body("en", "News", "Dear {name}: [here](https://example.org/a)"),
        Body("zh", "新闻", "尊敬的{name}"),
    )
    number = await announce(desk, bodies=bodies)
    await ring(desk)
    made = await letters(desk, number)
    assert sorted(made) == ["chi@example.org", "dora@example.org"]
    mail = message_from_bytes(made["dora@example.org"].content, policy=default)
    assert (mail["To"], mail["Subject"]) == ("dora@example.org", "新闻")
    body = mail.get_body()
    assert body is not None
    words = body.get_content()
    assert "尊敬的" in words
    assert words.rstrip().endswith("秘书处")
    english = message_from_bytes(made["chi@example.org"].content, policy=default).get_body()
    assert english is not None
    assert "Dear Chi: here (https://example.org/a)" in english.get_content()


async def test_a_title_in_several_lines_adds_no_header(desk: Desk) -> None:
    await on_no_messenger(desk, "dora", "en")
    bodies = (Body("en", "News\nBcc: evil@example.org", "words"),)
    number = await announce(desk, bodies=bodies, title="News")
    await ring(desk)
    mail = message_from_bytes((await letters(desk, number))["dora@example.org"].content)
    assert mail["Bcc"] is None


async def test_who_was_reached_by_hand_is_counted_apart_and_gets_no_letter(desk: Desk) -> None:
    await on_no_messenger(desk, "dora", "en")
    number = await announce(desk)
    await ring(desk)
    day = desk.clock.now().date()
    given = {"way": Way.PHONE, "day": day}
    await act(desk, announcement_by_hand.note, number, "Dora@example.org ", **given)
    assert (await report(desk, number)).by_hand == (("dora@example.org", "phone", str(day)),)
    assert await letters(desk, number) == {}
    again = {"way": Way.EMAIL, "day": day - timedelta(days=1)}
    await act(desk, announcement_by_hand.note, number, "dora@example.org", **again)
    assert len((await report(desk, number)).by_hand) == 1


async def test_what_cannot_be_noted_is_refused(desk: Desk) -> None:
    number = await announce(desk)
    for email, day, key in (
        ("nobody@example.org", date(2019, 12, 1), "refusal.person-unknown"),
        ("chi@example.org", date(2031, 1, 1), "refusal.day-to-come"),
    ):
        with pytest.raises(Refusal) as refused:
            await act(desk, announcement_by_hand.note, number, email, way=Way.EMAIL, day=day)
        assert refused.value.key == key
    with pytest.raises(Refusal):
        await letters(desk, number)
