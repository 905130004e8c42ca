"""Pictures and files that people send: named in the update, fetched by getFile when asked."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.adapters.conformance_kit import Collector, until
from bot.domain.address import AccountRef, Address
from bot.domain.incoming import Incoming, Said
from bot.domain.outcome import Later, Never, Reason
from bot.domain.sent_file import SentFile
from bot.simulators.telegram.methods import DOWNLOAD_LIMIT
from bot.storage.codec import from_json, to_json
from tests.contract.telegram.harness import TelegramHarness

PDF = b"%PDF-1.7 programme"
LIMIT = 5 * 1024 * 1024


@pytest.fixture
async def harness() -> AsyncIterator[TelegramHarness]:
    harness = TelegramHarness()
    await harness.start()
    yield harness
    await harness.cut()


async def received(harness: TelegramHarness, count: int = 1) -> list[Said]:
    sink = Collector()
    async with harness.adapter.running(sink):
        await until(harness, lambda: len(sink.stored) >= count)
    found: list[Said] = []
    for one in sink.stored:
        assert isinstance(one, Said)
        found.append(one)
    return found


async def test_a_file_is_named_and_its_bytes_are_fetched(harness: TelegramHarness) -> None:
    harness.simulator.send_file(harness.user, "Programme 日程.pdf", PDF, "the programme")
    (said,) = await received(harness)
    assert said.text == "the programme"
    (file,) = said.files
    assert (file.name, file.size) == ("Programme 日程.pdf", len(PDF))
    async with harness.adapter.session():
        assert await harness.adapter.fetch(file.id, LIMIT) == PDF
        assert await harness.adapter.fetch(file.id, len(PDF)) == PDF


async def test_a_picture_has_no_name_of_its_own(harness: TelegramHarness) -> None:
    harness.simulator.send_file(harness.user, "IMG_1.jpg", b"jpeg", kind="photo")
    harness.simulator.send_file(harness.user, "IMG_2.jpg", b"other", kind="photo")
    first, second = await received(harness, 2)
    assert first.text == ""
    assert first.files[0].name != second.files[0].name
    assert first.files[0].name.endswith(".jpg")
    assert first.files[0].media_type == "image/jpeg"


async def test_the_largest_size_of_a_picture(harness: TelegramHarness) -> None:
    sizes = [
        {"file_id": f"p{n}", "file_unique_id": f"u{n}", "width": n, "height": n} for n in (90, 1280)
    ]
    harness.simulator.say(harness.user, "", photo=sizes)
    (said,) = await received(harness)
    assert [one.id for one in said.files] == ["p1280"]


@pytest.mark.parametrize(
    ("extra", "name"),
    [
        ({"document": {"file_id": "d"}}, "file-1"),
        ({"document": {"file_id": "d", "file_name": "../../etc/passwd"}}, "passwd"),
        ({"document": {"file_id": "d", "file_name": "C:\\x\\y.pdf"}}, "y.pdf"),
        ({"document": {"file_id": "d", "file_name": "a" * 300 + ".pdf"}}, "a" * 116 + ".pdf"),
        ({"document": {"file_id": "d", "mime_type": "application/pdf"}}, "file-1.pdf"),
        ({"video": {"file_id": "v", "mime_type": "video/mp4"}}, "file-1.mp4"),
    ],
)
async def test_names_are_bare_and_bearable_also_where_a_server_says_little(
    harness: TelegramHarness, extra: dict[str, Any], name: str
) -> None:
    harness.simulator.say(harness.user, "", **extra)
    (said,) = await received(harness)
    assert [one.name for one in said.files] == [name]


@pytest.mark.parametrize(
    "extra",
    [
        {"sticker": {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1,
                     "height": 1, "is_animated": False, "is_video": False, "emoji": "👍"}},
        {"location": {"latitude": 1.0, "longitude": 2.0}},
        {"contact": {"phone_number": "1", "first_name": "A"}},
    ],
)  # fmt: skip
async def test_what_is_no_file_brings_none(harness: TelegramHarness, extra: dict[str, Any]) -> None:
    harness.simulator.say(harness.user, "x", **extra)
    (said,) = await received(harness)
    assert said.files == ()


async def fetched(harness: TelegramHarness, content: bytes, limit: int = LIMIT) -> object:
    harness.simulator.send_file(harness.user, "x.pdf", content)
    file_id = list(harness.simulator.world.files)[-1]
    async with harness.adapter.session():
        return await harness.adapter.fetch(file_id, limit)


async def test_too_large_is_never_fetched_whole(harness: TelegramHarness) -> None:
    got = await fetched(harness, PDF, len(PDF) - 1)
    assert isinstance(got, Never)
    assert got.why is Reason.TOO_LONG
    got = await fetched(harness, bytes(DOWNLOAD_LIMIT + 1), DOWNLOAD_LIMIT * 2)
    assert isinstance(got, Never)
    assert got.why is Reason.TOO_LONG


@pytest.mark.parametrize("method", ["getFile", "download"])
@pytest.mark.parametrize("kind", ["error", "reset"])
async def test_trouble_on_the_way_is_for_later_and_keeps_the_token(
    harness: TelegramHarness, method: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    # aiohttp asks once more by itself where a kept connection was gone.
    harness.simulator.fault(
        kind, 2 if (kind, method) == ("reset", "download") else 1, method=method
    )
    got = await fetched(harness, PDF)
    assert isinstance(got, Later)
    assert not any(secret in got.detail + caplog.text for secret in harness.secrets)
    assert await fetched(harness, PDF) == PDF, "and works the next time"


async def test_what_is_gone_stays_gone(harness: TelegramHarness) -> None:
    async with harness.adapter.session():
        got = await harness.adapter.fetch("BQACAgIAAxgone", LIMIT)
    assert isinstance(got, Never)
    assert got.why is Reason.GONE


async def test_a_server_that_keeps_files_on_its_own_disk_gives_none(
    harness: TelegramHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Bot API server in local mode names a path of its machine: that is none of ours."""

    async def call(*_: object) -> dict[str, object]:
        return {"file_id": "x", "file_path": "/var/lib/telegram/x"}

    async with harness.adapter.session():
        monkeypatch.setattr(harness.adapter._sending, "call", call)
        got = await harness.adapter.fetch("x", LIMIT)
    assert isinstance(got, Never)


def test_files_survive_the_inbox() -> None:
    said: Incoming = Said(
        delivery_id="1",
        at=datetime(2020, 1, 1, tzinfo=UTC),
        where=Address("telegram", "bot", "1"),
        who=AccountRef("telegram", "bot", "1"),
        is_direct=True,
        text="",
        files=(SentFile("id", "a.pdf", "application/pdf", 7),),
    )
    assert from_json(to_json(said)) == said
