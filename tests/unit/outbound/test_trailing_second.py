"""A platform that counts every trailing second, and timers and commits that are late."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from bot.adapters.base import Pace
from bot.domain.address import Address
from bot.domain.delivery import Kind, Lane, Outgoing
from bot.outbound.pacer import Pacer

PACE = Pace(account=30.0, bulk=29.0, chat=1.0, room=1.0)
COUNT = 900


def _row(number: int, lane: Lane = Lane.BULK) -> Outgoing:
    address = Address("fake", "bot", str(number))
    return Outgoing(number, lane, Kind.SEND, address, number, 1, "en", "UTC", 1, None)


def _departures(late: float, commit: float, seed: int) -> list[float]:
    """Send one row after the other, each planned ``late`` and ``commit`` behind at most."""
    pacer, chance, now, left = Pacer(PACE), random.Random(seed), 100.0, []
    for number in range(COUNT):
        row = _row(number)
        now = max(now, pacer.ready_at(row)) + chance.uniform(0, late)
        pacer.take(row, now)
        now += chance.uniform(0, commit)
        pacer.left(row, now)
        left.append(now)
    return left


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("late", "commit"), [(0.0, 0.0), (0.01, 0.01), (0.03, 0.02)])
def test_no_second_ever_holds_more_than_the_account_may(
    late: float, commit: float, seed: int
) -> None:
    left = _departures(late, commit, seed)
    assert all(after - before >= 1.0 for before, after in zip(left, left[30:], strict=False)), (
        "31 in a second"
    )
    assert all(before <= after for before, after in pairwise(left))


@pytest.mark.parametrize("seed", range(5))
def test_what_is_late_is_caught_up_with(seed: int) -> None:
    left = _departures(0.02, 0.01, seed)
    assert left[-1] - left[0] <= (COUNT - 1) / PACE.bulk + 0.1


def test_one_in_thirty_is_kept_for_a_person() -> None:
    pacer, now = Pacer(PACE), 100.0
    for number in range(29):
        now = max(now, pacer.ready_at(_row(number)))
        pacer.take(_row(number), now)
        pacer.left(_row(number), now)
    assert pacer.ready_at(_row(99, Lane.CONVERSATION)) <= now + 1 / 30 + 1e-9


def test_what_did_not_leave_takes_no_place_for_long() -> None:
    pacer = Pacer(PACE)
    for number in range(30):
        pacer.take(_row(number), 100.0)
        pacer.stayed(_row(number))
    assert pacer.ready_at(_row(99)) <= 100.0 + 30 / 29 + 0.05


def test_a_channel_that_counts_seconds_is_never_too_early() -> None:
    """However long each post is on its way, the platform sees a second between two."""
    chance, pacer, now, came = random.Random(3), Pacer(PACE), 100.0, []
    for number in range(200):
        row = replace(_row(7), id=number)
        now = max(now, pacer.ready_at(row)) + chance.uniform(0, 0.04)
        pacer.take(row, now)
        there, back = chance.uniform(0, 0.2), chance.uniform(0, 0.2)
        came.append(now + there)
        pacer.answered(row, now + there + back)
    assert all(after - before >= 1.0 for before, after in pairwise(came))


def test_a_reply_does_not_wait_longer_for_an_answer_to_another() -> None:
    pacer = Pacer(PACE)
    reply = _row(7, Lane.CONVERSATION)
    pacer.take(reply, 100.0)
    before = pacer.ready_at(reply)
    pacer.answered(reply, 104.0)
    assert pacer.ready_at(reply) == before
