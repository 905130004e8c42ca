"""When announcements leave somebody in peace: quiet hours, and days of the week.

Both are read on the person's own clock. A person's choice counts, else what staff have set for
the organisation. Answers to what somebody does are never held back.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.preferences import QuietHours
from bot.domain.zoned import to_instant

WEEK = "1234567"
"""All days as they are stored: Monday is 1, as in ISO 8601."""
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MORNING = time(8)
"""When what has waited for a day comes: nobody is rung at midnight."""
_DAYS = 16
"""Hours leave a minute free each day, and a clock that is set forward may take it once."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What holds announcements back.

    Attributes:
        days: The days on which they may come, as digits; ``""`` is all of them.
    """

    quiet: QuietHours | None = None
    days: str = ""

    def end_after(self, now: datetime, zone: str) -> datetime | None:
        """Return the aware UTC instant at which it ends; None if ``now`` is not in it."""
        today = now.astimezone(ZoneInfo(zone)).date()
        for ahead in range(_DAYS):
            day = today + timedelta(days=ahead)
            if not self._may_come_on(day):
                continue
            for begin in self._begins(day, now, zone) if ahead else (now,):
                free = self._free_from(begin, zone)
                if free.astimezone(ZoneInfo(zone)).date() == day:
                    return free if free > now else None
        return None

    def _begins(self, day: date, now: datetime, zone: str) -> tuple[datetime, ...]:
        """Return from when a further day is looked at: nobody is rung at midnight after a day off.

        Unless their hours leave no other moment.
        """
        midnight = max(_at(day, time(), zone), now)
        if self._may_come_on(day - timedelta(days=1)):
            return (midnight,)
        return (_at(day, MORNING, zone), midnight)

    def _may_come_on(self, day: date) -> bool:
        return not self.days or str(day.isoweekday()) in self.days

    def _free_from(self, at: datetime, zone: str) -> datetime:
        ends = self.quiet.end_after(at, zone) if self.quiet else None
        return ends or at


def _at(day: date, clock: time, zone: str) -> datetime:
    return to_instant(datetime.combine(day, clock), zone)


def days_in(text: str) -> str | None:
    """Return the days that ``text`` names, such as ``mon-fri`` or ``mon,wed``; else None.

    ``all`` names the whole week; a span may go over its end.
    """
    if text.strip().casefold() == "all":
        return WEEK
    found: set[int] = set()
    for piece in re.split(r"[,\s]+", text.strip().casefold()):
        first, dash, last = piece.partition("-")
        last = last if dash else first
        if first not in _NAMES or last not in _NAMES:
            return None
        begin, end = _NAMES.index(first), _NAMES.index(last)
        found |= {(begin + step) % 7 for step in range((end - begin) % 7 + 1)}
    return "".join(str(day + 1) for day in sorted(found)) or None


def is_days(stored: str) -> bool:
    """Return whether ``stored`` is a choice of days as it stands in the database."""
    return bool(stored) and list(stored) == sorted(set(stored)) and set(stored) <= set(WEEK)
