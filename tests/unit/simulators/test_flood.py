"""How floods are counted: by every stretch of a second, by a bucket, and with a penalty."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.conformance import HandClock
from bot.simulators.flood import EACH_REFUSED_SECONDS, PENALTY_SECONDS, Meter
from bot.simulators.telegram.chat_limits import ChatLimits

PAUSES = st.lists(st.floats(0, 0.3), min_size=40, max_size=200)


def let_through(meter: Meter, clock: HandClock, pauses: list[float]) -> list[float]:
    """Return when messages were let through that came with ``pauses`` between them."""
    passed = []
    for pause in pauses:
        clock.advance(pause)
        if not meter.wait():
            passed.append(clock.monotonic())
    return passed


@given(PAUSES)
def test_a_window_never_lets_more_through_in_any_second(pauses: list[float]) -> None:
    clock = HandClock()
    recent: deque[float] = deque()
    for at in let_through(Meter(clock, "window", 30), clock, pauses):
        recent.append(at)
        while recent[0] <= at - 1.0:
            recent.popleft()
        assert len(recent) <= 30


@given(PAUSES)
def test_a_bucket_lets_a_burst_and_then_its_rate_through(pauses: list[float]) -> None:
    clock = HandClock()
    passed = let_through(Meter(clock, "bucket", 30), clock, pauses)
    for first, start in enumerate(passed):
        for last in range(first, len(passed)):
            allowed = 30 + (passed[last] - start) * 30
            assert last - first + 1 <= allowed + 1e-6


def test_a_bucket_tolerates_a_burst_that_a_window_after_it_does_not() -> None:
    clock = HandClock()
    bucket, window = Meter(clock, "bucket", 30), Meter(clock, "window", 30)
    for meter in (bucket, window):
        assert [meter.wait() for _ in range(31)] == [0] * 30 + [1]
    clock.advance(0.5)
    assert (bucket.wait(), window.wait()) == (0, 1)


def test_harsh_is_closed_for_three_seconds_and_longer_for_each_call_meanwhile() -> None:
    clock = HandClock()
    meter = Meter(clock, "harsh", 30)
    assert [meter.wait() for _ in range(30)] == [0] * 30
    assert meter.wait() == PENALTY_SECONDS
    for _ in range(50):
        meter.wait()
    clock.advance(PENALTY_SECONDS + 50 * EACH_REFUSED_SECONDS - 0.01)
    assert meter.wait(), "not yet; and that costs once more"
    clock.advance(0.01 + EACH_REFUSED_SECONDS)
    assert meter.wait() == 0


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(ValueError, match="bucket"):
        Meter(HandClock(), "monsoon")


class TestChats:
    def send(self, limits: ChatLimits, chat: str) -> int:
        wait = limits.wait(chat)
        if not wait:
            limits.count(chat)
        return wait

    def test_they_are_off_at_first(self) -> None:
        limits = ChatLimits(HandClock())
        assert [self.send(limits, "5") for _ in range(100)] == [0] * 100

    def test_a_chat_takes_one_a_second_and_a_group_twenty_a_minute(self) -> None:
        clock = HandClock()
        limits = ChatLimits(clock)
        limits.on = True
        assert [self.send(limits, "5"), self.send(limits, "5"), self.send(limits, "6")] == [0, 1, 0]
        assert [self.send(limits, "-5") for _ in range(21)] == [0] * 20 + [60]
        clock.advance(1.0)
        assert (self.send(limits, "5"), self.send(limits, "-5")) == (0, 59)
        clock.advance(59.0)
        assert self.send(limits, "-5") == 0
