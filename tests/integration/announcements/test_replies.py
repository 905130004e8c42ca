"""What readers write to an announcement stands beside it, and is met as anything they write."""

from datetime import timedelta

import pytest

from bot.domain.announcement_reply import AnnouncementReply, Met
from bot.domain.refusal import Refusal
from bot.services import announcement_changes
from bot.services.announcement_replies import of_announcement
from bot.storage import personal_data
from bot.views.announcement_replies import PAGE
from tests.support.announcing import act, announce, later, report, ring, standing
from tests.support.desk import Desk
from tests.support.in_rooms import ROOM, let_in

UNKNOWN = "Will the reception serve zebrafish noodles?"


async def replies(desk: Desk, number: int) -> list[tuple[str, str, Met, bool, bool]]:
    """Return (writer, words, how met, quoted, waits), oldest first."""
    return [
        (one.who, one.text, one.met, one.quoted, one.waits)
        for one in reversed(await all_of(desk, number))
    ]


async def all_of(desk: Desk, number: int) -> tuple[AnnouncementReply, ...]:
    async with desk.database.read() as read:
        return await of_announcement(read, number)


async def sent(desk: Desk, **changed: object) -> int:
    number = await announce(desk, **changed)
    await ring(desk)
    return number


async def test_thanks_get_thanks_questions_an_answer_and_staff_see_both(desk: Desk) -> None:
    number = await sent(desk)
    (said,) = await desk.say("200", "谢谢！新年快乐")
    assert "！" in said
    await desk.say("300", UNKNOWN)
    found = await replies(desk, number)
    assert [(text, met, waits) for _who, text, met, _q, waits in found] == [
        ("谢谢！新年快乐", Met.COURTESY, False),
        (UNKNOWN, Met.SECRETARIAT, True),
    ]
    count = (await report(desk, number)).replies
    assert (count.replies, count.waiting) == (2, 1)


async def test_a_quotation_counts_for_what_it_quotes_however_old_it_is(desk: Desk) -> None:
    first = await sent(desk)
    later(desk, days=30)
    second = await sent(desk)
    copy = standing(desk, "300")[0]
    desk.adapter.platform.answer("300", "Thank you", copy.id)
    await desk.answer()
    assert [one[3] for one in await replies(desk, first)] == [True]
    assert await replies(desk, second) == []


async def test_what_is_said_two_days_later_is_no_reply(desk: Desk) -> None:
    number = await sent(desk)
    later(desk, hours=49)
    await desk.say("300", "Thank you")
    assert await replies(desk, number) == []


async def test_talk_that_goes_on_belongs_to_it_and_after_a_pause_does_not(desk: Desk) -> None:
    number = await sent(desk)
    await desk.say("300", "Thank you")
    await desk.say("300", UNKNOWN)
    assert len(await replies(desk, number)) == 2
    later(desk, minutes=31)
    await desk.say("300", "Thank you very much")
    assert len(await replies(desk, number)) == 2


async def test_talk_about_something_else_is_none_of_staff_s_business(desk: Desk) -> None:
    number = await sent(desk)
    await desk.say("300", "/help")
    await desk.say("300", "Thank you")
    assert await replies(desk, number) == [], "the help stands between"


async def test_whoever_got_no_copy_replies_to_nothing(desk: Desk) -> None:
    number = await sent(desk, audience="org:bo-center")
    await desk.say("300", "Thank you")
    copy = standing(desk, "200")[0]
    desk.adapter.platform.answer("300", "Thank you", copy.id)
    await desk.answer()
    assert await replies(desk, number) == [], "the id of somebody else's copy is not theirs"


async def test_in_a_room_only_what_quotes_the_announcement_is_a_reply(desk: Desk) -> None:
    await let_in(desk)
    number = await sent(desk, audience="room:frontier-forum")
    await desk.mention("300", ROOM, UNKNOWN)
    assert await replies(desk, number) == []
    copy = next(one for one in standing(desk, ROOM) if "Happy New Year" in one.text)
    desk.adapter.platform.answer("300", "thank you", copy.id, ROOM)
    await desk.answer()
    ((one,)) = await all_of(desk, number)
    assert one.quoted
    assert one.room


async def test_a_reply_to_the_told_correction_counts_for_the_announcement(desk: Desk) -> None:
    number = await sent(desk)
    from bot.domain.announcement import Body
    from bot.domain.change import Follow

    await act(
        desk,
        announcement_changes.correct,
        number,
        (Body("en", "Greeting", "Happy new year 2020!"),),
        follow=Follow.ALL,
    )
    await ring(desk)
    told = standing(desk, "300")[-1]
    assert told.id != standing(desk, "300")[0].id
    desk.adapter.platform.answer("300", "thanks", told.id)
    await desk.answer()
    assert [one[3] for one in await replies(desk, number)] == [True]


async def test_empty_and_endless_words_are_counted_and_cut(desk: Desk) -> None:
    number = await sent(desk)
    await desk.say("300", " ")
    await desk.say("300", "x" * 9000)
    assert [(len(one[1]), one[2]) for one in await replies(desk, number)] == [
        (0, Met.NOTHING),
        (2000, Met.NOTHING),
    ]


async def test_staff_page_through_them_and_nobody_else_does(desk: Desk) -> None:
    number = await sent(desk)
    for at in range(PAGE + 2):
        await desk.say("300", f"{UNKNOWN} {at} <b>*x*</b>")
    await desk.press("100", f"replies:{number}:0")
    page = standing(desk, "100")[-1]
    assert f"{UNKNOWN} {PAGE + 1} <b>*x*</b>" in page.text
    assert f"{UNKNOWN} 0" not in page.text
    older = next(one for one in page.buttons if "Older" in one.label)
    await desk.press("100", older.data, page.id)
    assert f"{UNKNOWN} 0" in standing(desk, "100")[-1].text
    before = len(standing(desk, "300"))
    await desk.press("300", f"replies:{number}:0")
    assert desk.notices("300")[-1].startswith("Only")
    assert len(standing(desk, "300")) == before
    for forged in ("replies:", "replies:x:0", f"replies:{number}:-1", f"replies:{number + 9}:0"):
        await desk.press("100", forged)
    assert "Nobody" not in standing(desk, "100")[-1].text


async def test_what_somebody_wrote_goes_with_them(desk: Desk) -> None:
    number = await sent(desk)
    await desk.say("300", UNKNOWN)
    await desk.say("200", "谢谢")
    await desk.press("300", "privacy:erase-really")
    found = await all_of(desk, number)
    assert [one.text for one in found] == ["谢谢"]


async def test_old_words_are_blanked_and_still_counted(desk: Desk) -> None:
    number = await sent(desk)
    await desk.say("300", UNKNOWN)
    before = desk.clock.now() + timedelta(days=1)
    await desk.database.write(lambda write: personal_data.blank_old(write, before, 100))
    (one,) = await all_of(desk, number)
    assert (one.text, one.waits) == ("", True)


async def test_an_unknown_announcement_is_refused(desk: Desk) -> None:
    with pytest.raises(Refusal):
        await all_of(desk, 999)


async def test_what_was_said_before_the_copy_came_is_no_reply_to_it(desk: Desk) -> None:
    desk.adapter.platform.say("300", "My visa was refused")
    await desk.receive()
    later(desk, hours=5)
    number = await announce(desk)
    await ring(desk)
    await desk.answer()
    assert await replies(desk, number) == []
