"""Receiving: what an update becomes, presses that wait, and servers that say little."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiohttp import web

from bot.adapters.base import DeliveryKey
from bot.adapters.conformance import READER, Collector, HandClock, until
from bot.adapters.telegram import TelegramAdapter
from bot.domain.address import Address
from bot.domain.incoming import Commanded, Edited, Joined, Left, Pressed, Said
from bot.domain.message import Button, Message, line, plain
from bot.domain.outcome import Delivered, Later, Moved, Scope, Unknown
from bot.simulators.loopback import served
from tests.contract.telegram.harness import Memory, TelegramHarness

ANA = TelegramHarness.user
GROUP = "-100"
KEY = DeliveryKey(1)
STICKER = {
    "file_id": "f",
    "file_unique_id": "u",
    "type": "regular",
    "width": 1,
    "height": 1,
    "is_animated": False,
    "is_video": False,
    "emoji": "👍",
}


@pytest.fixture
async def harness() -> AsyncIterator[TelegramHarness]:
    harness = TelegramHarness()
    await harness.start()
    async with harness.adapter.session():
        yield harness
    await harness.cut()


async def receive(harness: TelegramHarness, count: int) -> Collector:
    """Return a sink that has got ``count`` updates."""
    sink = Collector()
    async with harness.adapter.running(sink):
        await until(harness, lambda: len(sink.stored) >= count)
    return sink


async def press(harness: TelegramHarness) -> str:
    message = Message((line("?"),), ((Button("x", "a", "1"),),))
    (part,) = harness.adapter.render(message, READER)
    outcome = await harness.adapter.send(
        Address("telegram", harness.adapter.account, ANA), part, KEY
    )
    assert isinstance(outcome, Delivered)
    assert outcome.ref
    harness.simulator.press(ANA, outcome.ref.id, "a:1")
    return outcome.ref.id


class TestWords:
    async def test_where_when_and_who(self, harness: TelegramHarness) -> None:
        harness.simulator.say(ANA, "hello")
        (said,) = (await receive(harness, 1)).stored
        assert said.at == harness.clock.now()
        assert said.where == Address("telegram", harness.adapter.account, ANA)
        assert (said.name, said.locale, said.delivery_id) == ("Ana", "en", "1001")

    @pytest.mark.parametrize(
        ("text", "command", "argument"),
        [
            ("/start", "start", ""),
            ("/start@convoke_simulator_bot AbC", "start", "AbC"),
            ("/ASK who\nwhere", "ask", "who\nwhere"),
        ],
    )
    async def test_commands(
        self, harness: TelegramHarness, text: str, command: str, argument: str
    ) -> None:
        harness.simulator.say(ANA, text)
        (found,) = (await receive(harness, 1)).stored
        assert isinstance(found, Commanded)
        assert (found.command, found.argument) == (command, argument)

    @pytest.mark.parametrize("text", ["/ no", "1/2", "/usr/bin", "/start@another_bot x"])
    async def test_what_only_looks_like_a_command(
        self, harness: TelegramHarness, text: str
    ) -> None:
        harness.simulator.say(ANA, text)
        (said,) = (await receive(harness, 1)).stored
        assert isinstance(said, Said)
        assert said.text == text

    @pytest.mark.parametrize(
        ("extra", "text"),
        [
            ({"sticker": STICKER}, "👍"),
            (
                {
                    "photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}],
                    "caption": "our booth",
                },
                "our booth",
            ),
            ({"location": {"longitude": 1.0, "latitude": 2.0}}, ""),
        ],
    )
    async def test_what_has_no_text_says_something_still(
        self, harness: TelegramHarness, extra: dict[str, Any], text: str
    ) -> None:
        message = {"message_id": 1, "date": 5, "chat": {"id": int(ANA), "type": "private"}}
        user = {"id": int(ANA), "is_bot": False, "first_name": "Ana"}
        harness.simulator.inject("message", message | {"from": user} | extra)
        (said,) = (await receive(harness, 1)).stored
        assert isinstance(said, Said)
        assert said.text == text

    async def test_an_edit_comes_in(self, harness: TelegramHarness) -> None:
        message = {"message_id": 9, "date": 5, "chat": {"id": int(ANA), "type": "private"}}
        user = {"id": int(ANA), "is_bot": False, "first_name": "Ana"}
        harness.simulator.inject("edited_message", message | {"from": user, "text": "better"})
        (edited,) = (await receive(harness, 1)).stored
        assert isinstance(edited, Edited)
        assert (edited.text, edited.ref.id, edited.at) == ("better", "9", harness.clock.now())

    async def test_blocking_is_leaving(self, harness: TelegramHarness) -> None:
        harness.simulator.block(ANA)
        harness.simulator.block(ANA, False)
        left, joined = (await receive(harness, 2)).stored
        assert isinstance(left, Left)
        assert isinstance(joined, Joined)
        assert left.who.user == ANA


class TestGroups:
    async def test_only_what_is_meant_for_us_comes_in(self, harness: TelegramHarness) -> None:
        simulator = harness.simulator
        simulator.add_group(GROUP, "Board")
        name = "@convoke_simulator_bot"
        mention = [{"type": "mention", "offset": 0, "length": len(name)}]
        mine = {"message_id": 1, "date": 5, "chat": {"id": int(GROUP), "type": "supergroup"}}
        mine |= {"from": simulator.world.bot(), "text": "?"}
        simulator.say(ANA, "chatter", chat=GROUP)
        simulator.say(ANA, "/help@another_bot", chat=GROUP)
        simulator.say(ANA, "/help@convoke_simulator_bot", chat=GROUP)
        simulator.say(ANA, f"{name}, when is it?", chat=GROUP, entities=mention)
        simulator.say(ANA, "an answer", chat=GROUP, reply_to_message=mine)
        simulator.say(ANA, "the end")
        found = (await receive(harness, 4)).stored
        assert isinstance(found[0], Commanded)
        assert [one.text for one in found[1:] if isinstance(one, Said)] == [
            "when is it?",
            "an answer",
            "the end",
        ]
        assert [one.is_direct for one in found] == [False, False, False, True]
        assert found[0].where.chat == GROUP

    async def test_a_topic_is_a_thread_and_answers_go_there(self, harness: TelegramHarness) -> None:
        harness.simulator.add_group(GROUP, "Board")
        harness.simulator.say(ANA, "/help", chat=GROUP, message_thread_id=77, is_topic_message=True)
        (found,) = (await receive(harness, 1)).stored
        assert found.where.thread == "77"
        (part,) = harness.adapter.render(plain("there"), READER)
        await harness.adapter.send(found.where, part, KEY)
        (seen,) = harness.simulator.journal.from_bot(GROUP)
        assert seen.native["message_thread_id"] == "77"

    async def test_a_group_that_moved_says_where_to(self, harness: TelegramHarness) -> None:
        harness.simulator.add_group("-5", "Board")
        harness.simulator.migrate_group("-5", GROUP)
        (part,) = harness.adapter.render(plain("x"), READER)
        to = Address("telegram", harness.adapter.account, "-5")
        outcome = await harness.adapter.send(to, part, KEY)
        assert outcome == Moved(Address("telegram", harness.adapter.account, GROUP))


class TestPresses:
    async def test_a_notice_is_shown_once(self, harness: TelegramHarness) -> None:
        await press(harness)
        sink = Collector()
        async with harness.adapter.running(sink):
            await until(harness, lambda: sink.stored)
            (interaction,) = sink.interactions
            assert interaction
            assert interaction.open
            assert await interaction.answer("x" * 300)
            assert not interaction.open
            assert not await interaction.answer("again")
            harness.clock.advance(3)
        (notice,) = harness.simulator.journal.notices(ANA)
        assert notice == "x" * 199 + "…"

    async def test_after_two_seconds_the_spinner_stops(self, harness: TelegramHarness) -> None:
        await press(harness)
        sink = Collector()
        async with harness.adapter.running(sink):
            await until(harness, lambda: sink.stored)
            assert harness.simulator.journal.notices(ANA) == []
            harness.clock.advance(2.1)
            await until(harness, lambda: harness.simulator.journal.notices(ANA))
            (interaction,) = sink.interactions
            assert interaction
            assert not await interaction.answer("too late")
        assert harness.simulator.journal.notices(ANA) == [""]

    async def test_an_expired_query_becomes_a_message(self, harness: TelegramHarness) -> None:
        await press(harness)
        harness.clock.advance(200)
        sink = Collector()
        async with harness.adapter.running(sink):
            await until(harness, lambda: sink.stored)
            assert sink.interactions[0]
            assert not await sink.interactions[0].answer("too late")

    async def test_a_press_on_a_message_that_is_gone(self, harness: TelegramHarness) -> None:
        harness.simulator.press(ANA, "777", "a:b:c")
        (pressed,) = (await receive(harness, 1)).stored
        assert isinstance(pressed, Pressed)
        assert (pressed.action, pressed.value, pressed.ref.id) == ("a", "b:c", "777")


class TestTrouble:
    async def test_a_webhook_is_removed(self, harness: TelegramHarness) -> None:
        harness.simulator.world.webhook = "https://x.example"
        harness.simulator.say(ANA, "waits")
        sink = Collector()
        async with harness.adapter.running(sink):
            await until(harness, lambda: sink.texts() == ["waits"], passing=1.0)
        assert harness.simulator.world.webhook == ""

    async def test_trouble_is_said_once_and_its_end_too(
        self, harness: TelegramHarness, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "bot.adapters.telegram")
        sink = Collector()
        async with harness.adapter.running(sink):
            harness.simulator.say(ANA, "x")
            await until(harness, lambda: sink.stored)
            await harness.cut()
            await until(harness, lambda: len(harness.clock.slept) > 4, passing=5.0)
            await harness.restore()
            harness.simulator.say(ANA, "y")
            await until(harness, lambda: len(sink.stored) == 2, passing=30.0)
            harness.simulator.say(ANA, "z")
            await until(harness, lambda: len(sink.stored) == 3)
        said = [one.getMessage() for one in caplog.records]
        assert 1 <= sum("not receiving" in one for one in said) <= 2
        assert sum("receiving again" in one for one in said) == 1

    async def test_a_wrong_token_says_what_to_do(self, harness: TelegramHarness) -> None:
        url = harness.simulator.environment()["CONVOKE_TELEGRAM_API_URL"]
        adapter = TelegramAdapter(
            token="123456:nobodys", api_url=url, memory=Memory(), clock=harness.clock
        )
        async with adapter.session():
            health = await adapter.check()
            (part,) = adapter.render(plain("x"), READER)
            to = Address("telegram", "123456", ANA)
            outcome = await adapter.send(to, part, KEY)
        assert not health.ok
        assert "CONVOKE_TELEGRAM_TOKEN" in health.problem
        assert outcome == Later(30.0, Scope.ACCOUNT, "Unauthorized")

    @pytest.mark.parametrize("token", ["", "nonsense", "123", "123:", "123:a/b", "x:secret1"])
    def test_a_token_of_another_form_is_refused_unseen(self, token: str) -> None:
        with pytest.raises(ValueError, match="CONVOKE_TELEGRAM_TOKEN") as caught:
            TelegramAdapter(token=token, api_url="http://x", memory=Memory(), clock=HandClock())
        assert not token or token not in str(caught.value)


class Minimal:
    """Somebody's Bot API in thirty lines: two methods, and only the fields they thought of."""

    def __init__(self, updates: list[dict[str, Any]]) -> None:
        self.updates = updates
        self.sent: list[dict[str, str]] = []
        self.answer: Any = None

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/bot1:x/{method}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        given = {key: str(value) for key, value in (await request.post()).items()}
        match request.match_info["method"]:
            case "getUpdates":
                offset = int(given.get("offset", 0))
                waiting = [one for one in self.updates if one["update_id"] >= offset]
                await asyncio.sleep(0 if waiting else 0.02)
                return web.json_response({"ok": True, "result": waiting})
            case "sendMessage":
                self.sent.append(given)
                result = {"message_id": 7, "chat": {"id": int(given["chat_id"])}}
                return web.json_response(self.answer or {"ok": True, "result": result})
        return web.Response(status=404, text="what?")


class TestMinimalServers:
    @pytest.fixture
    async def stack(self) -> AsyncIterator[AsyncExitStack]:
        async with AsyncExitStack() as stack:
            yield stack

    async def adapter(self, stack: AsyncExitStack, server: Minimal) -> TelegramAdapter:
        port = await stack.enter_async_context(served(server.app()))
        adapter = TelegramAdapter(
            token="1:x", api_url=f"http://127.0.0.1:{port}/", memory=Memory(), clock=HandClock()
        )
        await stack.enter_async_context(adapter.session())
        return adapter

    async def test_updates_may_lack_what_is_optional_to_us(
        self, harness: TelegramHarness, stack: AsyncExitStack
    ) -> None:
        who = {"id": 5}
        server = Minimal(
            [
                {"update_id": 1, "message": {"message_id": 1, "from": who, "text": "hi"}},
                {"update_id": 2, "message": {"text": "nobody wrote this"}},
                {"update_id": 3, "callback_query": "what is this"},
                {"update_id": 4, "a_thing_of_2031": {}},
                {
                    "update_id": 5,
                    "callback_query": {
                        "id": "q",
                        "from": who,
                        "data": "a:1",
                        "message": {"message_id": 1, "chat": {"id": 5}},
                    },
                },
                {
                    "update_id": 6,
                    "my_chat_member": {
                        "chat": {"id": 5},
                        "from": who,
                        "new_chat_member": {"status": "kicked"},
                        "old_chat_member": {"status": "member"},
                    },
                },
                {
                    "update_id": 7,
                    "message": {
                        "chat": {"id": 5},
                        "from": who,
                        "text": "/start x",
                        "message_id": 2,
                    },
                },
            ]
        )
        adapter = await self.adapter(stack, server)
        sink = Collector()
        async with adapter.running(sink):
            await until(harness, lambda: len(sink.stored) >= 4)
        kinds = [type(one) for one in sink.stored]
        assert kinds == [Said, Pressed, Left, Commanded]
        assert {one.where.chat for one in sink.stored} == {"5"}
        assert all(one.is_direct for one in sink.stored)

    async def test_answers_may_be_short(self, stack: AsyncExitStack) -> None:
        server = Minimal([])
        adapter = await self.adapter(stack, server)
        (part,) = adapter.render(plain("x"), READER)
        to = Address("telegram", "1", "5")
        outcome = await adapter.send(to, part, KEY)
        assert isinstance(outcome, Delivered)
        assert outcome.ref
        assert outcome.ref.id == "7"

    @pytest.mark.parametrize("answer", [{"ok": True}, {"ok": True, "result": True}, ["what"]])
    async def test_an_answer_that_says_nothing_is_unknown(
        self, stack: AsyncExitStack, answer: object
    ) -> None:
        server = Minimal([])
        server.answer = answer
        adapter = await self.adapter(stack, server)
        (part,) = adapter.render(plain("x"), READER)
        to = Address("telegram", "1", "5")
        outcome = await adapter.send(to, part, KEY)
        assert isinstance(outcome, Unknown)
        assert len(server.sent) == 1
