"""Start, help, stop, questions, courtesies, and being blocked."""

import pytest

from bot.domain.incoming import Commanded, Joined, Left, Said
from bot.i18n import command_words
from bot.routing import Routes
from bot.storage import accounts
from handlers import ROUTERS
from tests.unit.handlers.talk import Talk, read_aloud


def test_every_command_of_the_catalogs_has_a_handler() -> None:
    routes = Routes(ROUTERS)
    assert set(command_words().values()) == set(routes.commands)


async def test_start_says_from_whom_and_why(talk: Talk) -> None:
    text = read_aloud(await talk.commands("100", "start"))
    assert "Hello Anna!" in text
    assert "for the secretariat of the Alliance" in text
    assert "contact of Anna Center" in text
    assert "[Stop announcements]" in text
    assert "我不知道" not in text
    stranger = read_aloud(await talk.commands("999", "start"))
    assert "I do not know yet which member organisation" in stranger
    assert "[Tell us who you are]" in stranger


async def test_stop_undo_and_start_again(talk: Talk) -> None:
    stopped = await talk.commands("100", "stop")
    assert "no more announcements" in read_aloud(stopped)
    assert "still arrive" in read_aloud(stopped)
    assert (await talk.person("anna@example.org")).stopped
    assert "already" in read_aloud(await talk.commands("100", "stop"))
    undo = stopped.messages[0].buttons[0][0]
    assert "again" in read_aloud(await talk.presses("100", undo.data))
    assert not (await talk.person("anna@example.org")).stopped
    await talk.presses("100", "command:stop")
    assert "Welcome back" in read_aloud(await talk.commands("100", "start"))
    assert not (await talk.person("anna@example.org")).stopped
    for command in ("stop", "going"):
        assert (await talk.commands("999", command)).messages


@pytest.mark.parametrize("command", ["events", "going", "help", "stop", "resume"])
async def test_command_buttons_work_for_everybody(talk: Talk, command: str) -> None:
    for user in ("100", "999"):
        assert (await talk.presses(user, f"command:{command}")).messages


async def test_help_and_an_unknown_command(talk: Talk) -> None:
    assert "`活动`" in read_aloud(await talk.commands("200", "help"), "zh")
    unknown = read_aloud(await talk.commands("100", "frobnicate" * 20))
    assert "I do not know the command “frobnicate" in unknown
    assert "`events`" in unknown


async def test_a_question_gets_an_answer_with_its_source(talk: Talk) -> None:
    text = read_aloud(await talk.says("100", "Where will the meetings be held?"))
    assert "Beijing" in text
    assert "_Source: " in text
    assert await talk.handed_over() == []


async def test_a_question_that_nobody_can_answer_reaches_the_secretariat(talk: Talk) -> None:
    text = read_aloud(await talk.says("200", "量子比特的退相干时间是多少？"), "zh")
    assert "转交秘书处" in text
    assert await talk.handed_over() == ["量子比特的退相干时间是多少？"]


async def test_courtesies_get_one_warm_line(talk: Talk) -> None:
    for said, answer in (
        ("Happy New Year to you too!", "the same to you"),
        ("Thank you!", "With pleasure"),
        ("🎉", "Thank you"),
    ):
        reply = await talk.says("100", said)
        assert len(reply.messages[0].lines) == 1
        assert answer in read_aloud(reply)
    assert "不客气" in read_aloud(await talk.says("200", "谢谢"), "zh")
    assert await talk.handed_over() == []


async def test_empty_and_over_long_messages(talk: Talk) -> None:
    assert "no words" in read_aloud(await talk.says("100", " \n"))
    long = await talk.says("100", "why " * 2500)
    assert "at most 2,000 characters" in read_aloud(long)
    assert await talk.handed_over() == []


async def test_being_blocked_and_let_in_again(talk: Talk) -> None:
    anna = (await talk.person("anna@example.org")).id
    for leaves, why in ((True, "blocked"), (False, "")):
        assert (await talk.joins("100", leaves=leaves)).messages == ()
        async with talk.database.read() as read:
            (found,) = await accounts.direct_addresses(read, anna)
        assert found.unreachable == why


async def test_only_staff_decide_about_late_announcements(talk: Talk) -> None:
    for user in ("100", "999"):
        reply = await talk.presses(user, "late:1:send")
        assert "Only editors of the secretariat" in reply.notice


def test_every_kind_that_needs_an_answer_has_a_handler() -> None:
    kinds = {("kind", one.__name__) for one in (Said, Commanded, Joined, Left)}
    assert kinds <= {route for router in ROUTERS for route in router.routes}
