"""Files: handed over before their message, shown by one request, and found again by their id."""

import pytest

from bot.adapters.abilities import OpensDirect, Uploads
from bot.adapters.base import DeliveryKey, Part
from bot.adapters.conformance import READER
from bot.adapters.conformance_kit import direct
from bot.domain.address import MessageRef
from bot.domain.message import ATTACHMENT_BYTES, Attachment, Button, Message, line, plain
from bot.domain.outcome import Delivered, Later, Never, Reason, Scope, Unknown
from tests.contract.slack.conftest import USER, SlackHarness

CALENDAR = Attachment(
    "Frontier Forum.ics", "text/calendar", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
)
PROGRAMME = Attachment("日程 <v2>.pdf", "application/pdf", bytes(range(256)) * 40)
MESSAGE = Message(
    (line("Your seat is confirmed & <safe>."),),
    ((Button("Details", "event", "12"),),),
    (CALENDAR, PROGRAMME),
)
COMPLETE = "files.completeUploadExternal"


async def handed_over(harness: SlackHarness, message: Message = MESSAGE) -> Part:
    adapter = harness.adapter
    assert isinstance(adapter, OpensDirect)
    assert isinstance(adapter, Uploads)
    assert await adapter.open_direct(direct(harness)) is None
    (part,) = adapter.render(message, READER)
    assert adapter.needs_upload(part)
    done = await adapter.upload(part)
    assert isinstance(done, Part)
    assert not adapter.needs_upload(done)
    return done


def calls(harness: SlackHarness, method: str) -> int:
    return sum(one.method == method for one in harness.simulator.journal.requests)


async def test_words_buttons_and_files_are_one_message(harness: SlackHarness) -> None:
    part = await handed_over(harness)
    assert harness.simulator.journal.from_bot(USER) == [], "nobody sees what no message shows"
    sent = await harness.adapter.send(direct(harness), part, DeliveryKey(1))
    assert isinstance(sent, Delivered)
    assert calls(harness, COMPLETE) == 1
    assert calls(harness, "chat.postMessage") == 0
    (shown,) = harness.simulator.journal.from_bot(USER)
    assert shown.text == "Your seat is confirmed & <safe>."
    assert [one.data for one in shown.buttons] == ["event:12"]
    assert [(one.name, one.size) for one in shown.files] == [
        (CALENDAR.name, len(CALENDAR.content)),
        (PROGRAMME.name, len(PROGRAMME.content)),
    ]
    uploads = harness.simulator.workspace.uploads
    ids = [one["id"] for one in shown.native["files"]]
    assert [uploads.content(one) for one in ids] == [CALENDAR.content, PROGRAMME.content]


async def test_the_largest_file_arrives_whole(harness: SlackHarness) -> None:
    large = Attachment("large.bin", "application/octet-stream", b"x" * ATTACHMENT_BYTES)
    part = await handed_over(harness, Message((line("x"),), (), (large,)))
    assert isinstance(await harness.adapter.send(direct(harness), part, DeliveryKey(1)), Delivered)
    (shown,) = harness.simulator.journal.from_bot(USER)
    assert [one.size for one in shown.files] == [ATTACHMENT_BYTES]


async def test_only_the_last_part_carries_them(harness: SlackHarness) -> None:
    long = Message((line("word " * 6000),), (), (CALENDAR,))
    *before, last = harness.adapter.render(long, READER)
    assert before
    assert not any(harness.adapter.needs_upload(part) for part in before)
    assert harness.adapter.needs_upload(last)


async def test_what_is_not_handed_over_is_not_sent(harness: SlackHarness) -> None:
    await harness.adapter.open_direct(direct(harness))
    (part,) = harness.adapter.render(MESSAGE, READER)
    outcome = await harness.adapter.send(direct(harness), part, DeliveryKey(1))
    assert isinstance(outcome, Later)
    assert calls(harness, COMPLETE) == 0


async def test_a_lost_answer_is_found_by_the_file(harness: SlackHarness) -> None:
    """Such a message carries no metadata; text messages beside it are still told apart."""
    part = await handed_over(harness)
    harness.simulator.lose_answers(1)
    lost = await harness.adapter.send(direct(harness), part, DeliveryKey(7))
    assert isinstance(lost, Unknown)
    assert calls(harness, COMPLETE) == 1
    found = await harness.adapter.find(direct(harness), DeliveryKey(7), 0.0)
    (shown,) = harness.simulator.journal.from_bot(USER)
    assert found == MessageRef(direct(harness), shown.id)
    assert await harness.adapter.find(direct(harness), DeliveryKey(8), 0.0) is None


async def test_what_never_arrived_is_certainly_not_there(harness: SlackHarness) -> None:
    part = await handed_over(harness)
    harness.simulator.fault("timeout", method=COMPLETE)
    harness.adapter._web._session._timeout = _short(harness)  # type: ignore[union-attr]  # not 4.5 s
    assert isinstance(await harness.adapter.send(direct(harness), part, DeliveryKey(7)), Unknown)
    assert await harness.adapter.find(direct(harness), DeliveryKey(7), 0.0) is None


def _short(harness: SlackHarness):  # type: ignore[no-untyped-def]  # aiohttp's own
    import aiohttp

    return aiohttp.ClientTimeout(total=0.2)


async def test_it_is_changed_and_removed_once_it_was_looked_up(harness: SlackHarness) -> None:
    """Slack names no time for such a message; finding it is a request and an attempt of its own."""
    part = await handed_over(harness)
    sent = await harness.adapter.send(direct(harness), part, DeliveryKey(1))
    assert isinstance(sent, Delivered)
    assert sent.ref is not None
    (new,) = harness.adapter.render(plain("It was moved."), READER)
    first = await harness.adapter.edit(sent.ref, new)
    assert first == Later(0.0, Scope.CHAT, "the message with the file was looked up")
    assert await harness.adapter.edit(sent.ref, new) == Delivered(sent.ref)
    (shown,) = harness.simulator.journal.from_bot(USER)
    assert (shown.text, len(shown.history)) == ("It was moved.", 1)
    assert await harness.adapter.delete(sent.ref) == Delivered(sent.ref)
    assert harness.simulator.journal.from_bot(USER) == []


@pytest.mark.parametrize("step", ["files.getUploadURLExternal", "upload"])
async def test_an_upload_that_fails_is_later(harness: SlackHarness, step: str) -> None:
    harness.simulator.fault("error", method=step, status=500)
    (part,) = harness.adapter.render(MESSAGE, READER)
    outcome = await harness.adapter.upload(part)
    assert isinstance(outcome, Later)
    assert outcome.scope is Scope.CHAT
    again = await harness.adapter.upload(part)
    assert isinstance(again, Part)


async def test_a_kind_of_file_that_the_workspace_refuses(harness: SlackHarness) -> None:
    harness.simulator.refuse("file_type_not_allowed", "files.getUploadURLExternal")
    (part,) = harness.adapter.render(MESSAGE, READER)
    assert await harness.adapter.upload(part) == Never(Reason.NOT_ALLOWED, "file_type_not_allowed")


async def test_slow_down_halts_and_nothing_is_posted_twice(harness: SlackHarness) -> None:
    part = await handed_over(harness)
    harness.simulator.answer_errors(1, 429, retry_after=3, method=COMPLETE)
    assert await harness.adapter.send(direct(harness), part, DeliveryKey(1)) == Later(
        3.0, Scope.ACCOUNT, "ratelimited"
    )
    sent = await harness.adapter.send(direct(harness), part, DeliveryKey(1))
    assert isinstance(sent, Delivered)
    assert len(harness.simulator.journal.from_bot(USER)) == 1
    twice = await harness.adapter.send(direct(harness), part, DeliveryKey(1))
    assert twice == Never(Reason.NOT_FOUND, "file_not_found"), "Slack takes a file once"
