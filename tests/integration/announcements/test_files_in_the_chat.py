"""Pictures and files that staff send while they write an announcement in the chat."""

import pytest

from bot.domain.announcement import MOST_FILES, Announcement
from bot.domain.message import ATTACHMENT_BYTES
from bot.domain.sent_file import SentFile, files_to_text
from bot.services import announcements
from tests.integration.announcements.test_from_templates import submit
from tests.support.announcing import ring, standing, texts
from tests.support.desk import Desk
from tests.support.writing import begin, choose, labels, pick

POSTER, PROGRAMME = ("poster.png", b"\x89PNG poster"), ("Programme 日程.pdf", b"%PDF-1.7")


async def send(
    desk: Desk, *files: tuple[str, bytes], text: str = "", user: str = "100"
) -> list[str]:
    """Send files in one message, and return what was said then."""
    before = len(desk.seen(user))
    desk.adapter.platform.send_files(user, *files, text=text)
    await desk.answer()
    return desk.seen(user)[before:]


async def at_files(desk: Desk) -> None:
    """Answer everything before the question for files."""
    await begin(desk)
    for words in ("Greeting", "Words", "all", "now"):
        await desk.say("100", words)
    await pick(desk, ":k")
    await pick(desk, ":k")
    (asked,) = await desk.say("100", "no")
    assert "Pictures or files" in asked
    assert "At most 10, and 5 MB together" in asked
    assert labels(desk) == ["No files"]


async def newest(desk: Desk) -> Announcement:
    async with desk.database.read() as read:
        return (await announcements.everything(read))[0]


async def test_one_after_the_other_and_everybody_gets_them(desk: Desk) -> None:
    await at_files(desk)
    (asked,) = await send(desk, POSTER)
    assert "📎 poster.png (1 KB)" in asked
    assert labels(desk) == ["Done", "No files"]
    (asked,) = await send(desk, PROGRAMME)
    assert "📎 poster.png" in asked
    assert "📎 Programme 日程.pdf" in asked
    (card,) = await pick(desk, ":d")
    assert "With it: poster.png, Programme 日程.pdf" in card
    await choose(desk, "approve")
    await ring(desk)
    for user in ("100", "200", "300"):
        names = [file.name for one in standing(desk, user) for file in one.files]
        assert names == ["poster.png", "Programme 日程.pdf"]


async def test_several_in_one_message_and_none_after_all(desk: Desk) -> None:
    await at_files(desk)
    (asked,) = await send(desk, POSTER, PROGRAMME, text="Here they are?")
    assert asked.count("📎") == 2, "a question mark below a file asks nothing"
    await pick(desk, ":s")
    assert (await newest(desk)).files == ()


async def test_whenever_they_are_sent_they_are_taken(desk: Desk) -> None:
    """With the words as its caption, or in the middle of another question."""
    await begin(desk)
    (said,) = await send(desk, POSTER)
    assert said.startswith("poster.png goes with it, thank you.")
    assert "The title" in said
    await desk.say("100", "Greeting")
    (said,) = await send(desk, PROGRAMME, text="Words")
    assert "For whom?" in said
    for words in ("all", "now"):
        await desk.say("100", words)
    await pick(desk, ":k")
    await pick(desk, ":k")
    (asked,) = await desk.say("100", "no")
    assert asked.count("📎") == 2
    await pick(desk, ":d")
    made = await newest(desk)
    assert [one.name for one in made.files] == ["poster.png", "Programme 日程.pdf"]
    assert made.bodies[0].text == "Words"


async def test_from_a_template_with_a_picture(desk: Desk) -> None:
    await begin(desk, "greeting")
    await send(desk, POSTER)
    await pick(desk, ":r")
    made = await newest(desk)
    assert [one.name for one in made.files] == ["poster.png"]
    assert len(made.bodies) == 4


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((("big.pdf", b"x" * (ATTACHMENT_BYTES + 1)),), "larger than 5 MB"),
        ((("a.pdf", b"x" * ATTACHMENT_BYTES), ("b.pdf", b"x")), "larger than 5 MB"),
        (tuple((f"{n}.pdf", b"x") for n in range(MOST_FILES + 1)), "At most 10 files"),
    ],
)
async def test_too_large_and_too_many_are_said_at_once(
    desk: Desk, given: tuple[tuple[str, bytes], ...], says: str
) -> None:
    await at_files(desk)
    await send(desk, POSTER)
    (said,) = await send(desk, *given)
    assert says in said
    assert said.count("📎") == 1, "what was taken before still stands"
    await pick(desk, ":d")
    assert [one.name for one in (await newest(desk)).files] == ["poster.png"]


@pytest.mark.parametrize("words", ["😀", "", "poster.png", "done"])
async def test_what_is_no_file_is_told_so_and_ends_nothing(desk: Desk, words: str) -> None:
    """A sticker, a place on the map, a contact, or mere words."""
    await at_files(desk)
    await send(desk, POSTER)
    (said,) = await desk.say("100", words)
    assert "no picture or file that I could pass on" in said
    assert "📎 poster.png" in said


async def test_one_that_cannot_be_fetched_loses_nothing_else(desk: Desk) -> None:
    await at_files(desk)
    await send(desk, POSTER)
    held, desk.adapter.platform.files = desk.adapter.platform.files, {}
    said = await pick(desk, ":d")
    assert "could not fetch poster.png" in said[0]
    assert labels(desk) == ["Keep: Greeting", "Keep all the rest"]
    async with desk.database.read() as read:
        assert await announcements.everything(read) == ()
    desk.adapter.platform.files = held
    await pick(desk, ":r")
    assert [one.name for one in (await newest(desk)).files] == ["poster.png"]


async def test_one_that_is_larger_than_was_said(desk: Desk) -> None:
    """The platform's word on its size is not relied on."""
    await at_files(desk)
    await send(desk, POSTER, PROGRAMME)
    files = desk.adapter.platform.files
    files |= dict.fromkeys(files, b"x" * (ATTACHMENT_BYTES // 2 + 1))
    said = await pick(desk, ":d")
    assert "larger than 5 MB" in said[0]


async def test_an_empty_file_is_named(desk: Desk) -> None:
    await at_files(desk)
    await send(desk, ("empty.pdf", b""))
    said = await pick(desk, ":d")
    assert "empty.pdf is empty" in said[0]


async def test_outside_a_form_a_file_is_what_it_was_before(desk: Desk) -> None:
    (said,) = await send(desk, POSTER)
    assert "📎" not in said
    await choose_language_form(desk)
    (said,) = await send(desk, POSTER, text="Titel")
    assert "The words" in said, "a form that asks for no files reads the caption"


async def choose_language_form(desk: Desk) -> None:
    await begin(desk)
    for words in ("Greeting", "Words"):
        await desk.say("100", words)
    await pick(desk, ":r")
    await choose(desk, "language")
    await pick(desk, ":cde")


async def test_forged_values_bring_no_file(desk: Desk) -> None:
    whole = {"title": "T", "text": "w", "audience": "all", "when": "now", "late": "no"}
    for files in (
        "no json",
        '{"id": 1}',
        '["x"]',
        '[{"id": "file0", "secret": 1}]',
        "null",
        "7",
        files_to_text([SentFile("elsewhere", "x.pdf")]),
    ):
        await submit(desk, "100", "announce", {**whole, "files": files}, "")
    assert not any("sorry" in one.casefold() for one in texts(desk, "100"))
    async with desk.database.read() as read:
        made = await announcements.everything(read)
    assert not any(one.files for one in made)
