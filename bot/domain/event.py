"""Conferences: their events, sessions, and the entries that answer questions."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class EventTime:
    """When an event begins or ends: what was meant, and what it comes to.

    Attributes:
        local: Wall time at the venue (naive), or a bare date.
        zone: IANA name of the venue's zone.
        instant: The same as an aware UTC instant; for a bare date, its first moment.
    """

    local: datetime | date
    zone: str
    instant: datetime

    @property
    def date_only(self) -> bool:
        """Whether only the day is known."""
        return not isinstance(self.local, datetime)

    def is_past(self, now: datetime) -> bool:
        """Return whether it is over at ``now``; a bare date lasts its whole day at the venue."""
        if isinstance(self.local, datetime):
            return self.instant < now
        return now.astimezone(ZoneInfo(self.zone)).date() > self.local


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a conference folder. What is not known yet is None or empty, never guessed.

    Attributes:
        slug: The id of the folder's file, unique in the alliance.
        conference: Name of the folder.
        titles: The title by language, ``""`` the main form.
        aka: Other names people use.
        status: ``planned`` while no date is fixed, ``dated``, ``cancelled`` …
        date_note: What *is* known of an unknown date, by language.
        capacity: Seats, or None for no limit.
        reply_by: Last instant for answers, aware UTC, or None.
        facts: Every other field of the file, as given.
        source: Entry id such as ``alliance/events.yaml#frontier-forum-2020``.
    """

    slug: str
    conference: str
    titles: dict[str, str]
    id: int = 0
    aka: tuple[str, ...] = ()
    status: str = "planned"
    start: EventTime | None = None
    end: EventTime | None = None
    zone: str = "UTC"
    date_note: dict[str, str] = field(default_factory=dict)
    city: str = ""
    country: str = ""
    venue: str = ""
    capacity: int | None = None
    reply_by: datetime | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    source: str = ""

    def is_over(self, now: datetime) -> bool:
        """Return whether it is known to be over at ``now``."""
        last = self.end or self.start
        return last is not None and last.is_past(now)

    def invites(self, now: datetime) -> bool:
        """Return whether there is still something to come to that has not begun."""
        begun = self.start is not None and self.start.is_past(now)
        return self.status != "cancelled" and not begun and not self.is_over(now)

    def title(self, language: str) -> str:
        """Return the title in ``language``, else the main form."""
        return self.titles.get(language) or self.titles.get("", self.slug)

    def note(self, language: str) -> str:
        """Return what is known of the date in ``language``, else in the main form."""
        return self.date_note.get(language) or self.date_note.get("", "")


@dataclass(frozen=True, slots=True)
class Session:
    """A talk, a break, a dinner. ``key`` is unique in its conference."""

    key: str
    title: str
    type: str = ""
    track: str = ""
    room: str = ""
    speakers: tuple[str, ...] = ()
    start: EventTime | None = None
    end: EventTime | None = None
    abstract: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage that can answer a question, with the source it is quoted by.

    Attributes:
        source: ``<conference>/<file>.md#<slug of the heading>`` and the like, unique.
        headings: Title of the file and the headings above, outermost first.
        body: The text as written (Markdown).
        language: Of the text, or ``""`` if not said.
    """

    source: str
    conference: str
    headings: tuple[str, ...]
    body: str
    language: str = ""

    @property
    def title(self) -> str:
        """The innermost heading."""
        return self.headings[-1] if self.headings else ""


CALENDAR, SCHEDULE = "calendar", "schedule"
"""What lone files are called in sources, so that a new download under another name, or in
another format, is still the same one."""


@dataclass(frozen=True, slots=True)
class Conference:
    """Everything that one folder holds, or what a lone file adds to a conference.

    Attributes:
        part: ``""`` for a folder, which is the whole conference. A lone file names itself
            here as its sources do (``<name>/<part>#…``): it answers for nothing else.
    """

    name: str
    events: tuple[Event, ...] = ()
    sessions: tuple[Session, ...] = ()
    entries: tuple[Entry, ...] = ()
    part: str = ""
