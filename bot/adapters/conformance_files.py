"""What an adapter promises of files; part of :mod:`bot.adapters.conformance`."""

import json

import pytest

from bot.adapters.conformance_kit import READER, Harness, deliver, seen, send_part, sends
from bot.domain.message import Attachment, Button, Message, line
from bot.domain.outcome import Unknown

CALENDAR = Attachment("Frontier Forum (final) 日程.ics", "text/calendar", b"BEGIN:VCALENDAR\r\n")
TABLE = Attachment("answers.csv", "text/csv", bytes(range(256)) * 8)


class FileConformance:
    """Skipped where the platform's messages carry no files."""

    async def test_files_arrive_with_their_names_and_the_buttons(self, harness: Harness) -> None:
        """However many messages that takes: every file once, whole, and the words once."""
        needs_files(harness)
        message = Message(
            (line("Your answers <b>, *as files*"),), ((Button("Ok", "ok"),),), (CALENDAR, TABLE)
        )
        await deliver(harness, message)
        shown = seen(harness)
        files = [(one.name, one.size) for message in shown for one in message.files]
        assert files == [(one.name, len(one.content)) for one in (CALENDAR, TABLE)]
        words = "".join(one.text for one in shown)
        assert words == "Your answers <b>, *as files*"
        assert [one.label for one in shown[-1].buttons] == ["Ok"]
        assert not any(one.buttons for one in shown[:-1])

    async def test_a_long_text_with_a_file_is_whole(self, harness: Harness) -> None:
        """A file has little room for words below it: what is over comes in messages before."""
        needs_files(harness)
        words = " ".join(f"word{number}" for number in range(700))
        await deliver(harness, Message((line(words),), (), (TABLE,)))
        shown = seen(harness)
        assert "".join("".join(one.text.split()) for one in shown) == "".join(words.split())
        assert [len(one.files) for one in shown] == [0] * (len(shown) - 1) + [1]

    async def test_a_part_with_a_file_can_be_kept(self, harness: Harness) -> None:
        """The ledger keeps parts as JSON."""
        needs_files(harness)
        for part in harness.adapter.render(Message((line("x"),), (), (TABLE,)), READER):
            assert json.loads(json.dumps(part.payload)) == part.payload

    async def test_a_lost_answer_to_a_file_is_unknown(self, harness: Harness) -> None:
        """It arrived once, and nobody may claim that it did not."""
        needs_files(harness)
        *_, part = harness.adapter.render(Message((line("x"),), (), (TABLE,)), READER)
        before = sends(harness)
        harness.simulator.lose_answers(1)
        assert isinstance(await send_part(harness, part), Unknown)
        assert sum(len(one.files) for one in seen(harness)) == 1
        assert sends(harness) <= before + 1, "once; some platforms have another request for files"


def needs_files(harness: Harness) -> None:
    """Skip the test where messages carry no files."""
    if not harness.adapter.capabilities.files:
        pytest.skip("this platform's messages carry no files")
