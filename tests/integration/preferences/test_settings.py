"""What somebody chooses: kept, shown, obeyed, and safe from imports and from clients."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.address import AccountRef
from bot.domain.announcement import Body
from bot.domain.people import CLI
from bot.domain.preferences import Preferences
from bot.services import announcements, roster
from bot.services.announcements import Draft
from bot.storage import accounts, people, preferences, tables
from bot.storage.database import Write
from schedules import quiet
from tests.support.desk import Desk
from tests.unit.handlers.talk import MEMBERS, member_row

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


async def choose(desk: Desk, user: str, value: str) -> str:
    """Press a button of the settings and return what the card became."""
    await desk.say(user, "/settings")
    card = desk.adapter.platform.journal.from_bot(user)[-1]
    await desk.press(user, f"set:{value}", card.id)
    return card.text


async def card_of(desk: Desk, user: str) -> str:
    return (await desk.say(user, "/settings"))[-1]


class TestChoosing:
    async def test_a_language_counts_at_once_and_an_import_does_not_change_it(
        self, desk: Desk
    ) -> None:
        assert "Your settings" in await card_of(desk, "300")
        assert "您的设置" in await choose(desk, "300", "language:zh")
        (answer,) = await desk.say("300", "/help")
        assert "您" in answer
        rows = [member_row(2, *one) for one in MEMBERS]
        await desk.database.write(
            lambda write: roster.save(write, rows, own={}, actor=CLI, now=desk.clock.now())
        )
        assert "您的设置" in await card_of(desk, "300")

    async def test_the_command_offers_every_language_by_its_own_name(self, desk: Desk) -> None:
        await desk.say("300", "/language")
        labels = [one.label for one in desk.adapter.platform.journal.from_bot("300")[-1].buttons]
        assert {"English", "中文"} <= set(labels)

    @pytest.mark.parametrize(
        ("said", "shown"),
        [
            ("Zurich", "Zürich (UTC+1)"),
            ("苏黎世", "Zürich (UTC+1)"),
            ("Asia/Tokyo", "Tokyo (UTC+9)"),
            ("UTC+5", "UTC+5"),
            ("-3", "UTC−3"),
            ("kathmandu", "Kathmandu (UTC+5:45)"),
        ],
    )
    async def test_a_zone_in_many_ways(self, desk: Desk, said: str, shown: str) -> None:
        await desk.press("300", "set:zone")
        (card,) = await desk.say("300", said)
        assert shown in card

    async def test_which_of_several_zones_is_asked_and_nonsense_asked_again(
        self, desk: Desk
    ) -> None:
        await desk.press("300", "set:zone")
        no, again = await desk.say("300", "Atlantis")
        assert "do not know that place" in no
        assert "In which city" in again
        (which,) = await desk.say("300", "san")
        assert "Which of these" in which
        button = desk.adapter.platform.journal.from_bot("300")[-1].buttons[0]
        await desk.press("300", button.data)
        async with desk.database.read() as read:
            person = await people.by_email(read, "chi@example.org")
        assert person is not None
        assert person.timezone == button.data.removeprefix("set:zone:")

    async def test_quiet_hours_by_button_in_words_and_none(self, desk: Desk) -> None:
        assert "22:00–07:00" in await choose(desk, "300", "quiet:22:00–07:00")
        await desk.press("300", "set:quiet-other")
        (wrong,) = await desk.say("300", "late")
        assert "like 22:00–07:00" in wrong
        (card,) = await desk.say("300", "23 - 6.30")
        assert "23:00–06:30" in card
        assert "Quiet hours: none" in await choose(desk, "300", "quiet:")

    @pytest.mark.parametrize(
        "value",
        ["language:xx", "zone:Mars/Phobos", "zone:", "messenger:pigeon", "quiet:25-3", "topic:x",
         "nothing", "x:y", "language:../../etc", "quiet:22-22"],
    )  # fmt: skip
    async def test_a_forged_button_changes_nothing(self, desk: Desk, value: str) -> None:
        before = await card_of(desk, "300")
        await desk.press("300", f"set:{value}")
        assert await card_of(desk, "300") == before

    async def test_nobody_changes_somebody_elses(self, desk: Desk) -> None:
        await desk.press("200", "set:language:zh", chat="300")
        assert "Your settings" in await card_of(desk, "300")

    async def test_a_stranger_is_told_why_not(self, desk: Desk) -> None:
        (said,) = await desk.say("999", "/settings")
        assert "do not know yet who you are" in said


async def second_account(desk: Desk, email: str, platform: str, user: str) -> None:
    async def work(write: Write) -> None:
        person = await people.by_email(write, email)
        assert person is not None
        ref = AccountRef(platform, "bot", user)
        await accounts.link(write, {ref: person.id})

    await desk.database.write(work)


async def frozen(desk: Desk, rsvp: str = "") -> dict[str, tuple[str, str]]:
    """Announce to all, fix the audience, and return (state, reason) by chat."""
    draft = Draft("News", (Body("en", "News", "Words"),), "all", None, "UTC", rsvp)
    now = desk.clock.now()

    async def work(write: Write) -> int:
        made = await announcements.create(write, draft, actor=CLI, now=now)
        await announcements.approve(write, made.id, actor=CLI, now=now)
        await announcements.ring(write, now=now, grace=timedelta(hours=1))
        return made.id

    number = await desk.database.write(work)
    await desk.bench.delivery.freeze_due(desk.clock)
    async with desk.database.read() as read:
        rows = await read.all(
            select(t.Delivery.state, t.Delivery.reason, t.Address.chat, t.Delivery.not_before)
            .join(t.Address, t.Address.id == t.Delivery.address_id)
            .where(t.Delivery.announcement_id == number)
        )
    return {
        row.chat: (row.state, row.reason or (str(row.not_before) if row.not_before else ""))
        for row in rows
    }


class TestObeying:
    async def test_the_chosen_messenger_gets_it_and_the_others_if_it_cannot(
        self, desk: Desk
    ) -> None:
        await second_account(desk, "chi@example.org", "fake", "301")
        found = await frozen(desk)
        assert (found["300"][0], found["301"]) == ("pending", ("skipped", "other_messenger"))
        await desk.database.write(
            lambda write: second_platform(write, "chi@example.org", "other", "302")
        )
        await choose(desk, "300", "messenger:fake")
        found = await frozen(desk)
        assert found["300"][0] == "pending", found
        assert found["301"] == ("skipped", "other_messenger"), "one copy a person"

    async def test_a_muted_topic_is_skipped_and_the_other_arrives(self, desk: Desk) -> None:
        await choose(desk, "300", "topic:news")
        assert (await frozen(desk))["300"] == ("skipped", "topic")
        assert (await frozen(desk, rsvp="talk"))["300"][0] == "pending"
        await choose(desk, "300", "topic:news")
        assert (await frozen(desk))["300"][0] == "pending"

    async def test_quiet_hours_hold_an_announcement_and_not_an_answer(self, desk: Desk) -> None:
        # The desk's clock stands at 10:00 in Shanghai.
        await choose(desk, "300", "quiet:09:00–12:00")
        state, until = (await frozen(desk))["300"]
        assert state == "pending"
        assert until
        await desk.deliver(5)
        assert not [one for one in desk.seen("300") if one.startswith("News")]
        assert [one for one in desk.seen("200") if one.startswith("News")]
        (answer,) = await desk.say("300", "Where will the meetings be held?")
        assert "Beijing" in answer
        desk.clock.advance(4 * 3600)
        await desk.deliver(5)
        assert [one for one in desk.seen("300") if one.startswith("News")]

    async def test_quiet_hours_that_begin_while_it_is_sent(self, desk: Desk) -> None:
        await choose(desk, "300", "quiet:10:30–12:00")
        assert (await frozen(desk))["300"] == ("pending", ""), "the desk's clock stands at 10:00"
        desk.clock.advance(45 * 60)
        await quiet.job.run(desk.bench)
        await desk.deliver(5)
        assert not [one for one in desk.seen("300") if one.startswith("News")]
        assert [one for one in desk.seen("200") if one.startswith("News")]
        desk.clock.advance(2 * 3600)
        await desk.deliver(5)
        assert [one for one in desk.seen("300") if one.startswith("News")]


async def second_platform(write: Write, email: str, platform: str, user: str) -> None:
    person = await people.by_email(write, email)
    assert person is not None
    await accounts.link(write, {AccountRef(platform, "bot", user): person.id})


async def test_no_choice_is_nothing(desk: Desk) -> None:
    async with desk.database.read() as read:
        person = await people.by_email(read, "chi@example.org")
        assert person is not None
        assert await preferences.of(read, person.id) == Preferences()
