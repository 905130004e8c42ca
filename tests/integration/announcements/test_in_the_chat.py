"""Staff write, approve, follow and change announcements from the chat."""

import pytest

from bot.domain.announcement import AnnouncementState, Body, Guard
from bot.domain.people import CLI, StaffRole
from bot.domain.refusal import Refusal
from bot.services import announcements, people
from bot.settings import Settings
from tests.support.announcing import (
    USERS,
    act,
    announce,
    get,
    later,
    report,
    ring,
    standing,
    texts,
)
from tests.support.desk import Desk
from tests.support.writing import begin, choose, write_one

_S = AnnouncementState


class TestWriting:
    async def test_from_the_first_word_to_the_last_copy(self, desk: Desk) -> None:
        said = await write_one(desk)
        assert "Draft: nothing is sent yet" in said[-1]
        assert "To 3 people of 3 organisations: Fake 3" in said[-1]
        card = await choose(desk, "approve")
        assert "Scheduled" in card.text
        await ring(desk)
        later(desk, seconds=10)
        await ring(desk)
        card = next(one for one in standing(desk, "100") if one.id == card.id)
        assert "Sent" in card.text
        assert "3 of 3" in card.text
        for user in USERS:
            assert sum(one.startswith("Greeting\n\nHappy") for one in texts(desk, user)) == 1

    async def test_a_preview_and_a_second_language(self, desk: Desk) -> None:
        await write_one(desk, confirm="yes")
        await choose(desk, "language")
        form = standing(desk, "100")[-1]
        chinese = next(one.data for one in form.buttons if one.data.endswith(":czh"))
        await desk.press("100", chinese, form.id)
        await desk.say("100", "问候")
        said = await desk.say("100", "新年快乐！")
        assert "English, 中文" in said[-1]
        before = len(desk.seen("100"))
        await choose(desk, "preview")
        english, in_chinese = desk.seen("100")[before:]
        assert english.startswith("Test: only you see this.")
        assert "[✔️ I have read this]" in english
        assert "新年快乐！" in in_chinese
        assert "[✔️ 我已阅读]" in in_chinese
        assert not standing(desk, "100")[-1].buttons, "a test confirms nothing"
        await choose(desk, "approve")
        await ring(desk)
        assert any("新年快乐" in one for one in texts(desk, "200"))

    @pytest.mark.parametrize(
        ("field", "wrong", "says"),
        [
            ("audience", "planet:mars", "planet"),
            ("audience", "org:nobody", "org:nobody"),
            ("when", "2001-01-01 09:00", "has passed"),
        ],
    )
    async def test_what_the_database_refuses_is_asked_again_and_nothing_is_lost(
        self, desk: Desk, field: str, wrong: str, says: str
    ) -> None:
        said = await write_one(desk, **{field: wrong})
        assert any(says in one for one in said)
        kept = [button.label for button in standing(desk, "100")[-1].buttons]
        assert kept == ["Keep: Greeting", "Keep all the rest"], (
            "what was typed stands there already"
        )
        async with desk.database.read() as read:
            assert await announcements.everything(read) == ()

    async def test_a_time_that_is_none_is_asked_at_once(self, desk: Desk) -> None:
        await begin(desk)
        for words in ("T", "words", "all"):
            await desk.say("100", words)
        (said,) = await desk.say("100", "next Tuesday")
        assert "Write “now”" in said

    async def test_nine_o_clock_on_each_readers_clock(self, desk: Desk) -> None:
        said = await write_one(desk, when="2020-01-02 09:00", clock="reader")
        assert "2020-01-02 09:00, on each reader's own clock" in said[-1]

    @pytest.mark.parametrize("words", ["/announce", "/announcements", "all announcements"])
    async def test_members_write_none(self, desk: Desk, words: str) -> None:
        (said,) = await desk.say("300", words)
        assert "staff" in said or "secretariat" in said

    async def test_a_forged_button_does_nothing(self, desk: Desk) -> None:
        number = await announce(desk)
        for what in ("drop", "pause", "recall-yes", "stop-sending", "approve"):
            await desk.press("300", f"announcement:{number}:{what}", "m0")
        for value in ("", "x:drop", f"{number}:", f"{number}:explode", "99:drop"):
            await desk.press("100", f"announcement:{value}", "m0")
        assert (await get(desk, number)).state is _S.SCHEDULED


class TestApproving:
    def guarded(self, desk: Desk, guard: Guard) -> None:
        settings = Settings(
            large_audience=guard.large, approval="second" if guard.second else "number"
        )
        desk.dispatcher._handling._settings = settings

    async def test_many_need_their_number(self, desk: Desk) -> None:
        self.guarded(desk, Guard(3))
        await write_one(desk)
        await choose(desk, "approve")
        (said,) = await desk.say("100", "30")
        assert "goes to 3 chats" in said
        await choose(desk, "approve")
        (said,) = await desk.say("100", "3")
        assert "Scheduled" in said

    async def test_fewer_do_not(self, desk: Desk) -> None:
        self.guarded(desk, Guard(4))
        await write_one(desk)
        assert "Scheduled" in (await choose(desk, "approve")).text

    async def test_a_second_person_approves(self, desk: Desk) -> None:
        self.guarded(desk, Guard(3, second=True))
        await write_one(desk)
        card = await choose(desk, "approve")
        assert "second person" in card.text
        assert any("nobody else may" in one for one in desk.notices("100"))
        now = desk.clock.now()
        await desk.database.write(
            lambda write: people.grant_staff(
                write, email="chi@example.org", role=StaffRole.EDITOR, actor=CLI, now=now
            )
        )
        await choose(desk, "approve")
        assert "second person" in standing(desk, "300")[-1].text
        assert "Scheduled" in (await choose(desk, "approve", "300")).text

    async def test_the_command_line_is_guarded_as_well(self, desk: Desk) -> None:
        made = await act(
            desk,
            announcements.create,
            announcements.Draft("T", (Body("en", "T", "w"),), "all", None, "UTC"),
        )
        with pytest.raises(Refusal) as refused:
            await act(desk, announcements.approve, made.id, guard=Guard(3))
        assert refused.value.key == "refusal.announcement-large"
        found = await act(desk, announcements.approve, made.id, guard=Guard(3, second=True))
        assert found.state is _S.REVIEW
        found = await act(desk, announcements.approve, made.id, guard=Guard(3), confirmed=3)
        assert found.state is _S.SCHEDULED


class TestFollowing:
    async def test_pause_go_on_and_cancel_the_rest(self, desk: Desk) -> None:
        await write_one(desk)
        await choose(desk, "approve")
        await desk.database.write(
            lambda write: announcements.ring(write, now=desk.clock.now(), grace=desk.bench.grace)
        )
        await desk.say("100", "/announcements")
        await choose(desk, "show")
        assert "Paused" in (await choose(desk, "pause")).text
        assert "Being sent" in (await choose(desk, "resume-sending")).text
        assert "Cancelled" in (await choose(desk, "stop-sending")).text
        await ring(desk)
        assert not [one for one in texts(desk, "300") if one.startswith("Greeting")]

    async def test_the_report_names_who_was_not_reached(self, desk: Desk) -> None:
        desk.adapter.platform.block("300")
        number = await announce(desk, acknowledge=True)
        await ring(desk)
        await desk.press("200", f"ack:{number}", standing(desk, "200")[-1].id)
        await desk.say("100", "/announcements")
        await choose(desk, "show")
        await choose(desk, "report")
        said = texts(desk, "100")[-1]
        assert "Organisations reached: 2 of 3" in said
        assert "Organisations that have confirmed: 1 of 3" in said
        assert "chi@example.org (Fake): The person has blocked the bot." in said

    async def test_correct_recall_and_remind(self, desk: Desk) -> None:
        number = await announce(desk, acknowledge=True)
        await ring(desk)
        await desk.say("100", "/announcements")
        await choose(desk, "show")
        await choose(desk, "correct")
        await choose(desk, "correct-en")
        for words in ("Greeting", "Corrected words"):
            await desk.say("100", words)
        form = standing(desk, "100")[-1]
        quietly = next(one.data for one in form.buttons if one.data.endswith(":cnone"))
        await desk.press("100", quietly, form.id)
        await ring(desk)
        assert "Corrected words" in texts(desk, "300")[0]
        await choose(desk, "chase")
        assert "Reminder: Greeting" in texts(desk, "100")[-1]
        await desk.say("100", "/announcements")
        card = standing(desk, "100")[-1]
        await desk.press("100", f"announcement:{number}:show", card.id)
        asked = await choose(desk, "recall")
        assert "Every copy is deleted" in asked.text
        await choose(desk, "recall-yes")
        await ring(desk)
        assert texts(desk, "300") == []
        assert (await report(desk, number)).changes[-1].done >= 3

    async def test_a_card_is_edited_at_most_every_five_seconds_and_left_when_over(
        self, desk: Desk
    ) -> None:
        await write_one(desk)
        card = await choose(desk, "approve")
        await ring(desk, 6, times=4)
        edits = [one for one in desk.adapter.attempts if one.kind == "edit"]
        assert len([one for one in edits if one.text.startswith("Greeting")]) <= 5
        later(desk, hours=1)
        before = len(desk.adapter.attempts)
        await ring(desk)
        assert len(desk.adapter.attempts) == before
        assert "Sent" in next(one for one in standing(desk, "100") if one.id == card.id).text

    async def test_words_that_no_form_holds_are_not_cut_off(self, desk: Desk) -> None:
        long = "\n\n".join(f"{n} {'word ' * 100}" for n in range(12))
        number = await announce(desk, bodies=(Body("en", "Greeting", long),))
        await ring(desk, 12)
        (said,) = await press_on(desk, number, "correct-en")
        assert "longer than a form" in said
        assert (await get(desk, number)).revision == 1


async def press_on(desk: Desk, number: int, what: str) -> list[str]:
    """Press a button of the announcement's card, and return what was said."""
    before, noticed = len(desk.seen("100")), len(desk.notices("100"))
    await desk.press("100", f"announcement:{number}:{what}", "m0")
    return desk.seen("100")[before:] + desk.notices("100")[noticed:]
