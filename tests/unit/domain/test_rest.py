"""When announcements wait: quiet hours and days together, on somebody's own clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.preferences import quiet_hours
from bot.domain.rest import WEEK, Rest, days_in, is_days

NIGHT = quiet_hours("22-7")
ZONES = ("Europe/Zurich", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "UTC")


def at(local: str, zone: str = "Europe/Zurich") -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("rest", "now", "until"),
    [
        (Rest(), "2020-01-04 12:00", None),
        (Rest(None, WEEK), "2020-01-04 12:00", None),
        (Rest(None, "12345"), "2020-01-03 12:00", None),  # a Friday
        (Rest(None, "12345"), "2020-01-04 12:00", "2020-01-06 08:00"),
        (Rest(NIGHT, "12345"), "2020-01-04 12:00", "2020-01-06 08:00"),
        (Rest(NIGHT, "12345"), "2020-01-03 23:00", "2020-01-06 08:00"),
        (Rest(NIGHT, ""), "2020-01-04 23:00", "2020-01-05 07:00"),
        (Rest(None, "7"), "2020-01-06 00:00", "2020-01-12 08:00"),
        (Rest(quiet_hours("9-17"), "6"), "2020-01-04 10:00", "2020-01-04 17:00"),
        (Rest(quiet_hours("9-24"), "6"), "2020-01-04 10:00", "2020-01-11 08:00"),
    ],
)
def test_until_when(rest: Rest, now: str, until: str | None) -> None:
    assert rest.end_after(at(now), "Europe/Zurich") == (at(until) if until else None)


def test_the_days_are_those_of_the_readers_own_calendar() -> None:
    sunday_evening = datetime(2020, 1, 5, 20, 0, tzinfo=UTC)  # Monday in Beijing
    rest = Rest(None, "12345")
    assert rest.end_after(sunday_evening, "Asia/Shanghai") is None
    assert rest.end_after(sunday_evening, "America/Santiago") is not None


def test_a_midnight_that_does_not_exist() -> None:
    """Santiago's clocks went from 24:00 to 01:00 on 6 September 2020, a Sunday."""
    now = at("2020-09-05 12:00", "America/Santiago")
    ends = Rest(None, "7").end_after(now, "America/Santiago")
    assert ends is not None
    assert ends.astimezone(ZoneInfo("America/Santiago")).date().isoformat() == "2020-09-06"


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2021, 12, 31)),
    st.sampled_from(ZONES),
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.sets(st.sampled_from(WEEK)),
)
def test_it_ends_at_a_moment_that_is_free(
    local: datetime, zone: str, begin: int, end: int, days: set[str]
) -> None:
    text = f"{begin // 60}:{begin % 60:02}-{end // 60}:{end % 60:02}"
    rest = Rest(quiet_hours(text), "".join(sorted(days)))
    now = local.replace(tzinfo=UTC)
    ends = rest.end_after(now, zone)
    if ends is None:
        return
    assert now < ends <= now + timedelta(days=15)
    assert rest.end_after(ends, zone) is None
    if days:
        assert str(ends.astimezone(ZoneInfo(zone)).isoweekday()) in days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", "12345"),
        ("Sun-Thu", "12347"),
        ("sat", "6"),
        ("mon, wed,FRI", "135"),
        ("all", WEEK),
        ("fri-mon", "1567"),
        ("", None),
        ("monday", None),
        ("mon-", None),
        ("mon-fri-sun", None),
        ("1-5", None),
    ],
)
def test_days_in_words(text: str, days: str | None) -> None:
    assert days_in(text) == days


@pytest.mark.parametrize("stored", ["", "8", "21", "11", "12x", "0"])
def test_what_is_no_choice_of_days(stored: str) -> None:
    assert not is_days(stored)
    assert is_days("135")
