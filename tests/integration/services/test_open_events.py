"""Until when an event takes answers and is listed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.event import Event
from bot.domain.refusal import Refusal
from bot.domain.zoned import event_time
from bot.services.rsvps import check_open

ZONE = "Europe/Berlin"
PLAIN = Event("e", "c", {"": "E"}, id=1, zone=ZONE)
TIMED = replace(
    PLAIN,
    start=event_time(datetime(2020, 5, 14, 9), ZONE),
    end=event_time(datetime(2020, 5, 14, 17), ZONE),
)
SECOND = timedelta(seconds=1)


def refused(event: Event, now: datetime) -> str:
    try:
        check_open(event, now)
    except Refusal as refusal:
        return refusal.key.removeprefix("refusal.")
    return ""


def at(*when: int) -> datetime:
    return event_time(datetime(*when), ZONE).instant  # type: ignore[arg-type]  # year, month, day …


@pytest.mark.parametrize(
    ("event", "last"),
    [
        (TIMED, at(2020, 5, 14, 17)),
        (replace(TIMED, end=None), at(2020, 5, 14, 9)),
        (replace(PLAIN, start=event_time(date(2020, 6, 1), ZONE)), at(2020, 6, 2) - SECOND),
        # The day on which clocks go back has 25 hours, the one on which they go forward 23.
        (replace(PLAIN, start=event_time(date(2020, 10, 25), ZONE)), at(2020, 10, 26) - SECOND),
        (replace(PLAIN, start=event_time(date(2020, 3, 29), ZONE)), at(2020, 3, 30) - SECOND),
        (
            replace(
                PLAIN,
                start=event_time(date(2020, 6, 1), ZONE),
                end=event_time(date(2020, 6, 3), ZONE),
            ),
            at(2020, 6, 4) - SECOND,
        ),
    ],
)
def test_open_until_its_last_moment_and_no_longer(event: Event, last: datetime) -> None:
    assert refused(event, last) == ""
    assert refused(event, last + SECOND) == "event-over"


def test_an_event_without_a_date_takes_answers_at_any_time() -> None:
    assert refused(PLAIN, datetime(2999, 1, 1, tzinfo=UTC)) == ""


def test_the_last_instant_for_answers_still_counts() -> None:
    closing = replace(TIMED, reply_by=at(2020, 5, 1, 12))
    assert refused(closing, at(2020, 5, 1, 12)) == ""
    assert refused(closing, at(2020, 5, 1, 12) + SECOND) == "reply-by-passed"


def test_cancelled_comes_before_every_other_reason() -> None:
    assert refused(replace(TIMED, status="cancelled"), at(2030, 1, 1)) == "event-cancelled"
