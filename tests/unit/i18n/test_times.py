"""Times: the venue's clock and the reader's, in any zone and language."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reader import Reader
from bot.i18n import city_of, languages, range_text, venue_text, when_text

FORUM = datetime(2020, 5, 14, 6, 0, tzinfo=UTC)
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
instants = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)).map(
    lambda naive: naive.replace(tzinfo=UTC)
)


def test_reads_as_the_alliance_writes_it() -> None:
    english, chinese = Reader("en", "Europe/Zurich"), Reader("zh", "Europe/Zurich")
    assert when_text(FORUM, "Asia/Shanghai", english) == (
        "Thursday, 14 May 2020, 14:00 Beijing (UTC+8) · 08:00 Zürich"
    )
    assert when_text(FORUM, "Asia/Shanghai", chinese) == (
        "2020年5月14日（星期四）14:00（北京时间） · 08:00（苏黎世时间）"
    )
    assert when_text(FORUM, "Asia/Shanghai", Reader("zh", "Asia/Shanghai")) == (
        "2020年5月14日（星期四）14:00（北京时间）"
    )


def test_reads_as_french_and_german_write_it() -> None:
    text = when_text(FORUM, "Asia/Shanghai", Reader("fr", "Europe/Zurich"))
    assert text == "jeudi 14 mai 2020, 14:00 Pékin (UTC+8) · 08:00 Zurich"
    text = when_text(FORUM, "Asia/Shanghai", Reader("de", "Europe/Zurich"))
    assert text == "Donnerstag, 14. Mai 2020, 14:00 Peking (UTC+8) · 08:00 Zürich"


def test_the_first_of_a_month_in_french() -> None:
    first = datetime(2020, 5, 1, 2, 0, tzinfo=UTC)
    text = when_text(first, "Asia/Shanghai", Reader("fr", "America/Los_Angeles"))
    assert text == "vendredi 1er mai 2020, 10:00 Pékin (UTC+8) · jeu. 30 avr., 19:00 Los Angeles"
    assert venue_text(first, "Asia/Shanghai", "de", True) == "Freitag, 1. Mai 2020"


HOURS = timedelta(hours=3)


@pytest.mark.parametrize(
    ("begins", "zone", "reader", "text"),
    [
        (FORUM, "Asia/Shanghai", Reader("en", "Asia/Shanghai"),
         "Thursday, 14 May 2020, 14:00–17:00 Beijing (UTC+8)"),
        (FORUM, "Asia/Shanghai", Reader("zh", "Europe/Zurich"),
         "2020年5月14日（星期四）14:00–17:00（北京时间） · 08:00–11:00（苏黎世时间）"),
        # Over midnight for the reader: the day named is the one on which it begins for them.
        (datetime(2020, 5, 14, 3, 0, tzinfo=UTC), "Asia/Shanghai", Reader("de", "America/New_York"),
         "Donnerstag, 14. Mai 2020, 11:00–14:00 Peking (UTC+8)"
         " · Mi. 13. Mai, 23:00–02:00 New York"),
        # Both sides of the date line.
        (datetime(2020, 5, 13, 20, 0, tzinfo=UTC), "Pacific/Kiritimati",
         Reader("en", "Pacific/Honolulu"),
         "Thursday, 14 May 2020, 10:00–13:00 Kiritimati (UTC+14)"
         " · Wed 13 May, 10:00–13:00 Honolulu"),
    ],
)  # fmt: skip
def test_stretches(begins: datetime, zone: str, reader: Reader, text: str) -> None:
    assert range_text(begins, begins + HOURS, zone, reader) == text


def test_one_time_only_where_the_clocks_agree() -> None:
    text = when_text(FORUM, "Asia/Shanghai", Reader("en", "Asia/Singapore"))
    assert text == "Thursday, 14 May 2020, 14:00 Beijing (UTC+8)"
    winter = datetime(2020, 1, 14, 12, 0, tzinfo=UTC)
    assert "·" not in when_text(winter, "Europe/London", Reader("en", "UTC"))
    summer = winter + timedelta(days=180)
    assert "·" in when_text(summer, "Europe/London", Reader("en", "UTC"))


def test_another_day_for_the_reader_is_named() -> None:
    text = when_text(FORUM, "Asia/Shanghai", Reader("en", "America/Los_Angeles"))
    assert text.endswith("· Wed 13 May, 23:00 Los Angeles")
    venue = venue_text(FORUM, "Asia/Shanghai", "en", beside="America/Los_Angeles")
    assert venue == "Thu 14 May, 14:00 Beijing (UTC+8)"


def test_a_bare_date_is_the_venues_for_everybody() -> None:
    first_moment = datetime(2020, 5, 13, 16, 0, tzinfo=UTC)
    for zone in ("America/Los_Angeles", "Pacific/Kiritimati"):
        text = when_text(first_moment, "Asia/Shanghai", Reader("en", zone), date_only=True)
        assert text == "Thursday, 14 May 2020"
    assert venue_text(first_moment, "Asia/Shanghai", "zh", True) == "2020年5月14日（星期四）"


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Asia/Kolkata", "11:30 Kolkata (UTC+5:30)"),
        ("America/St_Johns", "03:30 St. John’s (UTC−2:30)"),
        ("UTC", "06:00 UTC"),
        ("Etc/GMT+3", "03:00 UTC−3"),
        ("EST", "01:00 UTC−5"),
        ("PRC", "14:00 UTC+8"),
        ("Asia/Chongqing", "14:00 Beijing (UTC+8)"),
    ],
)
def test_cities_and_offsets(zone: str, text: str) -> None:
    assert venue_text(FORUM, zone, "en") == text


def test_a_zone_that_nobody_knows_leaves_the_venues_time() -> None:
    assert "·" not in when_text(FORUM, "Asia/Shanghai", Reader("en", "Mars/Olympus"))


@given(instants, st.sampled_from(ZONES), st.sampled_from(ZONES), st.sampled_from(languages()))
def test_both_clocks_are_true(instant: datetime, venue: str, own: str, language: str) -> None:
    text = when_text(instant, venue, Reader(language, own))
    there, here = (instant.astimezone(ZoneInfo(zone)) for zone in (venue, own))
    shown = [f"{there:%H:%M}"]
    if there.utcoffset() != here.utcoffset():
        shown.append(f"{here:%H:%M}")
    # The minutes of an offset such as UTC+13:45 are no clock.
    assert re.findall(r"(?<![+−\d])\d\d:\d\d", text) == shown
    assert str(there.year) in text
    assert not re.search(r"\b(CST|EST|CET|GMT|IST|PST)\b", text)


@given(st.sampled_from(ZONES), st.sampled_from(languages()))
def test_cities_are_words_and_no_paths(zone: str, language: str) -> None:
    city = city_of(zone, language)
    assert "/" not in city
    assert "_" not in city
    assert "{" not in city
