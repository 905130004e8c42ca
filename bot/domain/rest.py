"""When announcements leave somebody in peace: quiet hours, and days of the week.

Both are read on the person's own clock. A person's choice counts, else what staff have set for
the organisation. Answers to what somebody does are never held back.
"""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.preferences import QuietHours
from bot.domain.zoned import to_instant

WEEK = "1234567"
"""All days as they are stored: Monday is 1, as in ISO 8601."""
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_STEPS = 20
"""A week has at most so many turns between quiet and not."""


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
        at = now
        for _ in range(_STEPS):
            further = self._day_after(at, zone)
            if further is None and self.quiet is not None:
                further = self.quiet.end_after(at, zone)
            if further is None:
                break
            at = further
        return at if at > now else None

    def _day_after(self, at: datetime, zone: str) -> datetime | None:
        """Return when the next day begins on which they may come; None if they may today."""
        if not self.days or set(WEEK) <= set(self.days):
            return None
        local = at.astimezone(ZoneInfo(zone))
        for ahead in range(8):
            day = local.date() + timedelta(days=ahead)
            if str(day.isoweekday()) in self.days:
                return to_instant(datetime.combine(day, time()), zone) if ahead else None
        return None


def days_in(text: str) -> str | None:
    """Return the days that ``text`` names, such as ``mon-fri`` or ``mon,wed``; else None.

    ``all`` names the whole week; a span may go over its end.
    """
    if text.strip().casefold() == "all":
        return WEEK
    found: set[int] = set()
    for piece in re.split(r"[,\s]+", text.strip().casefold()):
        first, _, last = piece.partition("-")
        if first not in _NAMES or (last or first) not in _NAMES:
            return None
        begin, end = _NAMES.index(first), _NAMES.index(last or first)
        found |= {(begin + step) % 7 for step in range((end - begin) % 7 + 1)}
    return "".join(str(day + 1) for day in sorted(found)) or None


def is_days(stored: str) -> bool:
    """Return whether ``stored`` is a choice of days as it stands in the database."""
    return bool(stored) and list(stored) == sorted(set(stored)) and set(stored) <= set(WEEK)
