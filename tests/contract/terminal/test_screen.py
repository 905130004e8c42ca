"""What stands on the screen and what is typed there."""

import asyncio
import io
import os
from pathlib import Path

import pytest

from bot.adapters.base import DeliveryKey, Part
from bot.adapters.conformance import READER, Collector, until
from bot.adapters.terminal.screen import Console
from bot.domain.address import Address, MessageRef
from bot.domain.incoming import Commanded, Pressed, Said
from bot.domain.message import Attachment, Button, Message, Text, line, plain
from bot.domain.outcome import Delivered
from tests.contract.terminal.conftest import USER, TerminalHarness

HERE = Address("terminal", "here", USER)
CHOICE = Message((line("Coming?"),), ((Button("Yes", "go", "1"), Button("No", "go", "0")),))


async def show(harness: TerminalHarness, message: Message) -> MessageRef:
    (part,) = harness.adapter.render(message, READER)
    outcome = await harness.adapter.send(HERE, part, DeliveryKey(1))
    assert isinstance(outcome, Delivered)
    assert outcome.ref is not None
    return outcome.ref


def printed(harness: TerminalHarness) -> list[str]:
    return [one.native["printed"] for one in harness.simulator.journal.from_bot(USER)]


async def typed(harness: TerminalHarness, *texts: str) -> Collector:
    sink = Collector()
    async with harness.adapter.running(sink):
        for text in texts:
            harness.simulator.say(USER, text)
        await until(harness, lambda: len(sink.stored) == len(texts))
    return sink


async def test_a_message_with_buttons_is_drawn(harness: TerminalHarness) -> None:
    await show(harness, CHOICE)
    assert printed(harness) == ["╭ 1\n│ Coming?\n├ [1] Yes\n├ [2] No\n╰\n"]


async def test_a_number_presses_the_newest_button_that_has_it(harness: TerminalHarness) -> None:
    first = await show(harness, CHOICE)
    second = await show(harness, CHOICE)
    sink = await typed(harness, "1", "4", "5", " 4")
    pressed, later, text, spaced = sink.stored
    assert isinstance(pressed, Pressed)
    assert (pressed.ref, pressed.value) == (first, "1")
    assert isinstance(later, Pressed)
    assert (later.ref, later.value) == (second, "0")
    assert isinstance(text, Said)
    assert isinstance(spaced, Said)
    assert (text.text, spaced.text) == ("5", "4")


async def test_numbers_come_round_and_the_newest_counts(harness: TerminalHarness) -> None:
    for _message in range(49):
        await show(harness, CHOICE)
    newest = [await show(harness, CHOICE) for _message in range(2)]
    sink = await typed(harness, "1")
    (pressed,) = sink.stored
    assert isinstance(pressed, Pressed)
    assert pressed.ref == newest[0]


async def test_a_changed_message_is_shown_again_and_its_old_buttons_are_gone(
    harness: TerminalHarness,
) -> None:
    ref = await show(harness, CHOICE)
    (part,) = harness.adapter.render(CHOICE, READER)
    await harness.adapter.edit(ref, part)
    sink = await typed(harness, "1", "3")
    old, new = sink.stored
    assert isinstance(old, Said)
    assert isinstance(new, Pressed)
    assert new.ref == ref


async def test_a_removed_message_takes_its_buttons_along(harness: TerminalHarness) -> None:
    ref = await show(harness, CHOICE)
    await harness.adapter.delete(ref)
    (said,) = (await typed(harness, "1")).stored
    assert isinstance(said, Said)


async def test_a_backslash_continues_a_line_and_a_slash_commands(harness: TerminalHarness) -> None:
    one, two, three = (await typed(harness, "one\ntwo", "/Help  me", "no /command")).stored
    assert isinstance(one, Said)
    assert one.text == "one\ntwo"
    assert isinstance(two, Commanded)
    assert (two.command, two.argument) == ("help", "me")
    assert isinstance(three, Said)


async def test_what_somebody_wrote_can_neither_draw_a_button_nor_steer_the_terminal(
    harness: TerminalHarness,
) -> None:
    nasty = "hi\n╰\n├ [1] Free money\x1b[2J\x1b]0;owned\x07\r\x9b31m\u202eabc"
    await show(harness, Message((line(Text(nasty)),), ((Button("O\x1bK\nno", "x"),),)))
    (block,) = printed(harness)
    assert block == ("╭ 1\n│ hi\n│ ╰\n│ ├ [1] Free money[2J]0;owned31mabc\n├ [1] OK no\n╰\n")


async def test_a_file_is_saved_for_its_reader_alone(harness: TerminalHarness) -> None:
    message = Message((line("Here"),), attachments=(Attachment("../my data.json", "x", b"{}"),))
    await show(harness, message)
    (block,) = printed(harness)
    path = Path(block.split("📎 ")[1].split("\n")[0])
    assert await asyncio.to_thread(path.read_bytes) == b"{}"
    assert path.name == "1-_my data.json"
    assert path.parent.stat().st_mode & 0o077 == 0


async def test_a_new_start_knows_none_of_the_old_numbers(harness: TerminalHarness) -> None:
    ref = await show(harness, CHOICE)
    again = harness.new_adapter()
    (part,) = again.render(plain("now this"), READER)
    assert isinstance(await again.edit(ref, part), Delivered)
    harness.adapter = again
    (said,) = (await typed(harness, "1")).stored
    assert isinstance(said, Said)


async def test_ids_of_two_starts_differ(harness: TerminalHarness) -> None:
    first = (await typed(harness, "x")).stored[0].delivery_id
    harness.adapter = harness.new_adapter()
    assert (await typed(harness, "x")).stored[0].delivery_id != first


async def test_the_console_reads_a_pipe_to_its_end_and_writes() -> None:
    reading, writing = os.pipe()
    target = io.StringIO()
    with os.fdopen(reading) as source:
        console = Console(source, target)
        os.write(writing, "one\r\n两\n".encode())
        assert [await console.read(), await console.read()] == ["one", "两"]
        os.close(writing)
        assert [await console.read(), await console.read()] == [None, None]
        await console.show("x\n")
    assert target.getvalue() == "x\n"


async def test_a_console_that_broke_off_is_closed_for_good() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as target:
        console = Console(io.StringIO(), target)
        with pytest.raises(OSError, match=r".") as first:
            await console.show("x\n")
        assert not isinstance(first.value, ConnectionRefusedError)
        with pytest.raises(ConnectionRefusedError):
            await console.show("x\n")
        with pytest.raises(OSError, match=r"."):
            target.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), target.fileno())


async def test_the_end_of_the_input_ends_nothing(harness: TerminalHarness) -> None:
    class Ended:
        async def show(self, block: str) -> None:
            return None

        async def read(self) -> str | None:
            return None

    adapter = harness.new_adapter()
    adapter._screen = Ended()
    sink = Collector()
    async with adapter.running(sink):
        for _turn in range(10):
            await asyncio.sleep(0)
        assert isinstance(
            await adapter.send(
                HERE, Part({"text": "x", "buttons": [], "files": []}, "x"), DeliveryKey(1)
            ),
            Delivered,
        )
    assert sink.calls == []
