"""When an event is, as people write it: with an offset, without one, or the day alone.

A time whose zone cannot be known is left out and said, never guessed.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.domain.event import EventTime
from bot.domain.people import Problem
from bot.domain.zoned import event_time, to_instant, zone_named
from bot.importers.reading import Problems

_HOW = "write 2027-07-24, 2027-07-24T09:00 or 2027-07-24T09:00:00+02:00"


@dataclass(frozen=True, slots=True)
class Reading:
    """What times are read against.

    Attributes:
        zone: IANA name of the venue's zone; ``UTC`` if it is not known.
        zone_known: False if the file names no zone, or an unknown one.
        problems: Where mistakes are added.
        hint: What to do where no zone is known.
    """

    zone: str
    zone_known: bool
    problems: Problems
    hint: str = "add `timezone: Continent/City`"


def read_zone(value: Any, place: str, problems: Problems) -> Reading:
    """Return the zone that ``value`` names; without one, times are read in UTC."""
    if value in (None, ""):
        return Reading("UTC", False, problems)
    try:
        zone_named(str(value))
    except ValueError as error:
        problems.append(Problem(place, str(error)))
        return Reading("UTC", False, problems)
    return Reading(str(value), True, problems)


def read_time(value: Any, field: str, place: str, reading: Reading) -> EventTime | None:
    """Return when ``value`` is, or None if it is empty or cannot be known."""
    if value in (None, ""):
        return None
    moment = _moment(value)
    if moment is None:
        reading.problems.append(Problem(place, f"{field} {str(value)!r} is no date: {_HOW}"))
        return None
    naive = isinstance(moment, datetime) and moment.tzinfo is None
    if naive and not reading.zone_known:
        text = f"{field} has a clock time but no known time zone: {reading.hint}"
        reading.problems.append(Problem(place, text))
        return None
    try:
        return event_time(moment, reading.zone)
    except (ValueError, OverflowError):
        reading.problems.append(Problem(place, f"{field} {value} is out of range: {_HOW}"))
        return None


def _moment(value: Any) -> datetime | date | None:
    """Return a date or datetime as it is, or as read from ISO text."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except ValueError:
        return None


def ordered(
    start: EventTime | None, end: EventTime | None, place: str, problems: Problems
) -> EventTime | None:
    """Return ``end``, or None with a problem if it lies before ``start`` or stands alone.

    Where one of both is a bare date, days are compared: an event may end on the day it
    starts.
    """
    if end is None:
        return None
    if start is None:
        problems.append(Problem(place, "has an end but no start: the end is left out"))
        return None
    if start.date_only or end.date_only:
        wrong = _day(end) < _day(start)
    else:
        wrong = end.instant < start.instant
    if wrong:
        problems.append(Problem(place, "ends before it starts: the end is left out"))
    return None if wrong else end


def _day(time: EventTime) -> date:
    return time.local.date() if isinstance(time.local, datetime) else time.local


def read_deadline(value: Any, field: str, place: str, reading: Reading) -> datetime | None:
    """Return the last instant of ``value``, aware UTC; a bare date counts to its last second."""
    time = read_time(value, field, place, reading)
    if time is None:
        return None
    if isinstance(time.local, datetime):
        return time.instant
    midnight = datetime.combine(time.local + timedelta(days=1), datetime.min.time())
    return (to_instant(midnight, time.zone) - timedelta(seconds=1)).astimezone(UTC)
