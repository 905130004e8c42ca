"""Corrections and recalls, on both databases."""

from datetime import timedelta

import pytest

from bot.domain.announcement import AnnouncementState, Body
from bot.domain.change import Follow
from bot.domain.outcome import Later, Never, Reason, Scope, Unknown
from bot.domain.refusal import Refusal
from bot.services import announcement_changes as changes
from bot.services import announcements
from tests.support.announcing import (
    BODIES,
    USERS,
    act,
    announce,
    get,
    report,
    ring,
    standing,
    texts,
)
from tests.support.desk import Desk

NEW = (Body("en", "Greeting", "Happy New Year, and welcome!"),)
LONG = "\n\n".join(f"{n} {'word ' * 150}" for n in range(12))


async def sent(desk: Desk, **changed: object) -> int:
    number = await announce(desk, **changed)
    await ring(desk)
    return number


async def test_a_correction_edits_every_copy_in_its_language_in_place(desk: Desk) -> None:
    number = await sent(desk)
    before = {user: standing(desk, user)[0].id for user in USERS}
    await act(desk, changes.correct, number, NEW)
    await ring(desk)
    assert [text.partition("\n")[2].strip() for text in texts(desk, "100")] == [
        "Happy New Year, and welcome!"
    ]
    assert texts(desk, "200") == ["问候\n\n新年快乐！"]
    assert {user: standing(desk, user)[0].id for user in USERS} == before
    found = await report(desk, number)
    assert found.announcement.revision == 2
    assert found.tally.delivered == found.tally.total == 3, "edits are no deliveries"
    (change,) = found.changes
    assert (change.done, change.waiting, change.failed) == (3, 0, ())
    assert not change.change.is_open


async def test_a_second_correction_and_one_that_was_never_sent(desk: Desk) -> None:
    number = await sent(desk)
    for words in ("two", "three"):
        await act(desk, changes.correct, number, (Body("en", "Greeting", words),))
        await ring(desk)
    assert texts(desk, "300") == ["Greeting\n\nthree"]
    draft = await act(
        desk, announcements.create, announcements.Draft("T", BODIES, "all", None, "UTC")
    )
    with pytest.raises(Refusal):
        await act(desk, changes.correct, draft.id, NEW)


@pytest.mark.parametrize(
    ("bodies", "key"),
    [
        ((Body("de", "Gruß", "Neu"),), "refusal.correct-language"),
        ((Body("en", "Greeting", "  "),), "refusal.announcement-empty"),
        ((Body("en", "Greeting", "x" * 20_001),), "refusal.announcement-long"),
    ],
)
async def test_words_that_cannot_be_used_change_nothing(
    desk: Desk, bodies: tuple[Body, ...], key: str
) -> None:
    number = await sent(desk)
    with pytest.raises(Refusal) as refused:
        await act(desk, changes.correct, number, bodies)
    assert refused.value.key == key
    await ring(desk)
    assert (await get(desk, number)).revision == 1
    assert texts(desk, "100") == ["Greeting\n\nHappy New Year!"]


async def test_what_has_not_left_goes_out_with_the_new_words(desk: Desk) -> None:
    number = await announce(desk)
    await desk.database.write(
        lambda write: announcements.ring(write, now=desk.clock.now(), grace=timedelta(hours=1))
    )
    await desk.bench.delivery.freeze_due(desk.clock)
    desk.adapter.script["300"].append(Later(1.0, Scope.CHAT, "slow down"))
    await desk.deliver(0.5)
    assert [len(texts(desk, user)) for user in USERS] == [1, 1, 0]
    await act(desk, changes.correct, number, (Body("en", "Greeting", "new"),))
    await ring(desk)
    for user in ("100", "300"):
        assert texts(desk, user) == ["Greeting\n\nnew"]


async def test_one_that_is_on_its_way_is_edited_once_it_has_arrived(desk: Desk) -> None:
    number = await announce(desk)
    corrected: list[bool] = []

    async def correct_now(_attempt: object) -> None:
        if not corrected:
            corrected.append(True)
            await act(desk, changes.correct, number, (Body("en", "Greeting", "new"),))

    desk.adapter.before = correct_now
    await ring(desk)
    assert corrected
    for user in ("100", "300"):
        assert texts(desk, user) == ["Greeting\n\nnew"]


async def test_more_and_fewer_messages_than_before(desk: Desk) -> None:
    number = await sent(desk)
    await act(desk, changes.correct, number, (Body("en", "Greeting", LONG),))
    await ring(desk, 12)
    long = texts(desk, "300")
    assert len(long) > 1
    assert all(f"{n} word" in "\n".join(long) for n in range(12))
    await act(desk, changes.correct, number, NEW)
    await ring(desk, 12)
    assert texts(desk, "300") == ["Greeting\n\nHappy New Year, and welcome!"]


async def test_answers_and_confirmations_stay_on_the_corrected_copy(desk: Desk) -> None:
    number = await sent(desk, rsvp_event="talk", acknowledge=True)
    copy = standing(desk, "300")[0]
    await desk.press("300", next(b.data for b in copy.buttons if ":going" in b.data), copy.id)
    await desk.press("300", f"ack:{number}", copy.id)
    await act(desk, changes.correct, number, NEW)
    await ring(desk)
    text = standing(desk, "300")[0].text
    assert "welcome!" in text
    assert "going" in text
    assert "You have confirmed" in text
    assert "You have confirmed" not in texts(desk, "100")[0]
    await desk.press("100", f"ack:{number}", standing(desk, "100")[0].id)
    assert "welcome!" in texts(desk, "100")[0], "a press shows the newest words"


@pytest.mark.parametrize(
    ("follow", "news"), [(Follow.NONE, ()), (Follow.FAILED, ("300",)), (Follow.ALL, ("100", "300"))]
)
async def test_who_is_told_in_a_new_message(
    desk: Desk, follow: Follow, news: tuple[str, ...]
) -> None:
    number = await sent(desk)
    if follow is not Follow.ALL:
        desk.adapter.script["300"].append(Never(Reason.NOT_ALLOWED, "message can't be edited"))
    await act(desk, changes.correct, number, NEW, follow=follow)
    await ring(desk)
    told = [u for u in ("100", "300") if any("has been corrected" in x for x in texts(desk, u))]
    assert tuple(told) == news
    (change,) = (await report(desk, number)).changes
    failed = [] if follow is Follow.ALL else ["not_allowed"]
    assert [row[0].partition(":")[0] for row in change.failed] == failed
    assert change.told == len(news) + (1 if follow is Follow.ALL else 0)
    assert (change.told_by is not None) is (follow is not Follow.NONE)
    assert not change.change.is_open


async def test_a_recall_deletes_every_copy(desk: Desk) -> None:
    number = await sent(desk)
    await act(desk, changes.recall, number)
    await ring(desk)
    assert [texts(desk, user) for user in USERS] == [[], [], []]
    (change,) = (await report(desk, number)).changes
    assert (change.done, change.withdrawn, change.failed) == (3, 0, ())
    with pytest.raises(Refusal):
        await act(desk, changes.recall, number)
    with pytest.raises(Refusal):
        await act(desk, changes.correct, number, NEW)


async def test_what_cannot_be_deleted_says_that_it_was_withdrawn(desk: Desk) -> None:
    number = await sent(desk, acknowledge=True)
    for user in ("200", "300"):
        desk.adapter.script[user].append(Never(Reason.NOT_ALLOWED, "message can't be deleted"))
    await act(desk, changes.recall, number)
    await ring(desk)
    assert texts(desk, "300") == ["The secretariat has withdrawn “Greeting”. Please disregard it."]
    assert texts(desk, "200") == ["秘书处已撤回“问候”，请不必理会。"]
    assert standing(desk, "300")[0].buttons == ()
    (change,) = (await report(desk, number)).changes
    assert (change.done, change.withdrawn, len(change.failed)) == (1, 2, 2)


async def test_recalled_in_the_middle_nobody_keeps_it(desk: Desk) -> None:
    number = await announce(desk)
    recalled: list[bool] = []

    async def recall_now(_attempt: object) -> None:
        if not recalled:
            recalled.append(True)
            await act(desk, changes.recall, number)

    desk.adapter.before = recall_now
    await ring(desk)
    assert recalled
    assert [texts(desk, user) for user in USERS] == [[], [], []]
    found = await report(desk, number)
    assert found.announcement.state is AnnouncementState.CANCELLED
    assert found.tally.finished


async def test_a_change_whose_answer_is_lost_is_made_again(desk: Desk) -> None:
    number = await sent(desk)
    desk.adapter.script["300"].append(Unknown("lost"))
    await act(desk, changes.correct, number, NEW)
    await ring(desk, 12)
    assert "welcome!" in texts(desk, "300")[0]
    (change,) = (await report(desk, number)).changes
    assert change.failed == ()


async def test_an_unconfirmed_copy_is_named(desk: Desk) -> None:
    desk.adapter.script["300"].append(Unknown("lost"))
    number = await sent(desk)
    await act(desk, changes.correct, number, NEW)
    await ring(desk)
    (change,) = (await report(desk, number)).changes
    assert [row[2] for row in change.failed] == ["chi@example.org"]
    assert not change.change.is_open, "here nobody can find out, so nobody waits"
