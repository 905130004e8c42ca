"""The pace, in virtual time: never above it, nobody waits for somebody else's trouble."""

import heapq
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.base import Pace
from bot.domain.address import Address
from bot.domain.delivery import Kind, Lane, Outgoing
from bot.domain.outcome import Scope
from bot.outbound.pacer import CATCH_UP, FORGET_ABOVE, OPEN_BURST, Pacer
from bot.outbound.queue import AHEAD, LaneQueues

TELEGRAM = Pace(account=30.0, bulk=28.6, chat=1.0, room=20 / 60)
SLACK = Pace(account=5.0, bulk=4.0, chat=1.0, room=1.0, edit=50 / 60, open_direct=50 / 60)
PAID = Pace(account=1000.0, bulk=990.0, chat=1.0, room=20 / 60)
START = 1000.0


def row(
    number: int,
    *,
    chat: int | None = None,
    lane: Lane = Lane.BULK,
    kind: Kind = Kind.SEND,
    direct: bool = True,
) -> Outgoing:
    where = number if chat is None else chat
    return Outgoing(
        id=number,
        lane=lane,
        kind=kind,
        address=Address("fake", "bot", str(where)),
        address_id=where,
        announcement_id=1 if lane is Lane.BULK else None,
        language="en",
        zone="UTC",
        part=1,
        payload=None,
        is_direct=direct,
    )


Sent = tuple[float, Outgoing]


def drive(
    pacer: Pacer, arrivals: Sequence[tuple[float, Outgoing]], until: float, at_once: int = 32
) -> list[Sent]:
    """Send as the sender does, without a database: whenever something may leave, it leaves."""
    queues = LaneQueues()
    coming = sorted(arrivals, key=lambda one: (one[0], one[1].id))
    now, sent = START, []
    while now <= until:
        while coming and coming[0][0] <= now:
            queues.extend([coming.pop(0)[1]])
        for lane in Lane:
            at = now
            released = list(
                queues.release(
                    lane,
                    pacer.fits(lane, at, at_once),
                    (),
                    lambda one, at=at: pacer.ready_at(one) <= at,  # type: ignore[misc]  # a default cannot be typed
                    lambda lane, at=at: pacer.lane_ready_at(lane) > at,  # type: ignore[misc]  # the same
                )
            )
            for one in released:
                pacer.take(one, at)
                sent.append((at, one))
        following = [queues.next_ready(pacer, (), Lane)]
        if coming:
            following.append(coming[0][0])
        if min(following) == float("inf"):
            break
        # What is ready now and did not fit leaves with the next tick of a real loop.
        now = max(min(following), now + 1e-4)
    return sent


def most_in_a_second(times: Sequence[float]) -> int:
    """Return how many of ``times`` lie in the fullest second that ends with one of them."""
    window: list[float] = []
    most = 0
    for at in sorted(times):
        heapq.heappush(window, at)
        while window[0] <= at - 1.0:
            heapq.heappop(window)
        most = max(most, len(window))
    return most


def allowed(rate: float) -> int:
    """What the pace lets through in a second: the rate, its slack, and the one that opens it."""
    return int(rate * (1.0 + CATCH_UP)) + 2


arrivals_at = st.lists(
    st.tuples(
        st.floats(0, 6, allow_nan=False),
        st.integers(0, 25),
        st.sampled_from([Lane.BULK, Lane.BULK, Lane.CONVERSATION]),
        st.booleans(),
    ),
    max_size=300,
)


@settings(max_examples=40, deadline=None)
@given(arrivals_at, st.sampled_from([TELEGRAM, SLACK]))
def test_never_above_the_pace(arrivals: list[tuple[float, int, Lane, bool]], pace: Pace) -> None:
    rows = [
        (START + at, row(number, chat=chat if direct else -chat - 1, lane=lane, direct=direct))
        for number, (at, chat, lane, direct) in enumerate(arrivals)
    ]
    sent = drive(Pacer(pace), rows, until=START + 2000)
    assert len(sent) == len(rows), "nothing is left behind"
    assert most_in_a_second([at for at, _ in sent]) <= allowed(pace.account)
    bulk = [at for at, one in sent if one.lane is Lane.BULK]
    assert most_in_a_second(bulk) <= allowed(pace.bulk)
    for chat in {one.address_id for _, one in sent}:
        in_chat = [(at, one) for at, one in sent if one.address_id == chat]
        for (before, _), (after, one) in pairwise(
            [(at, one) for at, one in in_chat if one.lane is Lane.BULK]
        ):
            interval = 1 / (pace.chat if one.is_direct else pace.room)
            assert after - before >= interval - CATCH_UP - 1e-6
        for lane in Lane:
            numbers = [
                (arrived.index, one.id)
                for arrived, one in _with_arrival(rows, in_chat)
                if one.lane is lane
            ]
            assert numbers == sorted(numbers), "the order within a chat is kept"


class _Arrival:
    def __init__(self, index: tuple[float, int]) -> None:
        self.index = index


def _with_arrival(
    rows: Sequence[tuple[float, Outgoing]], sent: Sequence[Sent]
) -> list[tuple[_Arrival, Outgoing]]:
    came = {one.id: at for at, one in rows}
    return [(_Arrival((came[one.id], one.id)), one) for _, one in sent]


def test_a_broadcast_leaves_its_share_to_conversations() -> None:
    """600 messages go at 28.6 a second; replies in the middle are not delayed by them."""
    bulk = [(START, row(number)) for number in range(600)]
    replies = [
        (START + 2 + step * 1.5, row(10_000 + step, lane=Lane.CONVERSATION)) for step in range(10)
    ]
    sent = drive(Pacer(TELEGRAM), [*bulk, *replies], until=START + 60)
    at = [when for when, one in sent if one.lane is Lane.BULK]
    assert 600 / (at[-1] - at[0]) == pytest.approx(28.6, rel=0.01)
    for when, one in sent:
        if one.lane is Lane.CONVERSATION:
            arrived = START + 2 + (one.id - 10_000) * 1.5
            assert when - arrived <= 1 / 30 + 1e-3


def test_a_conversation_takes_all_that_the_account_has() -> None:
    talk = [(START, row(number, lane=Lane.CONVERSATION)) for number in range(300)]
    bulk = [(START, row(1000 + number)) for number in range(300)]
    sent = drive(Pacer(TELEGRAM), [*talk, *bulk], until=START + 60)
    lanes = [one.lane for _, one in sent]
    assert lanes.index(Lane.BULK) >= 290, "conversations first"


@pytest.mark.parametrize("rate", [100.0, 300.0, 1000.0])
def test_high_rates_are_reached(rate: float) -> None:
    """A timer of 10 ms, as a busy loop has, still keeps a thousand a second."""
    pacer = Pacer(Pace(account=rate, bulk=rate * 0.99, chat=1.0, room=1.0))
    queues = LaneQueues()
    sent, now, number = 0, START, 0
    while now < START + 5:
        missing = AHEAD - len(list(queues))
        queues.extend(row(number + extra) for extra in range(missing))
        number += missing
        for one in list(
            queues.release(
                Lane.BULK,
                pacer.fits(Lane.BULK, now, 28),
                (),
                lambda one, at=now: pacer.ready_at(one) <= at,  # type: ignore[misc]  # a default cannot be typed
                lambda lane, at=now: pacer.lane_ready_at(lane) > at,  # type: ignore[misc]  # the same
            )
        ):
            pacer.take(one, now)
            sent += 1
        now += 0.01
    assert sent / 5 == pytest.approx(rate * 0.99, rel=0.03)


def test_a_chat_has_one_a_second_and_a_short_exchange_may_be_quicker() -> None:
    same = [(START, row(number, chat=7)) for number in range(5)]
    times = [at for at, _ in drive(Pacer(TELEGRAM), same, until=START + 60)]
    assert all(after - before >= 1 - CATCH_UP for before, after in pairwise(times))
    talk = [(START, row(number, chat=7, lane=Lane.CONVERSATION)) for number in range(8)]
    times = [at for at, _ in drive(Pacer(TELEGRAM), talk, until=START + 60)]
    assert most_in_a_second(times) <= 4
    assert times[-1] - times[3] == pytest.approx(4.0, abs=0.2)


def test_a_halt_holds_exactly_its_chat_for_exactly_its_time() -> None:
    pacer = Pacer(TELEGRAM)
    pacer.halt(row(1, chat=1), Scope.CHAT, START + 7)
    assert pacer.ready_at(row(2, chat=1)) == START + 7
    assert pacer.ready_at(row(3, chat=1, lane=Lane.CONVERSATION, kind=Kind.EDIT)) == START + 7
    assert pacer.ready_at(row(4, chat=2)) <= START
    assert pacer.lane_ready_at(Lane.BULK) <= START


def test_a_halt_of_the_account_holds_everything() -> None:
    for pace in (TELEGRAM, SLACK):
        pacer = Pacer(pace)
        pacer.halt(row(1), Scope.ACCOUNT, START + 7)
        for kind in Kind:
            for lane in Lane:
                assert pacer.ready_at(row(2, lane=lane, kind=kind)) == START + 7
        assert pacer.opening_ready_at() == START + 7, "openings are requests as well"


def test_a_shorter_halt_never_ends_a_longer_one() -> None:
    pacer = Pacer(TELEGRAM)
    pacer.halt(row(1), Scope.ACCOUNT, START + 30)
    pacer.halt(row(2), Scope.ACCOUNT, START + 1)
    pacer.take(row(3), START)
    assert pacer.ready_at(row(3, chat=9)) == START + 30


def test_a_halted_chat_does_not_hold_the_others() -> None:
    pacer = Pacer(TELEGRAM)
    pacer.halt(row(0, chat=0), Scope.CHAT, START + 500)
    rows = [(START, row(number, chat=number % 10)) for number in range(100)]
    sent = drive(pacer, rows, until=START + 100)
    assert len(sent) == 90
    assert {one.address_id for _, one in sent} == set(range(1, 10))


def test_changes_have_a_pace_of_their_own_where_the_platform_has_one() -> None:
    edits = [(START, row(number, lane=Lane.CONVERSATION, kind=Kind.EDIT)) for number in range(60)]
    times = [at for at, _ in drive(Pacer(SLACK), edits, until=START + 300)]
    assert len(times) == 60
    minute = [at for at in times if at < times[0] + 60]
    assert len(minute) <= 50 + 6
    telegram = [at for at, _ in drive(Pacer(TELEGRAM), edits, until=START + 300)]
    assert telegram[-1] - telegram[0] <= 60 / 30 + 0.1, "there they are messages like others"


def test_a_room_is_paced_as_a_whole_with_its_threads() -> None:
    rows = [
        (START, replace(row(number, chat=7, direct=False), address=in_thread(number % 3)))
        for number in range(6)
    ]
    times = [at for at, _ in drive(Pacer(TELEGRAM), rows, until=START + 60)]
    assert all(after - before >= 3 - CATCH_UP for before, after in pairwise(times))


def in_thread(number: int) -> Address:
    return Address("fake", "bot", "7", str(number))


def card(number: int, room: int) -> Outgoing:
    return row(number, chat=900 + room, kind=Kind.EDIT, direct=False)


@pytest.mark.parametrize("pace", [TELEGRAM, SLACK])
def test_cards_of_busy_rooms_starve_nobody(pace: Pace) -> None:
    """40 rooms, each with an edit every 5 s, beside a broadcast and a conversation."""
    cards = [
        (START + 5 * turn, card(5000 + 40 * turn + room, room))
        for turn in range(12)
        for room in range(40)
    ]
    news = [(START, row(number)) for number in range(200)]
    talk = [
        (START + 4 * step, row(9000 + step, lane=Lane.CONVERSATION, kind=Kind.EDIT))
        for step in range(12)
    ]
    sent = drive(Pacer(pace), [*cards, *news, *talk], until=START + 2000)
    news_at = [at for at, one in sent if one.lane is Lane.BULK and one.kind is Kind.SEND]
    assert len(news_at) == 200
    alone = 200 / pace.bulk
    assert news_at[-1] - START <= 2.2 * alone + 1, "edits take no more than their share"
    came = {one.id: at for at, one in talk}
    waited = [at - came[one.id] for at, one in sent if one.id in came]
    assert len(waited) == 12
    assert max(waited) <= 0.25, "who looks at their own card waits for no room"


def test_a_room_whose_card_changes_is_answered_first() -> None:
    cards = [(START + 5 * turn, card(500 + turn, 1)) for turn in range(8)]
    asked = [
        (START + 0.1 + 5 * turn, row(turn, chat=901, lane=Lane.CONVERSATION, direct=False))
        for turn in range(8)
    ]
    sent = drive(Pacer(TELEGRAM), [*cards, *asked], until=START + 100)
    assert len(sent) == 16
    came = {one.id: at for at, one in asked}
    assert max(at - came[one.id] for at, one in sent if one.id in came) <= 3.0


def test_openings_come_in_a_burst_and_then_at_their_pace() -> None:
    pacer = Pacer(SLACK)
    times, now = [], START
    for _ in range(OPEN_BURST + 20):
        now = max(now, pacer.opening_ready_at())
        pacer.take_opening(now)
        times.append(now)
    assert times[OPEN_BURST - 1] == START
    assert times[-1] - START == pytest.approx(20 / SLACK.open_direct, abs=2 / SLACK.open_direct)  # type: ignore[operator]  # it is set above


def test_memory_is_bounded_and_forgetting_gives_no_second_burst() -> None:
    pacer = Pacer(PAID)
    now = START
    for number in range(3 * FORGET_ABOVE):
        pacer.forget(now)
        pacer.take(row(number), now)
        now += 1 / PAID.bulk
    assert len(pacer._next) <= FORGET_ABOVE + 1

    pacer = Pacer(SLACK)
    for _ in range(OPEN_BURST):
        pacer.take_opening(START)
    for number in range(FORGET_ABOVE + 1):
        pacer.take(row(number), START - 100)
    pacer.forget(START + 1)
    free = 0
    while pacer.opening_ready_at() <= START + 1:
        pacer.take_opening(START + 1)
        free += 1
    assert free <= 2


def test_nothing_looks_ready_that_is_not() -> None:
    """What a lane's exhaustion holds back is not announced as ready: the loop would spin."""
    pacer = Pacer(SLACK)
    queues = LaneQueues()
    pacer.take(row(1), START)
    pacer.take(row(2), START)
    queues.extend([row(3, lane=Lane.CONVERSATION, kind=Kind.EDIT)])
    ready = queues.next_ready(pacer, (), Lane)
    now = max(ready, START)
    released = list(
        queues.release(
            Lane.CONVERSATION,
            pacer.fits(Lane.CONVERSATION, now, 32),
            (),
            lambda one: pacer.ready_at(one) <= now,
            lambda lane: pacer.lane_ready_at(lane) > now,
        )
    )
    assert released


def test_rows_that_are_passed_over_keep_their_order() -> None:
    queues = LaneQueues()
    queues.extend(row(number, chat=number % 3) for number in range(12))
    first = list(queues.release(Lane.BULK, 99, {1}, lambda one: True, lambda lane: False))
    assert [one.id for one in first] == [0, 2]
    assert [one.id for one in queues] == [1, 3, 4, 5, 6, 7, 8, 9, 10, 11]


def test_room_is_asked_for_in_halves() -> None:
    queues = LaneQueues()
    assert queues.room() == dict.fromkeys(Lane, AHEAD)
    queues.extend(row(number) for number in range(AHEAD // 2 + 1))
    assert queues.room() == {Lane.CONVERSATION: AHEAD, Lane.CHANGES: AHEAD}


def test_whoever_had_to_wait_is_next() -> None:
    queues = LaneQueues()
    queues.extend(row(number, chat=number) for number in range(4))
    queues.extend([row(9, lane=Lane.CHANGES, kind=Kind.EDIT)])
    for lane in (Lane.BULK, Lane.CHANGES):
        assert queues.turns()[:2] == (Lane.CONVERSATION, lane)
        list(queues.release(lane, 1, (), lambda one: True, lambda lane: False))
    assert queues.turns()[1] is Lane.BULK


@pytest.mark.parametrize("pace", [TELEGRAM, SLACK])
@pytest.mark.parametrize("kind", [Kind.SEND, Kind.EDIT])
def test_what_does_not_leave_takes_no_time(pace: Pace, kind: Kind) -> None:
    pacer, other = Pacer(pace), Pacer(pace)
    for at in range(40):
        lane = Lane.BULK if kind is Kind.SEND else Lane.CHANGES
        one = row(at, chat=1, lane=lane, kind=kind)
        pacer.take(one, START)
        pacer.stayed(one)
    following = row(99, chat=1)
    assert pacer.ready_at(following) <= START
    assert pacer.lane_ready_at(Lane.BULK) <= START
    pacer.take(following, START)
    other.take(following, START)
    assert pacer.ready_at(row(100)) == pytest.approx(other.ready_at(row(100)))
