"""Files that people send: in a message or a form, and fetched with the bot's token."""

from dataclasses import replace
from functools import partial

import pytest

from bot.adapters.conformance_kit import Collector, until
from bot.adapters.slack.forms import form_view, values_of
from bot.adapters.slack.manifest import BOT_SCOPES
from bot.domain.form import Field, FieldKind, Form
from bot.domain.incoming import Said, Submitted
from bot.domain.outcome import Later, Never, Reason
from bot.domain.sent_file import SentFile, files_from_text, files_to_text
from bot.simulators.slack.views import checked
from tests.contract.slack.conftest import SECRETS, USER, SlackHarness

PDF = b"%PDF-1.7 programme"
LIMIT = 5 * 1024 * 1024
FORM = Form(
    "post",
    "Post",
    "Send",
    "en",
    (
        Field("title", "The title"),
        Field("files", "Files?", FieldKind.FILES, hint="Ten", required=False, longest=10),
    ),
)


async def test_files_of_a_message(harness: SlackHarness) -> None:
    first = harness.simulator.attach("Programme 日程.pdf", PDF)
    second = harness.simulator.attach("poster.png", b"png", "image/png")
    sink = Collector()
    async with harness.adapter.running(sink):
        harness.simulator.send_files(USER, first, second, text="Here")
        await until(harness, lambda: sink.stored)
    (said,) = sink.stored
    assert isinstance(said, Said)
    assert said.text == "Here"
    assert said.files == (
        SentFile(first, "Programme 日程.pdf", "application/pdf", len(PDF)),
        SentFile(second, "poster.png", "image/png", 3),
    )
    assert await harness.adapter.fetch(first, LIMIT) == PDF


async def test_files_of_a_form(harness: SlackHarness) -> None:
    view = form_view(FORM)
    assert checked(view, "modal")
    element = view["blocks"][1]["element"]
    assert element == {"action_id": "value", "type": "file_input", "max_files": 10}
    file = harness.simulator.attach("a.pdf", PDF)
    sink = Collector()
    views = harness.simulator.workspace.views
    async with harness.adapter.running(sink):
        for files in (file, ""):
            views.open(views.trigger(USER), view)
            before = len(sink.stored)
            harness.simulator.submit(USER, {"title": "T", "files": files})
            await until(harness, partial(_has_more, sink, before))
            await until(harness, lambda: harness.simulator.form(USER) is None)
    given = []
    for one in sink.stored:
        assert isinstance(one, Submitted)
        given.append(dict(one.values)["files"])
    assert files_from_text(given[0]) == (SentFile(file, "a.pdf", "application/pdf", len(PDF)),)
    assert given[1] == ""


async def test_files_that_are_there_already_are_named_and_kept(harness: SlackHarness) -> None:
    held = SentFile("F1", "before.pdf", "application/pdf", 3)
    filled = replace(FORM.fields[1], initial=files_to_text([held]))
    view = form_view(replace(FORM, fields=(FORM.fields[0], filled)))
    assert view["blocks"][1]["hint"]["text"] == "Ten 📎 before.pdf"
    more = harness.simulator.attach("more.pdf", PDF)
    sink = Collector()
    views = harness.simulator.workspace.views
    async with harness.adapter.running(sink):
        views.open(views.trigger(USER), view)
        harness.simulator.submit(USER, {"title": "T", "files": more})
        await until(harness, lambda: sink.stored)
    (sent,) = sink.stored
    assert isinstance(sent, Submitted)
    given = files_from_text(dict(sent.values)["files"])
    assert [one.name for one in given] == ["before.pdf", "more.pdf"]


@pytest.mark.parametrize(
    "meta", ['{"files": {"files": "no json"}}', '{"files": 7}', '{"files": {"other": "[]"}}']
)
def test_odd_metadata_brings_no_file(meta: str) -> None:
    state = {"values": {"files": {"value": {"type": "file_input", "files": []}}}}
    assert dict(values_of({"private_metadata": meta, "state": state})) == {"files": ""}


def _has_more(sink: Collector, before: int) -> bool:
    return len(sink.stored) > before


async def test_more_than_ten_the_client_does_not_let_through(harness: SlackHarness) -> None:
    views = harness.simulator.workspace.views
    views.open(views.trigger(USER), form_view(FORM))
    many = ",".join(harness.simulator.attach(f"{n}.pdf", b"x") for n in range(11))
    with pytest.raises(ValueError, match="too many files"):
        harness.simulator.submit(USER, {"title": "T", "files": many})


@pytest.mark.parametrize("ordered", ["files.info", "download"])
async def test_trouble_on_the_way_is_for_later(harness: SlackHarness, ordered: str) -> None:
    file = harness.simulator.attach("a.pdf", PDF)
    harness.simulator.fault("error", method=ordered)
    assert isinstance(await harness.adapter.fetch(file, LIMIT), Later)
    assert await harness.adapter.fetch(file, LIMIT) == PDF


async def test_too_large_and_gone(harness: SlackHarness) -> None:
    file = harness.simulator.attach("a.pdf", PDF)
    got = await harness.adapter.fetch(file, len(PDF) - 1)
    assert isinstance(got, Never)
    assert got.why is Reason.TOO_LONG
    harness.simulator.workspace.uploads.forget(file)
    assert isinstance(await harness.adapter.fetch(file, LIMIT), Never)


async def test_larger_than_was_said(harness: SlackHarness) -> None:
    file = harness.simulator.attach("a.pdf", PDF)
    upload = harness.simulator.workspace.uploads._by_id[file]
    upload.length = 3
    got = await harness.adapter.fetch(file, 10)
    assert isinstance(got, Never)
    assert got.why is Reason.TOO_LONG


async def test_without_the_scope_a_login_page_is_no_file(harness: SlackHarness) -> None:
    assert "files:read" in BOT_SCOPES
    file = harness.simulator.attach("a.pdf", PDF)
    harness.simulator.grant(["chat:write"])
    got = await harness.adapter.fetch(file, LIMIT)
    assert isinstance(got, Later)
    assert "files:read" in got.detail


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "https://slack.com.evil.example/x",
        "http://files.slack.com/x",
        "https://evilslack.com/x",
        "file:///etc/passwd",
        "",
    ],
)
async def test_the_token_goes_to_nobody_else(harness: SlackHarness, url: str) -> None:
    got = await harness.adapter._web.fetch(url, LIMIT)
    assert isinstance(got, Never)
    assert SECRETS[0] not in repr(got)


@pytest.mark.parametrize(
    "files",
    [None, 7, "x", {}, [None], [{}], [{"id": 7}], [{"id": ""}], [{"name": "no id"}]],
)
async def test_odd_files_are_none(harness: SlackHarness, files: object) -> None:
    sink = Collector()
    async with harness.adapter.running(sink):
        channel = harness.simulator.workspace.direct_channel(USER)
        harness.simulator._event(
            {"type": "message", "user": USER, "text": "x", "ts": "1.1", "channel": channel.id,
             "channel_type": "im", "files": files}
        )  # fmt: skip
        await until(harness, lambda: sink.stored)
    (said,) = sink.stored
    assert isinstance(said, Said)
    assert said.files == ()
