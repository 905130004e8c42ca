"""When the secretariat is there: weekdays and a time of day, in its own zone."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.zoned import to_instant

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FORM = re.compile(
    r"(?P<first>[a-z]{3})(?:\s*[-–]\s*(?P<last>[a-z]{3}))?\s+"
    r"(?P<begin>\d{1,2}:\d{2})\s*[-–]\s*(?P<end>\d{1,2}:\d{2})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """From one weekday to another (0 is Monday), each day from ``begin`` to ``end``."""

    first: int
    last: int
    begin: time
    end: time

    def next_day(self, now: datetime, zone: str) -> tuple[datetime, datetime]:
        """Return when the office is open next, or still: two aware UTC instants."""
        local = now.astimezone(ZoneInfo(zone))
        for ahead in range(8):
            day = local.date() + timedelta(days=ahead)
            ends = to_instant(datetime.combine(day, self.end), zone)
            if self._is_open_on(day.weekday()) and ends > now:
                return to_instant(datetime.combine(day, self.begin), zone), ends
        raise ValueError("there is no such day")

    def _is_open_on(self, weekday: int) -> bool:
        if self.first <= self.last:
            return self.first <= weekday <= self.last
        return weekday >= self.first or weekday <= self.last


def office_hours(text: str) -> OfficeHours:
    """Return the hours that ``text`` means.

    Raises:
        ValueError: it has another form than ``Mon-Fri 09:00-17:30``.
    """
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError("write it as Mon-Fri 09:00-17:30")
    first, last = match["first"].lower(), (match["last"] or match["first"]).lower()
    if first not in DAYS or last not in DAYS:
        raise ValueError(f"the days are {', '.join(DAYS)}")
    try:
        begin, end = (
            time.fromisoformat(match["begin"].zfill(5)),
            time.fromisoformat(match["end"].zfill(5)),
        )
    except ValueError:
        raise ValueError("the time of day goes from 00:00 to 23:59") from None
    if begin >= end:
        raise ValueError("the office closes after it opens")
    return OfficeHours(DAYS.index(first), DAYS.index(last), begin, end)
