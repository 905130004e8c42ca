"""When a talk of a schedule begins and ends.

* Its own date and time count, else the day's date and the clock time; a clock time before
  the day begins belongs to the night after it.
* Durations are ``00:45`` and ``1:15``. Three parts are hours, minutes and seconds
  (``1:30:00``), but pretalx writes days, hours and minutes there; 30 hours can only be
  minutes. A bare number is minutes.
"""

import re
from datetime import UTC, date, datetime, time, timedelta

from bot.domain.event import EventTime
from bot.domain.people import Problem
from bot.domain.zoned import event_time
from bot.importers.event_times import Reading, ordered, read_time
from bot.importers.reading import Problems
from bot.importers.schedule import Talk

LONGEST = timedelta(days=31)
_CLOCK = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])(:[0-5][0-9])?")
_DURATION = re.compile(r"[0-9]{1,5}(:[0-9]{1,2}){0,2}")


def talk_times(
    talk: Talk, made_by: str, reading: Reading
) -> tuple[EventTime | None, EventTime | None]:
    """Return start and end; None for what the file does not say, with a problem if it is wrong."""
    start = read_time(_start(talk), "start", talk.place, reading)
    if start is None or start.date_only:
        return start, None
    if talk.end:
        end = read_time(talk.end, "end", talk.place, reading)
        return start, ordered(start, end, talk.place, reading.problems)
    return start, _after(start, talk, made_by, reading.problems)


def _after(start: EventTime, talk: Talk, made_by: str, problems: Problems) -> EventTime | None:
    """Return the end by the talk's duration; 0 says nothing."""
    length = read_duration(talk.duration or "0", days_first=made_by == "pretalx")
    if length is None:
        text = f"duration {talk.duration!r} is none: write 00:45; the end is left out"
        problems.append(Problem(talk.place, text))
    try:
        end = start.instant + (length or timedelta())
        return event_time(end.astimezone(UTC), start.zone) if length else None
    except OverflowError:
        return None


def _start(talk: Talk) -> str:
    """Return what the talk says of its start as one ISO text, or as it stands."""
    for given in (talk.date, talk.start):
        if len(given) > 10:
            return given
    day = talk.date or talk.day[:10]
    clock = _CLOCK.fullmatch(talk.start)
    if not clock:
        return f"{day} {talk.start}".strip() if talk.start else day
    try:
        when = datetime.combine(date.fromisoformat(day), time())
        when += timedelta(hours=int(clock[1]), minutes=int(clock[2]))
        if not talk.date and when.time() < _day_begins(talk.day_start):
            when += timedelta(days=1)
    except (ValueError, OverflowError):
        return f"{day} {talk.start}".strip()
    return when.isoformat()


def _day_begins(text: str) -> time:
    try:
        return datetime.fromisoformat(text).time()
    except ValueError:
        return time()


def read_duration(text: str, *, days_first: bool) -> timedelta | None:
    """Return how long ``text`` is, or None if it is no duration, or longer than a month."""
    if not _DURATION.fullmatch(text):
        return None
    numbers = [int(one) for one in text.split(":")]
    match numbers:
        case [minutes]:
            length = timedelta(minutes=minutes)
        case [hours, minutes]:
            length = timedelta(hours=hours, minutes=minutes)
        case [first, second, third] if days_first and second < 24:
            length = timedelta(days=first, hours=second, minutes=third)
        case [first, second, third]:
            length = timedelta(hours=first, minutes=second, seconds=third)
        case _:
            return None
    return length if length <= LONGEST else None
