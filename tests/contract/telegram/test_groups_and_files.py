"""Groups that the bot is let into, moves with and is put out of; files; links; proxies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bot.adapters.base import DeliveryKey
from bot.adapters.conformance import READER, Collector, until
from bot.adapters.telegram.render import CAPTION_LIMIT
from bot.domain.address import Address
from bot.domain.incoming import Commanded, Incoming, Joined, Left, Said
from bot.domain.message import (
    ATTACHMENT_BYTES,
    Attachment,
    Bold,
    Button,
    Message,
    line,
    plain,
)
from bot.domain.outcome import Delivered, Later, Moved, Never, Outcome, Unknown
from bot.simulators.loopback import served
from tests.contract.telegram.harness import TelegramHarness
from tests.contract.telegram.test_render import SNAPSHOTS, shown

ANA = TelegramHarness.user
KEY = DeliveryKey(1)
REPORT = Attachment("report.txt", "text/plain", b"all is well")


@pytest.fixture
async def harness() -> AsyncIterator[TelegramHarness]:
    harness = TelegramHarness()
    await harness.start()
    async with harness.adapter.session():
        yield harness
    await harness.cut()


async def received(harness: TelegramHarness, count: int) -> list[Incoming]:
    sink = Collector()
    async with harness.adapter.running(sink):
        await until(harness, lambda: len(sink.stored) >= count)
        await asyncio.sleep(0.02)
    return sink.stored


def place(harness: TelegramHarness, chat: str) -> Address:
    return Address("telegram", harness.adapter.account, chat)


async def send(harness: TelegramHarness, message: Message, chat: str = ANA) -> list[Outcome]:
    to = place(harness, chat)
    return [
        await harness.adapter.send(to, part, KEY)
        for part in harness.adapter.render(message, READER)
    ]


class TestGroups:
    async def test_being_let_in_and_put_out(self, harness: TelegramHarness) -> None:
        simulator = harness.simulator
        chat = simulator.create_room("Science & <Friends>")
        simulator.add_bot(chat, ANA)
        simulator.rooms.add_bot(chat, ANA, "administrator")
        simulator.remove_bot(chat, ANA)
        joined, again, left = await received(harness, 3)
        assert isinstance(joined, Joined)
        assert isinstance(again, Joined), "the service message says the same once more"
        assert joined.is_bot
        assert joined.where == place(harness, chat)
        assert (joined.room, joined.is_direct, joined.who.user) == (
            "Science & <Friends>",
            False,
            ANA,
        )
        assert isinstance(left, Left)
        assert left.is_bot

    async def test_a_group_that_became_a_supergroup(self, harness: TelegramHarness) -> None:
        chat = harness.simulator.create_room("Club")
        harness.simulator.add_bot(chat, ANA)
        new_chat = harness.simulator.upgrade_room(chat)
        *_before, moved = await received(harness, 3)
        assert isinstance(moved, Joined)
        assert moved.moved_from == place(harness, chat)
        assert moved.where == place(harness, new_chat)
        (outcome,) = await send(harness, plain("still there?"), chat)
        assert outcome == Moved(place(harness, new_chat))

    async def test_only_what_is_meant_for_the_bot_is_heard(self, harness: TelegramHarness) -> None:
        simulator = harness.simulator
        chat = simulator.create_room("Club")
        simulator.add_bot(chat, ANA)
        simulator.say(ANA, "what a nice day", chat)
        simulator.say(ANA, "/events@somebody_elses_bot", chat)
        simulator.say(ANA, "/events", chat)
        simulator.say(ANA, "hey <@bot>, when is it?", chat)
        heard = [one for one in await received(harness, 4) if not isinstance(one, Joined)]
        command, said = heard
        assert isinstance(command, Commanded)
        assert isinstance(said, Said)
        assert said.text == "hey  when is it?"
        assert said.room == "Club"

    async def test_a_bot_that_was_kicked_can_never_send(self, harness: TelegramHarness) -> None:
        chat = harness.simulator.create_room("Club")
        (outcome,) = await send(harness, plain("x"), chat)
        assert isinstance(outcome, Never)


class TestFiles:
    async def test_a_file_with_a_short_text_is_one_message(self, harness: TelegramHarness) -> None:
        message = Message((line("Your ", Bold("data <3")),), ((Button("Ok", "ok"),),), (REPORT,))
        (outcome,) = await send(harness, message)
        assert isinstance(outcome, Delivered)
        (seen,) = harness.simulator.journal.from_bot(ANA)
        assert seen.text == "Your data <3"
        assert [(one.name, one.size) for one in seen.files] == [("report.txt", 11)]
        assert [one.label for one in seen.buttons] == ["Ok"]

    async def test_a_long_text_comes_before_and_several_files_come_one_by_one(
        self, harness: TelegramHarness
    ) -> None:
        text = "x" * (CAPTION_LIMIT + 1)
        message = Message((line(text),), ((Button("Ok", "ok"),),), (REPORT, REPORT))
        assert len(await send(harness, message)) == 3
        first, second, third = harness.simulator.journal.from_bot(ANA)
        assert (first.text, first.files) == (text, ())
        assert (second.text, len(second.files), second.buttons) == ("", 1, ())
        assert [one.label for one in third.buttons] == ["Ok"]

    async def test_what_stands_below_a_file_can_be_changed(self, harness: TelegramHarness) -> None:
        (outcome,) = await send(harness, Message((line("one"),), attachments=(REPORT,)))
        assert isinstance(outcome, Delivered)
        assert outcome.ref
        (part,) = harness.adapter.render(Message((line("two"),), attachments=(REPORT,)), READER)
        for _time in range(2):
            assert isinstance(await harness.adapter.edit(outcome.ref, part), Delivered)
        (seen,) = harness.simulator.journal.from_bot(ANA)
        assert (seen.text, len(seen.files)) == ("two", 1)

    async def test_a_lost_answer_is_unknown_for_files_too(self, harness: TelegramHarness) -> None:
        harness.simulator.lose_answers(1)
        (outcome,) = await send(harness, Message((), attachments=(REPORT,)))
        assert isinstance(outcome, Unknown)
        assert len(harness.simulator.journal.from_bot(ANA)) == 1

    def test_a_file_that_is_too_large_is_refused_where_it_is_made(self) -> None:
        with pytest.raises(ValueError, match=r"big\.bin"):
            Attachment("big.bin", "x/y", b"x" * (ATTACHMENT_BYTES + 1))

    def test_rendering_with_a_file_is_as_recorded(self) -> None:
        message = Message((line(Bold("Minutes"), " of the <forum>"),), attachments=(REPORT,))
        path = SNAPSHOTS / "with-file.txt"
        now = shown(message, READER)
        if not path.exists():
            path.write_text(now)
            pytest.fail("recorded; run again")
        assert path.read_text() == now


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "arrives", "outcome"),
        [("reset", 0, Unknown), ("lost", 1, Unknown), ("error", 0, Unknown)],
    )
    async def test_each_fault_is_one_request_and_its_outcome(
        self, harness: TelegramHarness, kind: str, arrives: int, outcome: type[Outcome]
    ) -> None:
        harness.simulator.fault(kind)
        (came,) = await send(harness, plain("x"))
        assert isinstance(came, outcome)
        assert len(harness.simulator.journal.from_bot(ANA)) == arrives
        sends = [one for one in harness.simulator.journal.requests if one.method == "sendMessage"]
        assert len(sends) == 1

    @pytest.mark.slow
    @pytest.mark.parametrize(("kind", "arrives"), [("timeout", 0), ("late", 1)])
    async def test_no_answer_at_all_is_unknown(
        self, harness: TelegramHarness, kind: str, arrives: int
    ) -> None:
        harness.simulator.fault(kind)
        (came,) = await send(harness, plain("x"))
        assert isinstance(came, Unknown)
        assert len(harness.simulator.journal.from_bot(ANA)) == arrives

    @pytest.mark.parametrize("mode", ["bucket", "window", "harsh"])
    async def test_a_flood_of_any_kind_is_later(self, harness: TelegramHarness, mode: str) -> None:
        harness.simulator.flood(mode)
        outcomes = [(await send(harness, plain(str(number))))[0] for number in range(32)]
        assert [type(one) for one in outcomes[:30]] == [Delivered] * 30
        assert isinstance(outcomes[31], Later)
        assert len(harness.simulator.journal.from_bot(ANA)) == 30
        harness.clock.advance(outcomes[31].after)
        assert isinstance((await send(harness, plain("then")))[0], Delivered)

    async def test_a_press_that_is_too_old_becomes_a_message(
        self, harness: TelegramHarness
    ) -> None:
        (outcome,) = await send(harness, Message((line("?"),), ((Button("x", "x"),),)))
        assert isinstance(outcome, Delivered)
        assert outcome.ref
        harness.simulator.press(ANA, outcome.ref.id, "x:")
        sink = Collector()
        harness.simulator.fault("error", method="answerCallbackQuery", status=400)
        async with harness.adapter.running(sink):
            await until(harness, lambda: sink.stored)
            (interaction,) = sink.interactions
            assert interaction
            assert not await interaction.answer("noted")


async def test_an_invitation_link_needs_no_network_once_the_name_is_known(
    harness: TelegramHarness,
) -> None:
    assert await harness.adapter.invite_link("abc") is None
    await harness.adapter.check()
    await harness.cut()
    expected = "https://t.me/convoke_simulator_bot?start=abc"
    assert await harness.adapter.invite_link("abc") == expected
    assert await harness.new_adapter().invite_link("abc") == expected
    await harness.restore()


class TestProxy:
    @asynccontextmanager
    async def proxy(self, seen: list[str], status: int = 0) -> AsyncIterator[int]:
        """A plain HTTP proxy that passes POSTs on, or refuses them."""

        async def forward(request: web.BaseRequest) -> web.Response:
            seen.append(request.raw_path if hasattr(request, "raw_path") else str(request.url))
            if status:
                return web.Response(status=status)
            async with (
                aiohttp.ClientSession() as session,
                session.request(
                    request.method,
                    str(request.url),
                    data=await request.read(),
                    headers={"Content-Type": request.headers["Content-Type"]},
                ) as answer,
            ):
                return web.Response(status=answer.status, body=await answer.read())

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", forward)
        async with served(app) as port:
            yield port

    async def test_every_request_goes_through_it(self, harness: TelegramHarness) -> None:
        seen: list[str] = []
        async with self.proxy(seen) as port:
            adapter = harness.new_adapter(proxy=f"http://user:hidden@127.0.0.1:{port}")
            async with adapter.session():
                to = place(harness, ANA)
                (part,) = adapter.render(plain("through"), READER)
                assert isinstance(await adapter.send(to, part, KEY), Delivered)
                harness.simulator.say(ANA, "back")
                sink = Collector()
                async with adapter.running(sink):
                    await until(harness, lambda: sink.stored)
        called = {path.rpartition("/")[2].partition("?")[0] for path in seen}
        assert {"sendMessage", "getUpdates", "getMe"} <= called

    @pytest.mark.parametrize("scheme", ["http", "socks5"])
    async def test_a_proxy_that_is_away_lets_nothing_leave_and_is_named(
        self, harness: TelegramHarness, scheme: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        adapter = harness.new_adapter(proxy=f"{scheme}://user:hidden@127.0.0.1:9")
        async with adapter.session():
            (part,) = adapter.render(plain("x"), READER)
            outcome = await adapter.send(place(harness, ANA), part, KEY)
            assert isinstance(outcome, Later)
            health = await adapter.check()
        assert not health.ok
        assert "CONVOKE_PROXY" in health.problem
        assert "hidden" not in repr(outcome) + health.problem + caplog.text


async def test_leaving_a_group_can_be_repeated(harness: TelegramHarness) -> None:
    simulator = harness.simulator
    chat = simulator.create_room("Forum", [ANA])
    simulator.add_bot(chat, ANA)
    for _twice in range(2):
        assert await harness.adapter.leave(place(harness, chat)) == Delivered(None)
    (refused,) = await send(harness, plain("still here?"), chat)
    assert isinstance(refused, Never)


async def test_the_way_to_the_direct_chat(harness: TelegramHarness) -> None:
    await harness.adapter.check()
    assert harness.adapter.direct_link().startswith("https://t.me/")
