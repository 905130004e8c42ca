"""Events, answers, the waiting list, and buttons that were forged."""

from datetime import timedelta

import pytest

from bot.domain.address import AccountRef
from bot.domain.reader import Reader
from bot.routing import Dialog, ToPerson
from bot.services import joining
from bot.storage import accounts
from tests.unit.handlers.talk import Talk, read_aloud, seen


async def test_events_and_a_card(talk: Talk) -> None:
    listed = (await talk.commands("100", "events")).messages[0]
    assert "Frontier Forum" in seen(listed)
    button = next(row[0] for row in listed.buttons if row[0].label == "Frontier Forum")
    card = (await talk.presses("100", button.data)).messages[0]
    assert "Date: to be announced." in seen(card)
    assert "Known so far" in seen(card)
    assert "You have not answered yet." in seen(card)
    assert len(card.buttons[0]) == 3


async def test_an_answer_is_confirmed_and_the_card_changes(talk: Talk) -> None:
    event = talk.events["frontier-forum-2020"]
    reply = await talk.presses("200", f"rsvp:{event.id}:going")
    assert "已记录：您将参加“前沿论坛”" in read_aloud(reply, "zh")
    assert "您的回复：参加，席位已确认。" in seen(reply.card, "zh")
    again = await talk.presses("200", f"rsvp:{event.id}:going")
    assert again.messages == ()
    assert again.card is None
    assert again.notice == "已记录过：您将参加。"
    changed = await talk.presses("200", f"rsvp:{event.id}:maybe")
    assert "您的回复：待定。" in seen(changed.card, "zh")


async def test_the_waiting_list_moves_and_good_news_go_out(talk: Talk) -> None:
    event = talk.events["talk"]
    for user in ("100", "200"):
        await talk.presses(user, f"rsvp:{event.id}:going")
    waits = await talk.presses("300", f"rsvp:{event.id}:going")
    assert "You are first in line" in read_aloud(waits)
    assert "waiting list" in seen(waits.card)
    left = await talk.presses("100", f"rsvp:{event.id}:declined")
    (other,) = left.others
    assert isinstance(other, ToPerson)
    assert other.person_id == (await talk.person("chi@example.org")).id
    assert "A seat is free, and you are in" in seen(other.say(Reader("en", "UTC")))
    assert "有空位了" in seen(other.say(Reader("zh", "UTC")), "zh")


async def test_an_announcement_keeps_its_words(talk: Talk) -> None:
    event = talk.events["talk"]
    reply = await talk.presses("100", f"rsvp:{event.id}:going:a")
    assert reply.card is None
    assert reply.messages[0].buttons[0][1].data == f"rsvp:{event.id}:maybe"


async def test_in_a_room_the_answer_is_told_to_the_presser_only(talk: Talk) -> None:
    event = talk.events["talk"]
    reply = await talk.presses("100", f"rsvp:{event.id}:going", chat="-5", direct=False)
    assert reply.messages == ()
    assert reply.card is None
    assert "Noted: you are going" in reply.notice
    await talk.presses("100", f"rsvp:{event.id}:maybe")
    shown = await talk.presses("100", f"event:{event.id}", chat="-5", direct=False)
    assert "Your answer" not in read_aloud(shown)


@pytest.mark.parametrize(
    "data",
    [
        "rsvp:",
        "rsvp:1",
        "rsvp:1:perhaps",
        "rsvp:x:going",
        "rsvp:-1:going",
        "rsvp:²:going",
        "rsvp:99999999999999999999:going",
        "rsvp:1:going:b",
        "rsvp:1:going:a:a",
        "rsvp:1 OR 1=1:going",
        "event:",
        "event:١",
        "command:format",
        "command:",
    ],
)
async def test_garbled_buttons_get_a_clear_notice(talk: Talk, data: str) -> None:
    reply = await talk.presses("100", data)
    assert reply.notice.startswith("I could not read this button")
    assert (reply.messages, reply.card) == ((), None)


async def test_events_that_do_not_exist(talk: Talk) -> None:
    for data in ("rsvp:99999:going", "event:99999"):
        assert "I do not know this event" in (await talk.presses("100", data)).notice


async def test_a_press_in_somebody_elses_chat_changes_nothing(talk: Talk) -> None:
    event = talk.events["talk"]
    for data in (f"rsvp:{event.id}:going", f"event:{event.id}", "command:stop", "late:1:send"):
        reply = await talk.presses("200", data, chat="100")
        assert reply.notice.startswith("这个按钮是给其他人的")
    assert "还没有回复过" in read_aloud(await talk.commands("200", "going"), "zh")
    assert not (await talk.person("bo@example.org")).stopped


async def test_after_the_deadline_and_after_the_event(talk: Talk) -> None:
    event = talk.events["talk"]
    assert event.reply_by is not None
    talk.now = event.reply_by + timedelta(seconds=1)
    assert "time for answers" in (await talk.presses("100", f"rsvp:{event.id}:going")).notice
    talk.now = event.reply_by + timedelta(days=300)
    assert "is over" in (await talk.presses("100", f"rsvp:{event.id}:going")).notice


async def test_going_shows_my_answers_or_what_is_coming(talk: Talk) -> None:
    before = await talk.commands("100", "going")
    assert "not answered any invitation" in read_aloud(before)
    assert "[Open Day]" in read_aloud(before)
    await talk.presses("100", f"rsvp:{talk.events['talk'].id}:maybe")
    after = read_aloud(await talk.commands("100", "going"))
    assert "Your answer: maybe." in after
    assert "[Frontier Forum]" not in after


async def test_an_unknown_person_is_asked_who_they_are(talk: Talk) -> None:
    event = talk.events["talk"]
    asked = await talk.presses("999", f"rsvp:{event.id}:going")
    assert "I cannot record an answer" in read_aloud(asked)
    assert asked.form is not None
    assert [one.name for one in asked.form.fields] == ["name", "organisation", "email"]
    said = {"name": "Ada", "organisation": "Moon Lab", "email": "Ada@Moon.example"}
    thanked = await talk.submits("999", "introduce", **said)
    assert "Thank you!" in read_aloud(thanked)
    again = await talk.submits("999", "introduce", **{**said, "organisation": "Moon Laboratory"})
    assert "corrected" in read_aloud(again)
    async with talk.database.read() as read:
        (request,) = await joining.waiting(read)
        account = await accounts.find(read, AccountRef("telegram", "bot", "999"))
    assert (request.organisation, request.email) == ("Moon Laboratory", "ada@moon.example")
    assert account is not None
    assert account.person_id is None, "what a stranger types grants nothing"


async def test_cancel_leaves_the_dialog(talk: Talk) -> None:
    talk.dialogs["999"] = Dialog("some form", "some step")
    assert "we leave it there" in read_aloud(await talk.commands("999", "cancel"))
    assert talk.dialogs == {}
    assert "nothing to cancel" in read_aloud(await talk.commands("999", "cancel"))


async def test_a_known_person_needs_no_introduction(talk: Talk) -> None:
    assert "Anna Center" in read_aloud(await talk.presses("100", "introduce:"))
    assert talk.dialogs == {}
