"""What a person chooses for themselves; no import ever changes it.

Quiet hours are wall time in the person's zone, and may go over midnight. They hold back
what the secretariat sends to many. Answers to what the person does are never held back.
"""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.zoned import to_instant

_HOURS = re.compile(
    r"\s*(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|—|to|bis|à|至|到)\s*(\d{1,2})(?:[:.](\d{2}))?\s*"
)


class Topic(StrEnum):
    """What announcements are about; each can be switched off."""

    NEWS = "news"
    INVITATIONS = "invitations"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one wall time to another, perhaps over midnight."""

    begin: time
    end: time

    @property
    def text(self) -> str:
        """``22:00–07:00``, the same in every language."""
        return f"{self.begin:%H:%M}–{self.end:%H:%M}"

    def end_after(self, now: datetime, zone: str) -> datetime | None:
        """Return the aware UTC instant at which they end; None if ``now`` is not in them."""
        local = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        at = local.time()
        over_midnight = self.begin > self.end
        inside = (
            (at >= self.begin or at < self.end) if over_midnight else self.begin <= at < self.end
        )
        if not inside:
            return None
        day = local.date() + timedelta(days=1 if over_midnight and at >= self.begin else 0)
        ends = to_instant(datetime.combine(day, self.end), zone)
        return ends if ends > now else None


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody has chosen; an empty value is no choice.

    Attributes:
        language: Name of a catalog.
        zone: IANA name.
        messenger: The platform that announcements and notices go to.
        quiet: Their own quiet hours, else those of their organisation.
        muted: Topics that are switched off.
        days: The days on which announcements may come, as :mod:`bot.domain.rest` stores them;
            ``""`` is all. Their own, else those of their organisation.
        inherited: Which of ``quiet`` and ``days`` are the organisation's.
    """

    language: str = ""
    zone: str = ""
    messenger: str = ""
    quiet: QuietHours | None = None
    muted: frozenset[Topic] = frozenset()
    days: str = ""
    inherited: frozenset[str] = frozenset()


def quiet_hours(text: str) -> QuietHours | None:
    """Return the hours that ``text`` names, such as ``22-7`` or ``22:00–07:30``; else None."""
    match = _HOURS.fullmatch(text)
    if match is None:
        return None
    begin_hour, begin_minute, end_hour, end_minute = (int(one or 0) for one in match.groups())
    try:
        begin, end = time(begin_hour, begin_minute), time(end_hour % 24, end_minute)
    except ValueError:
        return None
    return QuietHours(begin, end) if begin != end and end_hour <= 24 else None


NO_HOURS = "-"
"""What is stored for whoever chose to have no quiet hours, whatever their organisation has."""


def stored_hours(begin: str, end: str) -> QuietHours | None:
    """Return the hours that the database holds as ``HH:MM``; None for none."""
    return quiet_hours(f"{begin}-{end}") if begin and end else None
