"""Asking in a room: short, where it was asked, nothing personal, and not without end."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from bot.routing import Routes
from bot.services import questions
from bot.storage import losses, tables
from bot.views.rooms import ANSWER_LENGTH, ANSWER_LINES
from handlers import ROUTERS
from tests.support.desk import Desk
from tests.support.in_rooms import ROOM, ask_card, card, ledger, let_in

t: Any = tables


async def test_a_question_is_answered_where_it_was_asked(desk: Desk) -> None:
    await let_in(desk)
    (said,) = await desk.mention("100", ROOM, "Where will the meetings be held?", thread="t7")
    assert "Beijing" in said
    assert "Source:" in said
    (row,) = await ledger(desk, col(t.Delivery.summary).contains("Beijing"))
    async with desk.database.read() as read:
        thread = select(t.Address.thread).where(col(t.Address.id) == row.address_id)
        assert await read.scalar(thread) == "t7"


@pytest.mark.parametrize("question", ["Where will the meetings be held?", "Who paints?", "/events"])
async def test_a_room_that_nobody_knew_is_answered_at_once(desk: Desk, question: str) -> None:
    """We may be in it from before rooms were known, or it became a supergroup just now."""
    desk.adapter.platform.rooms[ROOM] = "Frontier Forum"
    (said,) = await desk.mention("100", ROOM, question)
    assert "Sorry" not in said
    async with desk.database.read() as read:
        assert await read.scalar(select(func.count()).select_from(t.Room)) == 1
        assert not await losses.unhandled(read)


async def test_what_we_do_not_know_is_handed_over_in_one_line(desk: Desk) -> None:
    await let_in(desk)
    (said,) = await desk.mention("300", ROOM, "Who painted the ceiling of the chapel?")
    assert said == "I don't know that yet. I have passed your question to the secretariat."
    async with desk.database.read() as read:
        (waiting,) = await questions.waiting(read)
    assert "chapel" in waiting.text


async def test_words_and_commands_work_in_a_room(desk: Desk) -> None:
    await let_in(desk)
    (listed,) = await desk.mention("100", ROOM, "events")
    assert "Frontier Forum" in listed
    (again,) = await desk.mention("100", ROOM, "/events")
    assert again == listed
    (how,) = await desk.mention("100", ROOM, "/help")
    assert "mention me" in how
    (started,) = await desk.mention("100", ROOM, "/start room")
    assert started == how


@pytest.mark.parametrize("text", ["/going", "going", "/stop", "退订", "/cancel"])
async def test_nothing_personal_is_said_or_done_in_a_room(desk: Desk, text: str) -> None:
    await let_in(desk)
    (said,) = await desk.mention("100", ROOM, text)
    assert said == (
        "That is between you and me. Please write to me directly. chat.example/alliance"
    )
    async with desk.database.read() as read:
        assert not await read.scalar(select(func.count()).where(col(t.Person.stopped)))


async def test_every_route_is_private_unless_it_says_so() -> None:
    routes = Routes(ROUTERS)
    public = {f"{way} {name}".strip() for one in ROUTERS for way, name in one.in_rooms}
    assert public == {
        "command events",
        "command help",
        "press ack",
        "press command",
        "press event",
        "press rsvp",
        "kind Said",
        "kind Joined",
        "kind Left",
        "private",
    }
    assert "going" in routes.commands


async def test_buttons_that_are_personal_lead_to_the_direct_chat(desk: Desk) -> None:
    await let_in(desk)
    before = len(desk.seen(ROOM))
    for data in ("command:going", "command:stop", "command:resume", "introduce:", "late:1:send"):
        await desk.press("100", data, "m1", ROOM)
    assert len(desk.seen(ROOM)) == before
    assert len(desk.notices("100")) == 5
    assert {notice.split(".")[0] for notice in desk.notices("100")} == {
        "That is between you and me"
    }
    await desk.press("100", "command:events", "m1", ROOM)
    assert len(desk.seen(ROOM)) == before + 1


async def test_commands_of_other_bots_are_none_of_ours(desk: Desk) -> None:
    await let_in(desk)
    assert await desk.mention("100", ROOM, "/roll 2d6", "/weather") == []


async def test_a_dialog_of_the_direct_chat_is_not_gone_on_with_in_a_room(desk: Desk) -> None:
    await let_in(desk)
    await desk.press("999", "introduce:", "m1")
    await desk.mention("999", ROOM, "Where will the meetings be held?")
    assert "Beijing" in desk.seen(ROOM)[-1]
    asked = await desk.say("999", "Ada")
    assert "Which organisation" in asked[-1]


async def test_a_long_answer_is_cut_and_says_where_the_rest_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.answers import Answer
    from bot.services.questions import Knowledge

    words = tuple(f"Paragraph {n} has a good many words in it." for n in range(12))
    long = Answer(words, "faq.md#all", "All of it", 1.0, "en")

    async def answer(self: Knowledge, text: str, *_rest: object) -> Answer:
        return long

    monkeypatch.setattr(Knowledge, "answer", answer)
    await let_in(desk)
    (said,) = await desk.mention("100", ROOM, "Tell me all")
    assert "Paragraph 4" in said
    assert "Paragraph 5" not in said
    assert "There is more to it: ask me directly." in said
    assert said.endswith("Source: All of it")
    assert len(said.splitlines()) <= ANSWER_LINES + 2
    long = Answer(("没有空格的很长的答案" * 200,), "faq.md#all", "All", 1.0, "zh")
    (said,) = await desk.mention("200", ROOM, "全部")
    assert len(said) < ANSWER_LENGTH + 100
    (direct,) = await desk.say("100", "Tell me all")
    assert len(direct) > 1000


async def test_whoever_floods_a_room_is_told_once_and_others_are_answered(desk: Desk) -> None:
    await let_in(desk)
    before = len(desk.seen(ROOM))
    for _ in range(25):
        desk.adapter.platform.say("100", "help", ROOM)
    desk.adapter.platform.say("200", "help", ROOM)
    assert len(await desk.say("100", "help")) == 1, "their own chat is not a room"
    await desk.deliver(60)
    said = desk.seen(ROOM)[before:]
    assert len(said) == 12
    assert [one.startswith("That is a lot at once.") for one in said].count(True) == 1
    assert said[-1].startswith("如想了解我们的会议"), "somebody else is answered"
    desk.clock.advance(61)
    assert len(await desk.mention("100", ROOM, "help")) == 1


async def test_asking_for_the_card_again_and_again_posts_it_once(desk: Desk) -> None:
    await let_in(desk)
    for _ in range(15):
        await ask_card(desk)
    card(desk)
    notices = [one for one in desk.notices("100") if "stands here already" in one]
    assert len(notices) == 9
