"""The suite that every adapter passes; a third party proves its own with it.

Subclass :class:`AdapterConformance` in a test module and give it an async fixture
``harness`` that yields a :class:`Harness`: an adapter whose ``session`` is entered,
pointed at a simulator that is being served::

    class TestMine(AdapterConformance):
        @pytest.fixture
        async def harness(self):
            async with my_harness() as harness:
                yield harness

The suite reads what a person would see from the simulator's journal and never from the
adapter. It needs pytest and pytest-asyncio (auto mode); production never imports it.
"""

import asyncio
import logging
from datetime import UTC, datetime

import pytest

from bot.adapters.conformance_files import FileConformance
from bot.adapters.conformance_kit import (
    READER,
    Collector,
    HandClock,
    Harness,
    deliver,
    direct,
    receiving,
    seen,
    send_part,
    sends,
    staged,
    until,
)
from bot.adapters.conformance_rooms import RoomConformance
from bot.domain.incoming import Commanded, Pressed, Said
from bot.domain.message import (
    Bold,
    Button,
    Code,
    Italic,
    Link,
    Mention,
    Message,
    Text,
    When,
    line,
    plain,
)
from bot.domain.outcome import Delivered, Later, Never, Unknown

HOSTILE = (
    "<b>bold?</b> &amp; <script>alert(1)</script> </a>",
    "*stars* _under_ `ticks` ~tilde~ [a](http://x.example) > quote",
    "<@U123> <!channel> <!here> @everyone :smile: <http://x.example|x>",
    "=HYPERLINK(1) '; DROP TABLE x; -- {0} %s ${x} \\n",
    "مرحبا עברית 中文 한국어 ü e\u0301 👩‍👩‍👧‍👦 🇨🇳 \u200fabc",
)
"""Text that a platform would read as markup, or that a careless program cuts in half."""


class AdapterConformance(FileConformance, RoomConformance):
    """The suite. A method that needs an ability the platform lacks skips itself."""

    async def test_every_inline_part_arrives_as_typed(self, harness: Harness) -> None:
        """Every kind of inline part is shown with exactly its characters."""
        instant = datetime(2027, 11, 24, 6, 0, tzinfo=UTC)
        message = Message(
            (
                line(Text("plain & <simple>"), Bold(" bold <b>"), Italic(" italic _x_")),
                line(),
                line(Code("/cmd <arg> `x`"), " ", Link("the site", "https://x.example/?a=1&b=2")),
                line(Mention(harness.user, "Ana <3"), When(instant, "Asia/Shanghai")),
            )
        )
        await deliver(harness, message)
        (shown,) = seen(harness)
        (part,) = harness.adapter.render(message, READER)
        assert shown.text.startswith("plain & <simple> bold <b> italic _x_\n\n/cmd <arg> `x` ")
        assert "the site" in shown.text
        assert "14:00" in shown.text, "the venue's own time stands beside the reader's"
        assert shown.text == part.summary

    @pytest.mark.parametrize("text", HOSTILE)
    async def test_hostile_text_arrives_as_typed(self, harness: Harness, text: str) -> None:
        """Nothing in a text is read as markup."""
        await deliver(harness, Message((line(Text(text)), line(Bold(text)), line(Code(text)))))
        assert seen(harness)[0].text == "\n".join((text, text, text))

    async def test_an_over_long_message_is_split(self, harness: Harness) -> None:
        """Parts hold what the platform takes; joined they are the whole text, buttons last."""
        words = " ".join(f"word{number}😀" for number in range(3000))
        message = Message((line(Bold(words)),), ((Button("Go", "go", "1"),),))
        refs = await deliver(harness, message)
        shown = seen(harness)
        assert len(refs) == len(shown) > 1
        assert "".join("".join(one.text.split()) for one in shown) == "".join(words.split())
        assert all(len(one.text) <= harness.adapter.capabilities.text_limit for one in shown)
        assert [bool(one.buttons) for one in shown] == [False] * (len(shown) - 1) + [True]

    async def test_an_empty_message_is_still_one_part(self, harness: Harness) -> None:
        """There is always at least one part, whatever it holds."""
        assert len(harness.adapter.render(Message(()), READER)) == 1

    async def test_an_answer_says_what_it_answers(self, harness: Harness) -> None:
        """A quotation, or a thread, names the message of ours that it is about."""
        refs = [*await deliver(harness, plain("one")), *await deliver(harness, plain("two"))]
        sink = Collector()
        async with receiving(harness, sink):
            with staged():
                harness.simulator.answer(harness.user, "yes, that", refs[0].id)
            await until(harness, sink.texts)
        (said,) = sink.stored
        assert isinstance(said, Said)
        assert said.text.strip() == "yes, that"
        assert said.reply_to is not None
        assert (said.reply_to.address.chat, said.reply_to.id) == (harness.user, refs[0].id)

    async def test_a_press_comes_back(self, harness: Harness) -> None:
        """A button arrives with its label; its press says action, value, message and person."""
        button = Button("I go ✓", "rsvp", "12:going:\u00fc")
        (ref,) = await deliver(harness, Message((line("Coming?"),), ((button,),)))
        (shown,) = seen(harness)
        assert [one.label for one in shown.buttons] == ["I go ✓"]
        sink = Collector()
        async with receiving(harness, sink):
            harness.simulator.press(harness.user, shown.id, shown.buttons[0].data)
            await until(harness, lambda: sink.stored)
        (pressed,) = sink.stored
        assert isinstance(pressed, Pressed)
        assert (pressed.action, pressed.value) == ("rsvp", "12:going:\u00fc")
        assert pressed.ref == ref
        assert pressed.where == direct(harness)
        assert pressed.who.user == harness.user
        assert pressed.is_direct

    async def test_a_forged_press_names_its_sender(self, harness: Harness) -> None:
        """A press in somebody else's chat keeps both: the place and the real sender."""
        (ref,) = await deliver(harness, Message((line("?"),), ((Button("x", "x"),),)))
        sink = Collector()
        async with receiving(harness, sink):
            with staged():
                harness.simulator.press("666", ref.id, "rsvp:1:going", chat=harness.user)
            await until(harness, lambda: sink.stored)
        assert sink.stored[0].who.user == "666"
        assert sink.stored[0].where.chat == harness.user

    async def test_a_press_is_answered_once(self, harness: Harness) -> None:
        """A notice is shown where the platform can; whoever asks again must write instead."""
        (ref,) = await deliver(harness, Message((line("?"),), ((Button("x", "x"),),)))
        sink = Collector()
        async with receiving(harness, sink):
            harness.simulator.press(harness.user, ref.id, seen(harness)[0].buttons[0].data)
            await until(harness, lambda: sink.stored)
            (interaction,) = sink.interactions
            if harness.adapter.capabilities.notice_limit == 0:
                assert interaction is None or not interaction.open
                return
            assert interaction
            assert interaction.open
            assert await interaction.answer("noted")
            assert not interaction.open
            assert not await interaction.answer("again")
        assert harness.simulator.journal.notices(harness.user) == ["noted"]

    async def test_words_and_commands_come_in(self, harness: Harness) -> None:
        """Text is said; a slash makes a command, in lower case, with the rest as argument."""
        sink = Collector()
        async with receiving(harness, sink):
            harness.simulator.say(harness.user, "Hello <b> *you*\nsecond line")
            harness.simulator.say(harness.user, "/Start abc  def")
            await until(harness, lambda: len(sink.stored) == 2)
        said, commanded = sink.stored
        assert isinstance(said, Said)
        assert said.text == "Hello <b> *you*\nsecond line"
        assert said.where == direct(harness)
        assert said.where.account == said.who.account == harness.adapter.account
        assert isinstance(commanded, Commanded)
        assert (commanded.command, commanded.argument) == ("start", "abc  def")
        assert said.delivery_id != commanded.delivery_id

    async def test_an_edit_changes_the_message(self, harness: Harness) -> None:
        """An edit replaces; one that changes nothing is delivered just the same."""
        if not harness.adapter.capabilities.edit:
            pytest.skip("this platform cannot edit")
        (ref,) = await deliver(harness, plain("one"))
        (part,) = harness.adapter.render(plain("two"), READER)
        assert isinstance(await harness.adapter.edit(ref, part), Delivered)
        assert isinstance(await harness.adapter.edit(ref, part), Delivered)
        assert [one.text for one in seen(harness)] == ["two"]

    async def test_a_delete_can_be_repeated(self, harness: Harness) -> None:
        """What is gone counts as deleted."""
        if harness.adapter.capabilities.delete_within == 0:
            pytest.skip("this platform cannot delete")
        (ref,) = await deliver(harness, plain("one"))
        assert isinstance(await harness.adapter.delete(ref), Delivered)
        assert isinstance(await harness.adapter.delete(ref), Delivered)
        assert seen(harness) == []

    async def test_a_lost_answer_is_unknown_and_never_repeated(self, harness: Harness) -> None:
        """The message went out once and nobody may claim that it did not."""
        await deliver(harness, plain("first"))
        harness.simulator.lose_answers(1, harness.send_method)
        outcome = await send_part(harness, harness.adapter.render(plain("lost"), READER)[0])
        assert isinstance(outcome, Unknown)
        assert sends(harness) == 2
        assert [one.text for one in seen(harness)] == ["first", "lost"]

    async def test_a_reset_is_unknown_and_one_request(self, harness: Harness) -> None:
        """The connection drops before an answer: nobody can say what became of the message."""
        await deliver(harness, plain("first"))
        before = len(harness.simulator.journal.requests)
        with staged():
            harness.simulator.fault("reset")
        outcome = await send_part(harness, harness.adapter.render(plain("x"), READER)[0])
        assert isinstance(outcome, Unknown)
        assert len(harness.simulator.journal.requests) == before + 1
        assert len(seen(harness)) == 1

    async def test_a_server_error_is_unknown(self, harness: Harness) -> None:
        """A 500 does not say whether the message was kept."""
        await deliver(harness, plain("first"))
        with staged():
            harness.simulator.answer_errors(1, 500)
        outcome = await send_part(harness, harness.adapter.render(plain("x"), READER)[0])
        assert isinstance(outcome, Unknown)
        assert sends(harness) == 2

    async def test_a_flood_is_later(self, harness: Harness) -> None:
        """To slow down means: certainly not delivered, wait as long as was said."""
        await deliver(harness, plain("first"))
        with staged():
            harness.simulator.answer_errors(1, 429, retry_after=7)
        outcome = await send_part(harness, harness.adapter.render(plain("x"), READER)[0])
        assert isinstance(outcome, Later)
        assert outcome.after >= 7
        assert sends(harness) == 2
        assert len(seen(harness)) == 1

    async def test_no_connection_is_later(self, harness: Harness) -> None:
        """Without a connection nothing can have left us.

        The first attempt may still find a pooled connection that looks open; only the
        next one certainly has to connect.
        """
        await deliver(harness, plain("first"))
        await harness.cut()
        (part,) = harness.adapter.render(plain("x"), READER)
        first, second = await send_part(harness, part), await send_part(harness, part)
        await harness.restore()
        assert isinstance(first, Later | Unknown)
        assert isinstance(second, Later)
        assert len(seen(harness)) == 1

    async def test_who_blocked_us_is_never(self, harness: Harness) -> None:
        """Blocked (or deactivated) is final until the person comes back."""
        with staged():
            harness.simulator.block(harness.user)
        outcome = await send_part(harness, harness.adapter.render(plain("x"), READER)[0])
        assert isinstance(outcome, Never)
        assert seen(harness) == []

    async def test_an_update_that_comes_twice_keeps_its_id(self, harness: Harness) -> None:
        """Platforms give an update again whose acknowledgement they missed; the inbox sees it."""
        sink = Collector()
        async with receiving(harness, sink):
            harness.simulator.say(harness.user, "once")
            await until(harness, lambda: sink.texts() == ["once"])
            with staged():
                harness.simulator.redeliver(1)
            await until(harness, lambda: len(sink.calls) == 2, passing=1.0)
            harness.simulator.say(harness.user, "then")
            await until(harness, lambda: sink.texts()[-1] == "then", passing=1.0)
        first, again, then = sink.calls
        assert first == again
        assert then.delivery_id != first.delivery_id

    async def test_a_failing_sink_gets_the_update_again(self, harness: Harness) -> None:
        """What was not stored is not acknowledged; what was stored is not given again."""
        sink = Collector(failures=1)
        async with receiving(harness, sink):
            harness.simulator.say(harness.user, "one")
            await until(harness, lambda: sink.texts() == ["one"], passing=1.0)
            harness.simulator.say(harness.user, "two")
            await until(harness, lambda: sink.texts() == ["one", "two"], passing=1.0)
        assert len(sink.calls) == 3
        assert len({one.delivery_id for one in sink.calls}) == 2

    async def test_what_hung_in_the_sink_comes_again(self, harness: Harness) -> None:
        """An update whose commit never came is not acknowledged at the end of ``running``."""
        hanging, sink = Collector(hang=True), Collector()
        async with receiving(harness, hanging):
            harness.simulator.say(harness.user, "precious")
            await until(harness, lambda: hanging.calls)
        async with receiving(harness, sink):
            await until(harness, lambda: sink.texts() == ["precious"], passing=1.0)

    async def test_a_restart_loses_nothing(self, harness: Harness) -> None:
        """What is said while nobody receives arrives later, in order."""
        first, second = Collector(), Collector()
        async with receiving(harness, first):
            harness.simulator.say(harness.user, "before")
            await until(harness, lambda: first.texts() == ["before"])
        harness.simulator.say(harness.user, "between")
        async with receiving(harness, second):
            harness.simulator.say(harness.user, "after")
            wanted = ["between", "after"]
            await until(harness, lambda: second.texts()[-2:] == wanted, passing=1.0)

    async def test_an_outage_loses_nothing(self, harness: Harness) -> None:
        """The network goes in the middle of receiving and comes back: ``running`` goes on."""
        sink = Collector()
        async with receiving(harness, sink):
            harness.simulator.say(harness.user, "before")
            await until(harness, lambda: sink.texts() == ["before"])
            await harness.cut()
            harness.simulator.say(harness.user, "during")
            await harness.restore()
            await until(harness, lambda: "during" in sink.texts(), passing=1.0)

    async def test_check_says_who_we_are(self, harness: Harness) -> None:
        """A check names the account; without a network it names the problem."""
        health = await harness.adapter.check()
        assert health.ok, health
        assert health.account == harness.adapter.account != ""
        await harness.cut()
        health = await harness.adapter.check()
        await harness.restore()
        assert not health.ok
        assert health.problem

    async def test_no_secret_is_logged(
        self, harness: Harness, caplog: pytest.LogCaptureFixture
    ) -> None:
        """No log line, outcome or repr holds a token, at any level, whatever goes wrong."""
        if not harness.secrets:
            pytest.skip("this platform needs no secret")
        with caplog.at_level(logging.DEBUG):
            said = await _trouble(harness)
        said += [caplog.text, repr(harness.adapter), repr(vars(harness.adapter).keys())]
        for secret in harness.secrets:
            assert secret
            assert all(secret not in text for text in said)


async def _trouble(harness: Harness) -> list[str]:
    """Let everything go wrong once and return what the adapter had to say about it."""
    (part,) = harness.adapter.render(plain("x"), READER)
    outcomes: list[object] = [await send_part(harness, part)]
    for status in (400, 401, 403, 429, 500):
        harness.simulator.answer_errors(1, status, 1 if status == 429 else None)
        outcomes.append(await send_part(harness, part))
    harness.simulator.lose_answers(1)
    outcomes.append(await send_part(harness, part))
    sink = Collector(failures=1)
    async with receiving(harness, sink):
        harness.simulator.say(harness.user, "hello")
        await until(harness, lambda: sink.stored, passing=1.0)
        await harness.cut()
        outcomes += [await send_part(harness, part), await harness.adapter.check()]
        for _ in range(30):  # whatever it tries meanwhile; over HTTP it only waits
            harness.clock.advance(1.0)
            await asyncio.sleep(0.005)
        await harness.restore()
    return [repr(one) for one in outcomes]


__all__ = ["READER", "AdapterConformance", "Collector", "HandClock", "Harness", "until"]
