"""Pages are shown anew without harm; files are handed over before a row is ``sending``."""

import asyncio
from collections import deque
from typing import Any

import pytest

from bot.adapters.base import Pace, Part
from bot.clock import Clock
from bot.domain.address import Address
from bot.domain.delivery import Kind
from bot.domain.message import Message
from bot.domain.outcome import Delivered, Later, Never, Outcome, Reason, Scope, Unknown
from bot.domain.reader import Reader
from bot.outbound.results import EDITS
from bot.storage import losses
from bot.storage.database import Database
from tests.support.fake_adapter import FakeSlack
from tests.support.hand_clock import SteppingClock
from tests.support.ledger import Ledger, sending

FILE = "with a file"


class PagesAndFiles(FakeSlack):
    """A platform with pages, where a file is handed over first."""

    def __init__(self, clock: Clock) -> None:
        pace = Pace(account=50.0, bulk=40.0, chat=50.0, room=50.0, home=2.0)
        super().__init__(clock, pace=pace)
        self.pages: list[tuple[float, str, str]] = []
        self.page_script: deque[Outcome] = deque()
        self.hang: asyncio.Event | None = None
        self.uploads: list[tuple[float, str]] = []
        self.upload_script: deque[Later | Never | Exception] = deque()
        self.uploading: asyncio.Event | None = None

    def render_home(self, message: Message, reader: Reader) -> Part:
        return self.render(message, reader)[0]

    async def show_home(self, to: Address, part: Part) -> Outcome:
        self.pages.append((self.clock.monotonic(), to.chat, part.summary))
        if self.hang is not None:
            await self.hang.wait()
        return self.page_script.popleft() if self.page_script else Delivered(None)

    def needs_upload(self, part: Part) -> bool:
        return part.summary.startswith(FILE) and "file" not in part.payload

    async def upload(self, part: Part) -> Part | Later | Never:
        self.uploads.append((self.clock.monotonic(), part.summary))
        if self.uploading is not None:
            await self.uploading.wait()
        if self.upload_script:
            following = self.upload_script.popleft()
            if isinstance(following, Exception):
                raise following
            return following
        return Part({**part.payload, "file": "F1"}, part.summary)

    async def send(self, to: Address, part: Part, key: Any) -> Outcome:
        assert not self.needs_upload(part), "sent before it was handed over"
        return await super().send(to, part, key)


@pytest.fixture
def adapter(clock: SteppingClock) -> PagesAndFiles:
    return PagesAndFiles(clock)


@pytest.fixture
def ledger(sqlite: Database, adapter: PagesAndFiles) -> Ledger:
    return Ledger(sqlite, adapter)


async def test_a_page_needs_no_open_chat(
    ledger: Ledger, clock: SteppingClock, adapter: PagesAndFiles
) -> None:
    await ledger.reply("1", "page", kind=Kind.HOME)
    async with sending(ledger, clock) as running:
        await running.pass_time(10)
    assert [(chat, text) for _, chat, text in adapter.pages] == [("1", "page")]
    assert adapter.openings == []
    assert adapter.attempts == []
    assert await ledger.states() == {"1": "delivered"}


async def test_the_newest_page_wins(
    ledger: Ledger, clock: SteppingClock, adapter: PagesAndFiles
) -> None:
    await ledger.reply("1", "old", kind=Kind.HOME)
    await ledger.reply("2", "another's", kind=Kind.HOME)
    await ledger.reply("1", "new", kind=Kind.HOME)
    async with sending(ledger, clock) as running:
        await running.pass_time(10)
    assert sorted(text for _, _, text in adapter.pages) == ["another's", "new"]
    states = [(row.summary, row.state) for row in await ledger.rows()]
    assert states == [("old", "skipped"), ("another's", "delivered"), ("new", "delivered")]


async def test_a_page_whose_answer_was_lost_is_shown_again(
    ledger: Ledger, clock: SteppingClock, adapter: PagesAndFiles
) -> None:
    adapter.page_script.append(Unknown("ReadTimeout"))
    await ledger.reply("1", "page", kind=Kind.HOME)
    async with sending(ledger, clock) as running:
        await running.pass_time(60)
    assert len(adapter.pages) == 2
    assert await ledger.states() == {"1": "delivered"}


async def test_a_page_that_nobody_will_ever_see_is_no_lost_message(
    ledger: Ledger, clock: SteppingClock, adapter: PagesAndFiles
) -> None:
    adapter.page_script.extend([Never(Reason.NOT_FOUND, "user_not_found")])
    adapter.page_script.extend([Unknown("ReadTimeout")] * (EDITS + 1))
    await ledger.reply("1", "page", kind=Kind.HOME)
    async with sending(ledger, clock) as running:
        await running.pass_time(10)
        await ledger.reply("2", "page", kind=Kind.HOME)
        await running.pass_time(120)
    assert await ledger.states() == {"1": "failed", "2": "unconfirmed"}
    assert await ledger.unreachable("1") == "", "a page says nothing of the chat"
    async with ledger.database.read() as read:
        assert await losses.undelivered(read) == ()


async def test_a_page_that_was_on_its_way_when_its_sender_died(
    ledger: Ledger, clock: SteppingClock, adapter: PagesAndFiles
) -> None:
    adapter.hang = asyncio.Event()
    await ledger.reply("1", "page", kind=Kind.HOME)
    async with sending(ledger, clock) as running:
        await running.pass_time(5, until=lambda: adapter.pages)
        running.task.cancel()
    adapter.hang = None
    async with sending(ledger, clock, epoch=2) as running:
        await running.pass_time(20)
    assert [text for _, _, text in adapter.pages] == ["page", "page"]
    assert await ledger.states() == {"1": "delivered"}


async def test_pages_have_a_pace_of_their_own(
    ledger: Ledger, clock: SteppingClock, adapter: PagesAndFiles
) -> None:
    for user in range(30):
        await ledger.reply(str(user), "page", kind=Kind.HOME)
    await ledger.reply("100", "hello")
    async with sending(ledger, clock) as running:
        await running.pass_time(40)
    (said,) = adapter.attempts
    times = [at for at, _, _ in adapter.pages]
    assert len(times) == 30
    assert said.at < times[-1], "a message does not wait behind pages"
    assert times[-1] - times[0] >= 8.0, "two a second, but for a short burst"


async def test_a_file_is_handed_over_and_then_sent_once(
    ledger: Ledger, clock: SteppingClock, adapter: PagesAndFiles
) -> None:
    await ledger.reply("1", FILE, "and a word after it")
    async with sending(ledger, clock) as running:
        await running.pass_time(20)
    assert [text for _, text in adapter.uploads] == [FILE]
    assert [one.text for one in adapter.attempts] == [FILE, "and a word after it"]
    assert {row.state for row in await ledger.rows()} == {"delivered"}
    assert {row.attempts for row in await ledger.rows()} == {1}


async def test_others_go_on_while_a_file_is_handed_over(
    ledger: Ledger, clock: SteppingClock, adapter: PagesAndFiles
) -> None:
    adapter.uploading = asyncio.Event()
    await ledger.reply("1", FILE, "after it")
    await ledger.reply("2", "hello")
    async with sending(ledger, clock) as running:
        await running.pass_time(10)
        assert [one.text for one in adapter.attempts] == ["hello"]
        states = [row.state for row in await ledger.rows()]
        assert "sending" not in states, "what a kill finds here never left"
        adapter.uploading.set()
        await running.pass_time(10)
    assert [one.text for one in adapter.attempts] == ["hello", FILE, "after it"]


async def test_a_kill_while_uploading_repeats_the_upload_alone(
    ledger: Ledger, clock: SteppingClock, adapter: PagesAndFiles
) -> None:
    adapter.uploading = asyncio.Event()
    await ledger.reply("1", FILE)
    async with sending(ledger, clock) as running:
        await running.pass_time(5, until=lambda: adapter.uploads)
        running.task.cancel()
    adapter.uploading = None
    async with sending(ledger, clock, epoch=2) as running:
        await running.pass_time(20)
    assert len(adapter.uploads) == 2
    assert [one.text for one in adapter.attempts] == [FILE]
    assert await ledger.states() == {"1": "delivered"}


@pytest.mark.parametrize(
    "trouble", [Later(7.0, Scope.CHAT, "slow"), Later(7.0, Scope.ACCOUNT, "slow"), OSError("bug")]
)
async def test_an_upload_that_fails_is_tried_again(
    ledger: Ledger, clock: SteppingClock, adapter: PagesAndFiles, trouble: Later | Exception
) -> None:
    adapter.upload_script.append(trouble)
    await ledger.reply("1", FILE)
    async with sending(ledger, clock) as running:
        await running.pass_time(60)
    first, second = (at for at, _ in adapter.uploads)
    assert second - first >= 5.0
    assert await ledger.states() == {"1": "delivered"}


async def test_an_upload_that_is_refused_fails_the_message(
    ledger: Ledger, clock: SteppingClock, adapter: PagesAndFiles
) -> None:
    adapter.upload_script.append(Never(Reason.NOT_ALLOWED, "file_type_not_allowed"))
    await ledger.reply("1", FILE)
    async with sending(ledger, clock) as running:
        await running.pass_time(20)
    (row,) = await ledger.rows()
    assert (row.state, row.reason) == ("failed", "not_allowed: file_type_not_allowed")
    assert adapter.attempts == []


async def test_a_row_told_to_wait_is_not_uploaded_again(
    ledger: Ledger, clock: SteppingClock, adapter: PagesAndFiles
) -> None:
    adapter.script["1"].append(Later(5.0, Scope.CHAT, "slow"))
    await ledger.reply("1", FILE)
    async with sending(ledger, clock) as running:
        await running.pass_time(30)
    assert len(adapter.attempts) == 2
    assert len(adapter.uploads) == 1
    assert await ledger.states() == {"1": "delivered"}


async def test_an_announcement_with_a_file(
    ledger: Ledger, clock: SteppingClock, adapter: PagesAndFiles
) -> None:
    async def words(_row: Any) -> Part:
        return Part({"text": FILE, "buttons": []}, FILE)

    await ledger.announce(["1", "2", "3"])
    async with sending(ledger, clock, render=words) as running:
        await running.pass_time(30)
    assert len(adapter.uploads) == 3
    assert sorted(adapter.chats()) == ["1", "2", "3"]
    assert set((await ledger.states()).values()) == {"delivered"}
