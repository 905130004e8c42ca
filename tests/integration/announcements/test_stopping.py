"""Pause, resume and cancel, in the middle of being sent."""

import pytest

from bot.domain.announcement import AnnouncementState
from bot.domain.outcome import Later, Scope, Unknown
from bot.domain.refusal import Refusal
from bot.services import announcement_stops, announcements
from tests.support.announcing import USERS, act, announce, get, report, ring, texts
from tests.support.desk import Desk

_S = AnnouncementState


async def begun(desk: Desk) -> int:
    """Return an announcement whose audience is fixed, and of which nothing has left."""
    number = await announce(desk)
    await desk.bench.database.write(
        lambda write: announcements.ring(write, now=desk.clock.now(), grace=desk.bench.grace)
    )
    await desk.bench.delivery.freeze_due(desk.clock)
    return number


async def test_paused_nothing_leaves_and_resumed_everybody_gets_it_once(desk: Desk) -> None:
    number = await begun(desk)
    await act(desk, announcement_stops.pause, number)
    await ring(desk)
    assert [texts(desk, user) for user in USERS] == [[], [], []]
    assert (await get(desk, number)).state is _S.PAUSED
    await act(desk, announcement_stops.resume, number)
    await ring(desk)
    assert [len(texts(desk, user)) for user in USERS] == [1, 1, 1]
    assert (await get(desk, number)).state is _S.SENT


async def test_cancelled_in_the_middle_the_rest_is_skipped_and_named(desk: Desk) -> None:
    number = await begun(desk)
    desk.adapter.script["300"].append(Later(1.0, Scope.CHAT, "slow down"))
    await desk.deliver(0.5)
    got = [user for user in USERS if texts(desk, user)]
    assert got == ["100", "200"]
    await act(desk, announcements.cancel, number)
    await ring(desk)
    assert [user for user in USERS if texts(desk, user)] == got
    found = await report(desk, number)
    assert found.announcement.state is _S.CANCELLED
    assert (found.tally.delivered, found.tally.skipped) == (len(got), 3 - len(got))
    assert found.tally.finished
    assert {row[1] for row in found.unreached} == {"cancelled"}


async def test_paused_while_its_audience_is_fixed(desk: Desk) -> None:
    number = await announce(desk)
    await desk.bench.database.write(
        lambda write: announcements.ring(write, now=desk.clock.now(), grace=desk.bench.grace)
    )
    await act(desk, announcement_stops.pause, number)
    await ring(desk)
    assert (await get(desk, number)).frozen_at is None
    await act(desk, announcement_stops.resume, number)
    await ring(desk)
    assert (await report(desk, number)).tally.delivered == 3


@pytest.mark.parametrize("what", [announcement_stops.pause, announcement_stops.resume])
async def test_what_is_over_cannot_be_paused_or_resumed(desk: Desk, what: object) -> None:
    number = await announce(desk)
    await ring(desk)
    with pytest.raises(Refusal):
        await act(desk, what, number)  # type: ignore[arg-type]  # either of two functions


async def test_unconfirmed_is_sent_again_only_by_hand_and_counted(desk: Desk) -> None:
    desk.adapter.platform.lose_answers(1)
    number = await announce(desk)
    await ring(desk)
    assert (await report(desk, number)).tally.unconfirmed == 1
    await ring(desk)
    assert (await report(desk, number)).tally.unconfirmed == 1
    assert await act(desk, announcement_stops.resend, number) == 1
    await ring(desk)
    found = await report(desk, number)
    assert (found.tally.unconfirmed, found.tally.delivered, found.resent) == (0, 3, 1)
    assert sum(len(texts(desk, user)) for user in USERS) == 4, "one got it twice, and it is said"
    assert await act(desk, announcement_stops.resend, number) == 0


async def test_a_lost_answer_again_is_unconfirmed_again(desk: Desk) -> None:
    desk.adapter.script["300"].extend([Unknown("lost"), Unknown("lost")])
    number = await announce(desk)
    await ring(desk)
    await act(desk, announcement_stops.resend, number)
    await ring(desk)
    assert (await report(desk, number)).tally.unconfirmed == 1
