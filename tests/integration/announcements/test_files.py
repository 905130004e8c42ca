"""Pictures, files, and a letter of its own for each organisation."""

from email import message_from_bytes
from email.policy import default

import pytest

from bot.domain.announcement import Body
from bot.domain.audience import MAX_LENGTH
from bot.domain.message import ATTACHMENT_BYTES, Attachment
from bot.domain.outcome import Delivered, Never, Reason
from bot.domain.refusal import Refusal
from bot.domain.timing import Repeat
from bot.services import announcement_attachments as attachments
from bot.services import announcement_by_hand as by_hand
from bot.services import announcement_changes as changes
from bot.storage import announcement_files
from bot.storage import announcements as store
from tests.support.announcing import act, announce, get, report, ring, standing, texts
from tests.support.desk import Desk

PROGRAMME = Attachment(
    "Programme 日程.pdf", "application/pdf", b"%PDF-1.7 programme", is_shared=True
)
POSTER = Attachment("poster.png", "image/png", b"\x89PNG poster", is_shared=True)


def letter(name: str) -> Attachment:
    return Attachment(f"{name}.pdf", "application/pdf", f"to {name}".encode(), is_shared=True)


def files(desk: Desk, user: str) -> list[str]:
    return [file.name for one in standing(desk, user) for file in one.files]


async def test_everybody_gets_the_files_once(desk: Desk) -> None:
    number = await announce(desk, files=(PROGRAMME, POSTER))
    await ring(desk)
    for user in ("100", "200", "300"):
        assert files(desk, user) == [PROGRAMME.name, POSTER.name]
    assert [one.name for one in (await get(desk, number)).files] == [PROGRAMME.name, POSTER.name]
    assert (await report(desk, number)).tally.delivered == 3


async def test_each_organisation_gets_its_own_letter_and_nobody_else_is_written_to(
    desk: Desk,
) -> None:
    given = {"Anna Center": letter("Anna Center"), "chi-center": letter("chi-center")}
    async with desk.database.read() as read:
        found = await attachments.addressed(read, given, "all")
    assert sorted(found.by_slug) == ["anna-center", "chi-center"]
    assert found.left_out == ("bo-center",)
    await announce(desk, letters=found.by_slug, files=(POSTER,))
    await ring(desk)
    assert files(desk, "100") == [POSTER.name, "Anna Center.pdf"]
    assert files(desk, "300") == [POSTER.name, "chi-center.pdf"]
    assert not any("Happy New Year" in one for one in texts(desk, "200"))
    assert files(desk, "200") == []


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"nobody": letter("nobody")}, "refusal.letter-unknown"),
        (
            {"anna-center": letter("anna-center"), "Anna Center": letter("Anna Center")},
            "refusal.letter-twice",
        ),
    ],
)
async def test_letters_that_are_nobodys(desk: Desk, given: dict[str, Attachment], key: str) -> None:
    async with desk.database.read() as read:
        with pytest.raises(Refusal) as refused:
            await attachments.addressed(read, given, "all")
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ((POSTER,) * 11, "refusal.files-many"),
        ((Attachment("x.pdf", "application/pdf", b""),), "refusal.file-empty"),
        (
            (Attachment("x.pdf", "application/pdf", b"x" * ATTACHMENT_BYTES), POSTER),
            "refusal.files-large",
        ),
    ],
)
async def test_files_that_cannot_be_sent_are_refused_and_nothing_is_stored(
    desk: Desk, given: tuple[Attachment, ...], key: str
) -> None:
    with pytest.raises(Refusal) as refused:
        await announce(desk, files=given)
    assert refused.value.key == key
    async with desk.database.read() as read:
        assert await store.all_announcements(read) == ()


async def test_what_comes_again_comes_with_its_files(desk: Desk) -> None:
    due = desk.clock.now()
    number = await announce(desk, due=due, repeat=Repeat.DAY, files=(PROGRAMME,))
    await ring(desk)
    async with desk.database.read() as read:
        again = next(one for one in await store.all_announcements(read) if one.id != number)
        (copied,) = await announcement_files.of_reader(read, again.id, None)
    assert copied == PROGRAMME


async def test_a_correction_changes_the_words_and_leaves_the_file(desk: Desk) -> None:
    number = await announce(desk, bodies=(Body("en", "T", "Old words"),), files=(PROGRAMME,))
    await ring(desk)
    await act(desk, changes.correct, number, (Body("en", "T", "New words"),))
    await ring(desk)
    assert "New words" in "".join(texts(desk, "300"))
    assert "Old words" not in "".join(texts(desk, "300"))
    assert files(desk, "300") == [PROGRAMME.name]


async def test_what_is_pressed_below_the_words_changes_them_alone(desk: Desk) -> None:
    await announce(desk, files=(PROGRAMME,), acknowledge=True)
    await ring(desk)
    await desk.press("300", "ack:1", standing(desk, "300")[-1].id)
    await desk.deliver()
    assert "You have confirmed" in texts(desk, "300")[-1]
    assert files(desk, "300") == [PROGRAMME.name]


async def test_nobody_is_given_the_letter_of_others(desk: Desk) -> None:
    number = await announce(desk, letters={"anna-center": letter("anna-center")})
    async with desk.database.read() as read:
        for nobody in (None, 10**6):
            assert await announcement_files.of_reader(read, number, nobody) == ()


@pytest.mark.parametrize("audience", ["letter:99", "all or letter:12"])
async def test_a_term_about_letters_that_do_not_exist_is_refused(desk: Desk, audience: str) -> None:
    with pytest.raises(Refusal) as refused:
        await announce(desk, audience=audience)
    assert refused.value.key == "refusal.audience-unknown"


async def test_an_audience_that_is_too_long_with_its_letters_is_refused(desk: Desk) -> None:
    words = "tag:" + "x" * (MAX_LENGTH - 8)
    with pytest.raises(Refusal) as refused:
        await announce(desk, audience=words, letters={"anna-center": letter("anna-center")})
    assert refused.value.key == "refusal.too-long"
    async with desk.database.read() as read:
        assert await store.all_announcements(read) == ()


async def test_a_mail_to_those_on_no_messenger_has_the_files(desk: Desk) -> None:
    desk.adapter.platform.block("300")
    number = await announce(desk, files=(PROGRAMME,))
    await ring(desk)
    async with desk.database.read() as read:
        mails = await by_hand.letters(read, number, default_language="en", signature={})
    parsed = message_from_bytes(mails[0].content, policy=default)
    (attached,) = parsed.iter_attachments()
    assert attached.get_filename() == PROGRAMME.name
    assert attached.get_content() == PROGRAMME.content


async def test_whoever_got_a_part_and_not_the_words_is_not_reached(desk: Desk) -> None:
    """A picture alone is no announcement: they are on the list for a mail."""
    body = Body("en", "T", "word " * 1000)
    desk.adapter.script["300"] += [Delivered(None), Never(Reason.REFUSED, "no")]
    number = await announce(desk, bodies=(body,))
    await ring(desk, 20)
    found = {one.slug: one.reached for one in (await report(desk, number)).organisations}
    assert found == {"anna-center": 1, "bo-center": 1, "chi-center": 0}
    async with desk.database.read() as read:
        mails = await by_hand.letters(read, number, default_language="en", signature={})
    assert [one.to for one in mails] == ["chi@example.org"]
