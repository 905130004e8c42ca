"""``*.ics`` beside the other files: each VEVENT that they do not know becomes an event.

The records of ``event.yaml`` say more, so they win: a VEVENT with the same id, or the
same title on the same first day, is the same event. iCalendar is RFC 5545; the end of an
all-day event is the day *after* its last there.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from icalendar import Calendar, Component, vDDDTypes

from bot.domain.event import Event, EventTime
from bot.domain.people import Problem
from bot.importers.event_times import Reading, ordered, read_time, read_zone
from bot.importers.reading import Problems, one_line, read_text

MAX_EVENTS = 5_000


def read_calendar(
    path: Path, conference: str, known: tuple[Event, ...], problems: Problems
) -> tuple[Event, ...]:
    """Return the events of one file that are not among ``known``."""
    text = read_text(path, problems)
    if text is None:
        return ()
    try:
        calendars = Calendar.from_ical(text, multiple=True)
        parts = [part for one in calendars for part in one.walk("VEVENT")]
    except (ValueError, IndexError, KeyError, TypeError, RecursionError, AttributeError) as error:
        problems.append(Problem(path.name, f"is not iCalendar: {one_line(error)[:120]}"))
        return ()
    if not parts:
        problems.append(Problem(path.name, "holds no VEVENT: nothing is imported from it"))
    found: list[Event] = []
    for number, part in enumerate(parts[:MAX_EVENTS], 1):
        event = _event(part, f"{path.name} event {number}", f"{conference}/{path.name}", problems)
        if event and not any(_same(event, one) for one in (*known, *found)):
            found.append(event)
    return tuple(found)


def _same(one: Event, other: Event) -> bool:
    """Return whether both mean one event: by id, or by title and first day."""
    if one.slug == other.slug:
        return True
    names = {name.casefold() for name in (*other.titles.values(), *other.aka)}
    if one.titles[""].casefold() not in names:
        return False
    return other.start is None or one.start is None or _day(one.start) == _day(other.start)


def _day(time: EventTime) -> date:
    return time.local.date() if isinstance(time.local, datetime) else time.local


def _event(part: Component, place: str, file: str, problems: Problems) -> Event | None:
    title = one_line(part.get("SUMMARY"))
    if not title:
        problems.append(Problem(place, "has no SUMMARY: the event is left out"))
        return None
    start_value, end_value = _value(part, "DTSTART"), _value(part, "DTEND")
    if start_value is None:
        problems.append(
            Problem(place, f"{title!r} has no DTSTART that can be read: the event is left out")
        )
        return None
    reading = _zone(start_value, place, problems)
    start = read_time(start_value, "DTSTART", place, reading)
    if isinstance(end_value, date) and not isinstance(end_value, datetime):
        end_value -= timedelta(days=1)
    end = read_time(end_value, "DTEND", place, reading)
    if part.get("RRULE") or part.get("RDATE"):
        problems.append(Problem(place, f"{title!r} repeats: only its first date is imported"))
    slug = _slug(part, title, start)
    return Event(
        slug=slug,
        conference=file.partition("/")[0],
        titles={"": title},
        status="cancelled" if str(part.get("STATUS", "")).upper() == "CANCELLED" else "dated",
        start=start,
        end=ordered(start, end, place, problems),
        zone=reading.zone,
        venue=one_line(part.get("LOCATION")),
        facts=dict(_facts(part)),
        source=f"{file}#{slug}",
    )


def _value(part: Component, name: str) -> Any:
    """Return a DATE or DATE-TIME; None for one that is missing, doubled or broken."""
    value = part.get(name)
    return value.dt if isinstance(value, vDDDTypes) else None


def _zone(start: Any, place: str, problems: Problems) -> Reading:
    """Return the zone of a DTSTART: its TZID where that is an IANA name, else UTC."""
    zone = getattr(start, "tzinfo", None)
    if zone is None:
        return Reading("UTC", not isinstance(start, datetime), problems)
    name = str(getattr(zone, "key", None) or "UTC")
    return read_zone(name, place, problems)


def _slug(part: Component, title: str, start: EventTime | None) -> str:
    """Return an id that is the same at each import: of the title and its first day."""
    plain = unicodedata.normalize("NFKC", title).casefold()
    words = re.sub(r"[\W_]+", "-", plain).strip("-")[:80].strip("-")
    day = _day(start).isoformat() if start else one_line(part.get("UID"))
    return f"{words}-{day}" if words else re.sub(r"[\W_]+", "-", day)


def _facts(part: Component) -> Iterable[tuple[str, str]]:
    for key, name in (("uid", "UID"), ("url", "URL"), ("description", "DESCRIPTION")):
        if part.get(name):
            yield key, one_line(part.get(name))[:2000]
