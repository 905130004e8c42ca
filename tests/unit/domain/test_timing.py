"""When announcements come again, and how long before an event they come."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.timing import NO_DATE, Repeat, before_event, next_time
from bot.domain.zoned import event_time

FIRST = datetime(2020, 1, 31, 9)


@pytest.mark.parametrize(
    ("repeat", "after", "following"),
    [
        (Repeat.DAY, FIRST, datetime(2020, 2, 1, 9)),
        (Repeat.DAY, datetime(2021, 6, 1, 8, 59), datetime(2021, 6, 1, 9)),
        (Repeat.WEEK, FIRST, datetime(2020, 2, 7, 9)),
        (Repeat.MONTH, FIRST, datetime(2020, 2, 29, 9)),
        (Repeat.MONTH, datetime(2020, 2, 29, 9), datetime(2020, 3, 31, 9)),
        (Repeat.MONTH, datetime(2020, 12, 31, 9), datetime(2021, 1, 31, 9)),
        (Repeat.YEAR, FIRST, datetime(2021, 1, 31, 9)),
    ],
)
def test_the_next_time(repeat: Repeat, after: datetime, following: datetime) -> None:
    assert next_time(FIRST, repeat, after, None) == following


def test_a_leap_day_is_kept_where_there_is_one() -> None:
    first = datetime(2020, 2, 29, 9)
    assert next_time(first, Repeat.YEAR, first, None) == datetime(2021, 2, 28, 9)
    assert next_time(first, Repeat.YEAR, datetime(2023, 3, 1), None) == datetime(2024, 2, 29, 9)


def test_the_last_day_counts() -> None:
    assert next_time(FIRST, Repeat.DAY, FIRST, date(2020, 2, 1)) == datetime(2020, 2, 1, 9)
    assert next_time(FIRST, Repeat.DAY, FIRST, date(2020, 1, 31)) is None


@given(
    first=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),
    repeat=st.sampled_from(Repeat),
    days=st.integers(0, 4000),
)
def test_it_is_the_first_one_that_is_later(first: datetime, repeat: Repeat, days: int) -> None:
    after = first + timedelta(days=days)
    found = next_time(first, repeat, after, None)
    assert found is not None
    assert found > after
    assert found.time() == first.time()
    most = {Repeat.DAY: 1, Repeat.WEEK: 7, Repeat.MONTH: 31, Repeat.YEAR: 366}[repeat]
    assert found - after <= timedelta(days=most), "none was left out"


def test_days_before_an_event_are_days_of_its_calendar() -> None:
    start = event_time(datetime(2020, 3, 30, 9), "Europe/Zurich")
    due = before_event(start, timedelta(days=7), "Asia/Shanghai")
    assert (due.local, due.zone) == (datetime(2020, 3, 23, 9), "Europe/Zurich")
    assert due.at.hour == 8, "clocks changed in between"
    assert before_event(None, timedelta(days=7), "UTC").at == NO_DATE
    day = before_event(event_time(date(2020, 6, 1), "UTC"), timedelta(days=1), "UTC")
    assert day.local == datetime(2020, 5, 31, 9)
