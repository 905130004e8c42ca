"""Groups that the bot is let into, moves with and is put out of; files; links; proxies."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.adapters.base import DeliveryKey
from bot.adapters.conformance import READER, Collector, until
from bot.adapters.telegram.render import CAPTION_LIMIT
from bot.adapters.telegram.request import AiohttpRequest, ProxyFailedError
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
from bot.simulators.journal import SeenMessage
from tests.contract.telegram.harness import TelegramHarness, free_port
from tests.contract.telegram.test_render import SNAPSHOTS, shown
from tests.support.proxy import PASSWORD, proxy_of_kind

ANA = TelegramHarness.user
KEY = DeliveryKey(1)
REPORT = Attachment("report.txt", "text/plain", b"all is well", is_shared=True)


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

    async def test_who_stands_for_nobody_is_not_heard(self, harness: TelegramHarness) -> None:
        """Anonymous administrators, channels in their group, and commands for other bots."""
        simulator = harness.simulator
        chat = simulator.create_room("Club")
        simulator.add_bot(chat, ANA)
        group = {"id": int(chat), "type": "group", "title": "Club"}
        anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
        forwarder = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
        channel = {"id": -1001, "type": "channel", "title": "News"}
        mine = {"message_id": 1, "from": simulator.world.bot(), "text": "?"}
        as_group = {"from": anonymous, "sender_chat": group}
        simulator.say(ANA, "/events", chat, **as_group)
        simulator.say(ANA, "<@bot> who am I?", chat, **as_group)
        simulator.say(
            ANA,
            "/events",
            chat,
            **{"from": forwarder, "sender_chat": channel},
            is_automatic_forward=True,
        )
        simulator.say(ANA, "/events@another_bot", chat, reply_to_message=mine)
        simulator.say(ANA, "an answer", chat, reply_to_message=mine)
        heard = [one for one in await received(harness, 3) if not isinstance(one, Joined)]
        assert [one.text for one in heard if isinstance(one, Said)] == ["an answer"]
        assert len(heard) == 1

    @pytest.mark.parametrize("sender", [{}, {"from": None}])
    async def test_a_move_counts_whoever_tells_of_it(
        self, harness: TelegramHarness, sender: dict[str, None]
    ) -> None:
        message = {"message_id": 1, "date": 5, "migrate_from_chat_id": -7, **sender}
        harness.simulator.inject(
            "message", message | {"chat": {"id": -1009, "type": "supergroup", "title": "Club"}}
        )
        (moved,) = await received(harness, 1)
        assert isinstance(moved, Joined)
        assert (moved.is_bot, moved.moved_from) == (True, place(harness, "-7"))

    @pytest.mark.parametrize(
        ("old", "new", "kind"),
        [
            ({"status": "left"}, {"status": "administrator"}, Joined),
            ({"status": "administrator"}, {"status": "member"}, None),
            ({"status": "member"}, {"status": "restricted", "is_member": True}, None),
            ({"status": "member"}, {"status": "restricted", "is_member": False}, Left),
            ({"status": "restricted", "is_member": False}, {"status": "kicked"}, None),
            ({"status": "kicked"}, {"status": "creator"}, Joined),
        ],
    )
    async def test_only_coming_and_going_counts_with_whatever_rights(
        self,
        harness: TelegramHarness,
        old: dict[str, object],
        new: dict[str, object],
        kind: type[Incoming] | None,
    ) -> None:
        """The rights are left out: no server knows all that the newest library asks for."""
        chat = {"id": -1003, "type": "channel", "title": "News"}
        change = {"chat": chat, "from": {"id": int(ANA)}, "date": 5}
        change |= {"old_chat_member": old, "new_chat_member": new}
        harness.simulator.inject("my_chat_member", change)
        harness.simulator.say(ANA, "the end")
        found = await received(harness, 1 if kind is None else 2)
        assert [type(one) for one in found] == [*([kind] if kind else []), Said]
        if kind is not None:
            assert (found[0].room, found[0].is_direct, found[0].where.chat) == (
                "News",
                False,
                "-1003",
            )

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

    @pytest.mark.parametrize(
        ("name", "arrives"),
        [
            ("Bericht 2027 (fertig).txt", "Bericht 2027 (fertig).txt"),
            ("年度报告.txt", "年度报告.txt"),
            ('say "hi"\r\nX-Evil: 1.txt', "say _hi__X-Evil: 1.txt"),
            ("half \ud800.txt", "half \ufffd.txt"),
            ("\n", "file"),
        ],
    )
    async def test_a_file_keeps_its_name_and_breaks_out_of_nothing(
        self, harness: TelegramHarness, name: str, arrives: str
    ) -> None:
        (outcome,) = await send(
            harness, Message((line("x"),), attachments=(Attachment(name, "text/plain", b"x"),))
        )
        assert isinstance(outcome, Delivered)
        (seen,) = harness.simulator.journal.from_bot(ANA)
        assert [one.name for one in seen.files] == [arrives]

    async def test_the_largest_file_arrives_whole(self, harness: TelegramHarness) -> None:
        large = Attachment("large.bin", "application/octet-stream", b"x" * ATTACHMENT_BYTES)
        (outcome,) = await send(harness, Message((line("x"),), attachments=(large,)))
        assert isinstance(outcome, Delivered)
        (seen,) = harness.simulator.journal.from_bot(ANA)
        assert seen.files[0].size == ATTACHMENT_BYTES

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
    assert await harness.adapter.invite_link("A-_" * 21) is not None
    for token in ("", "a b", "ü", "x" * 65, "a&b", "a\n"):
        with pytest.raises(ValueError, match="1 to 64"):
            await harness.adapter.invite_link(token)
    await harness.restore()


class TestTheSameFileToMany:
    async def test_it_is_handed_over_once_and_named_from_then_on(
        self, harness: TelegramHarness
    ) -> None:
        outcomes = [(await send(harness, with_file(REPORT)))[0] for _ in range(3)]
        assert [type(one) for one in outcomes] == [Delivered] * 3
        assert handed_over(harness) == 1
        assert [one.files[0].name for one in shown_to_ana(harness)] == [REPORT.name] * 3

    async def test_another_process_knows_the_id(self, harness: TelegramHarness) -> None:
        await send(harness, with_file(REPORT))
        adapter = harness.new_adapter()
        async with adapter.session():
            (part,) = adapter.render(with_file(REPORT), READER)
            assert isinstance(await adapter.send(place(harness, ANA), part, KEY), Delivered)
        assert (handed_over(harness), len(shown_to_ana(harness))) == (1, 2)

    async def test_many_at_once_wait_for_the_first(self, harness: TelegramHarness) -> None:
        (part,) = harness.adapter.render(with_file(REPORT), READER)
        to = place(harness, ANA)
        sends = [harness.adapter.send(to, part, KEY) for _ in range(5)]
        kinds = sorted(type(one).__name__ for one in await asyncio.gather(*sends))
        assert kinds == ["Delivered"] + ["Later"] * 4
        assert (handed_over(harness), len(shown_to_ana(harness))) == (1, 1)

    async def test_an_id_that_is_good_no_more_is_forgotten(self, harness: TelegramHarness) -> None:
        await send(harness, with_file(REPORT))
        harness.simulator.world.files.clear()
        assert isinstance((await send(harness, with_file(REPORT)))[0], Later)
        assert isinstance((await send(harness, with_file(REPORT)))[0], Delivered)
        assert (handed_over(harness), len(shown_to_ana(harness))) == (1, 2)

    async def test_a_picture_is_a_photo_or_if_that_fails_a_document(
        self, harness: TelegramHarness
    ) -> None:
        poster = Attachment("poster.png", "image/png", b"picture", is_shared=True)
        assert isinstance((await send(harness, with_file(poster)))[0], Delivered)
        assert called(harness, "sendPhoto") == 1
        broken = Attachment("poster", "image/png", b"no picture", is_shared=True)
        assert isinstance((await send(harness, with_file(broken)))[0], Later)
        assert isinstance((await send(harness, with_file(broken)))[0], Delivered)
        assert called(harness, "sendDocument") == 1
        assert [len(one.files) for one in shown_to_ana(harness)] == [1, 1]

    async def test_the_same_bytes_with_another_name_are_another_file(
        self, harness: TelegramHarness
    ) -> None:
        await send(harness, with_file(replace(REPORT, name="to-anna.txt")))
        await send(harness, with_file(replace(REPORT, name="to-bo.txt")))
        names = [one.files[0].name for one in shown_to_ana(harness)]
        assert names == ["to-anna.txt", "to-bo.txt"]

    async def test_what_is_one_persons_own_leaves_no_trace(self, harness: TelegramHarness) -> None:
        own = replace(REPORT, is_shared=False)
        for _ in range(2):
            await send(harness, with_file(own))
        assert (handed_over(harness), len(shown_to_ana(harness))) == (2, 2)
        assert await harness.memory.all("telegram.file.") == {}

    async def test_a_memory_that_fails_says_nothing_of_the_message(
        self, harness: TelegramHarness, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def fails(*_given: str) -> None:
            raise OSError("the database is away")

        monkeypatch.setattr(harness.memory, "get", fails)
        monkeypatch.setattr(harness.memory, "set", fails)
        assert isinstance((await send(harness, with_file(REPORT)))[0], Delivered)

    async def test_files_first_leave_the_words_to_themselves(
        self, harness: TelegramHarness
    ) -> None:
        message = Message((line("Words"),), ((Button("Ok", "ok"),),), (REPORT,), files_first=True)
        file, words = harness.adapter.render(message, READER)
        assert "file" in file.payload
        assert not file.payload["buttons"]
        assert (words.summary, len(words.payload["buttons"])) == ("Words", 1)


def with_file(file: Attachment) -> Message:
    return Message((line("See"),), attachments=(file,))


def handed_over(harness: TelegramHarness) -> int:
    """Return how many files' bytes have come."""
    return len(harness.simulator.world.files)


def shown_to_ana(harness: TelegramHarness) -> list[SeenMessage]:
    return harness.simulator.journal.from_bot(ANA)


def called(harness: TelegramHarness, method: str) -> int:
    return sum(one.method == method for one in harness.simulator.journal.requests)


class TestProxy:
    @pytest.mark.parametrize("kind", ["http", "socks5", "socks5h"])
    async def test_every_request_goes_through_it(self, harness: TelegramHarness, kind: str) -> None:
        async with proxy_of_kind(kind) as (proxy, url):
            adapter = harness.new_adapter(proxy=url)
            sink = Collector()
            async with adapter.session(), adapter.running(sink):
                harness.simulator.say(ANA, "back")
                await until(harness, lambda: sink.stored)
                parts = adapter.render(Message((line("through"),), attachments=(REPORT,)), READER)
                to = place(harness, ANA)
                outcomes = [await adapter.send(to, one, KEY) for one in parts]
        assert [type(one) for one in outcomes] == [Delivered]
        assert len(proxy.asked) >= 2, "one connection to receive, another one to send"
        if kind == "http":
            called = {path.rpartition("/")[2].partition("?")[0] for path in proxy.asked}
            assert {"sendDocument", "getUpdates", "getMe"} <= called

    @pytest.mark.parametrize("kind", ["http", "socks5"])
    async def test_a_proxy_that_refuses_lets_nothing_leave_and_is_named(
        self, harness: TelegramHarness, kind: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with proxy_of_kind(kind, refuses=True) as (_, url):
            await self.nothing_leaves(harness, url, caplog)

    @pytest.mark.parametrize("kind", ["http", "socks5"])
    async def test_a_proxy_that_is_away_lets_nothing_leave_and_is_named(
        self, harness: TelegramHarness, kind: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        url = f"{kind}://member:{PASSWORD}@127.0.0.1:{free_port()}"
        await self.nothing_leaves(harness, url, caplog)

    async def nothing_leaves(
        self, harness: TelegramHarness, url: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        adapter = harness.new_adapter(proxy=url)
        async with adapter.session(), adapter.running(Collector()):
            (part,) = adapter.render(plain("x"), READER)
            outcome = await adapter.send(place(harness, ANA), part, KEY)
            health = await adapter.check()
            await until(harness, lambda: "not receiving" in caplog.text)
        assert isinstance(outcome, Later)
        assert not health.ok
        assert "CONVOKE_PROXY" in health.problem
        assert PASSWORD not in repr(outcome) + health.problem + caplog.text
        assert harness.simulator.journal.from_bot(ANA) == []

    async def test_a_proxy_that_refuses_a_tunnel_lets_nothing_leave(self) -> None:
        """What Telegram itself is reached by: ``CONNECT``, and TLS inside it."""
        async with proxy_of_kind("http", refuses=True) as (proxy, url):
            request = AiohttpRequest("https://api.telegram.org/bot1:x", proxy=url)
            await request.initialize()
            with pytest.raises(ProxyFailedError) as caught:
                await request.post("x/sendMessage")
            await request.shutdown()
        assert proxy.asked == ["api.telegram.org:443"]
        assert PASSWORD not in repr(caught.value)


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
