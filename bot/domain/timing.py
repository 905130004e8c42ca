"""When an announcement is due: what staff mean, and the instant that it comes to.

* ``instant``: one moment for everybody.
* ``reader``: a wall time on each reader's own clock, such as 09:00 everywhere. It begins where
  that comes first, and each reader's copy waits for their own.
* ``event``: so long before an event, on the venue's clock; it moves when the event moves, and
  waits while the event has no date.

Hours that a clock skips or repeats are decided in :mod:`bot.domain.zoned`.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from bot.domain.event import EventTime
from bot.domain.zoned import to_instant

NO_DATE = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for "not before its event has a date"; databases sort it behind everything."""
MORNING = time(9)
"""At what time something is due that is so many days before an event without a clock time."""


class Timing(StrEnum):
    """Whose clock says when it is due."""

    INSTANT = "instant"
    READER = "reader"
    EVENT = "event"


class Repeat(StrEnum):
    """How often it comes again."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Due:
    """A moment as it was meant, and what it comes to.

    Attributes:
        at: Aware UTC instant.
        local: The same as naive wall time in ``zone``, an IANA name.
    """

    at: datetime
    local: datetime
    zone: str


def before_event(start: EventTime | None, before: timedelta, zone: str) -> Due:
    """Return when something is due that is ``before`` the event, on the venue's clock.

    Days are days of the calendar there: the hour stays, though a clock was changed between.
    """
    if start is None:
        return Due(NO_DATE, NO_DATE.replace(tzinfo=None), zone)
    begins = start.local
    if not isinstance(begins, datetime):
        begins = datetime.combine(begins, MORNING)
    local = begins - before
    return Due(to_instant(local, start.zone), local, start.zone)


def next_time(
    first: datetime, repeat: Repeat, after: datetime, until: date | None
) -> datetime | None:
    """Return the first repetition of the wall time ``first`` that is later than ``after``.

    A month without the day has its last one instead, and the next month the meant one again.

    Returns:
        Naive wall time, or None where the last one has been.
    """
    number = _about(first, repeat, after)
    found = _repetition(first, repeat, number)
    while found <= after:
        number += 1
        found = _repetition(first, repeat, number)
    return None if until is not None and found.date() > until else found


def _about(first: datetime, repeat: Repeat, after: datetime) -> int:
    """Return the number of a repetition that is not later than the wanted one."""
    days = max((after - first).days, 0)
    longest = {Repeat.DAY: 1, Repeat.WEEK: 7, Repeat.MONTH: 31, Repeat.YEAR: 366}[repeat]
    return max(days // longest, 1)


def _repetition(first: datetime, repeat: Repeat, number: int) -> datetime:
    if repeat is Repeat.DAY:
        return first + timedelta(days=number)
    if repeat is Repeat.WEEK:
        return first + timedelta(weeks=number)
    months = first.month - 1 + number * (12 if repeat is Repeat.YEAR else 1)
    year, month = first.year + months // 12, months % 12 + 1
    return first.replace(year=year, month=month, day=min(first.day, monthrange(year, month)[1]))
