"""A page of one's own, from the opening of it to what stands there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.adapters.base import Part
from bot.domain.address import AccountRef, Address
from bot.domain.incoming import Opened
from bot.domain.message import Message
from bot.domain.outcome import Delivered, Outcome
from bot.domain.reader import Reader
from bot.storage import inbox
from tests.support.databases import Files
from tests.support.desk import Desk, ScheduledClock, working
from tests.support.fake_adapter import FakeAdapter
from tests.unit.views.samples import NOW


class WithPages(FakeAdapter):
    """A platform with pages."""

    def render_home(self, message: Message, reader: Reader) -> Part:
        return self.render(message, reader)[0]

    async def show_home(self, to: Address, part: Part) -> Outcome:
        return Delivered(None)


def opened(number: int, user: str = "100") -> Opened:
    return Opened(
        delivery_id=f"opened-{number}",
        at=NOW,
        where=Address("fake", "bot", user),
        who=AccountRef("fake", "bot", user),
        is_direct=True,
    )


async def pages(desk: Desk) -> list[tuple[str, str]]:
    async with desk.database.read() as read:
        rows = await read.all(text("SELECT state, summary FROM delivery WHERE kind = 'home'"))
    return [(row.state, row.summary) for row in rows]


@pytest.fixture
async def with_pages(files: Files, tmp_path: Path) -> AsyncIterator[Desk]:
    async with working(files, tmp_path, WithPages(ScheduledClock())) as desk:
        yield desk


async def store(desk: Desk, *updates: Opened) -> None:
    for one in updates:
        await desk.sink(one)


async def test_opening_it_twice_leaves_one_page_to_show(with_pages: Desk) -> None:
    desk = with_pages
    await store(desk, opened(1), opened(2), opened(2))
    assert await desk.dispatcher.drain() == 2
    first, second = await pages(desk)
    assert first[0] == "skipped"
    assert second[0] == "pending"
    assert "I write for the secretariat" in second[1]
    assert "You have not answered yet." in second[1]
    await desk.deliver()
    assert [state for state, _ in await pages(desk)] == ["skipped", "delivered"]
    assert desk.seen("100") == [], "a page is no message"


async def test_an_answer_on_the_page_stands_there_when_it_is_made_anew(with_pages: Desk) -> None:
    """As the Slack adapter gives it: the press of the page's button, and the page opened again."""
    desk = with_pages
    await store(desk, opened(1))
    await desk.answer()
    await desk.press("100", f"rsvp:{desk.events['talk']}:going", message_id="V1")
    await store(desk, opened(2))
    await desk.answer()
    page = (await pages(desk))[-1][1]
    assert "Your answer: going" in page
    assert any("Open Day" in said for said in desk.seen("100")), "it is confirmed in the chat too"


async def test_a_strangers_page_offers_to_say_who_they_are(with_pages: Desk) -> None:
    await store(with_pages, opened(1, user="999"))
    await with_pages.dispatcher.drain()
    ((_, page),) = await pages(with_pages)
    assert "answer" not in page


async def test_where_there_are_no_pages_nothing_is_written(desk: Desk) -> None:
    await store(desk, opened(1))
    await desk.dispatcher.drain()
    assert await pages(desk) == []
    async with desk.database.read() as read:
        assert await inbox.counts(read) == {"done": 1}
