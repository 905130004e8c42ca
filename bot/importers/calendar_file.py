"""``*.ics``: each VEVENT becomes an event, beside the other files of a folder or by itself.

In a folder the records of ``event.yaml`` say more, so they win: a VEVENT with the same
id, or the same title on the same first day, is the same event. iCalendar is RFC 5545; the
end of an all-day event is the day *after* its last there. Its UID is who an event is: of
two with one UID the later SEQUENCE counts, and a date of a series that was moved
(RECURRENCE-ID) is an event of its own. Why a series is not expanded: decision 0020.
"""

import hashlib
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from icalendar import Calendar, Component, vDDDTypes, vDuration

from bot.domain.event import Event, EventTime
from bot.domain.people import Problem
from bot.importers.event_times import Reading, ordered, read_time, read_zone
from bot.importers.html_text import plain_text
from bot.importers.reading import Problems, language_tag, one_line, read_text, short_name

MAX_EVENTS = 5_000
MAX_TITLE = 500
_STATUS = {"CANCELLED": "cancelled", "TENTATIVE": "tentative"}


@dataclass(frozen=True, slots=True)
class _Part:
    """One VEVENT, and what its calendar says of all."""

    event: Component
    place: str
    zone: str
    cancelled: bool


def read_calendar(
    path: Path, file: str, known: tuple[Event, ...], problems: Problems, *, zone: str = ""
) -> tuple[Event, ...]:
    """Return the events of one file that are not among ``known``.

    Args:
        file: Stands before the ``#`` of their sources; begins with the conference's name.
        zone: Of times without one, where the calendar does not name its own.
    """
    text = read_text(path, problems)
    parts = list(_parts(text, path.name, zone, problems)) if text is not None else []
    found: dict[str, Event] = {}
    for part in _newest(parts[:MAX_EVENTS], problems):
        event = _event(part, file, problems)
        if event is None or any(_same(event, one) for one in known):
            continue
        event = _with_own_slug(event, found)
        if event.slug in found:
            text = f"{event.titles['']!r} stands twice on one day: the first counts"
            problems.append(Problem(part.place, text, refused=False))
            continue
        found[event.slug] = event
    return tuple(found.values())


def _parts(text: str, name: str, zone: str, problems: Problems) -> Iterator[_Part]:
    """Yield the VEVENTs of all calendars in the file."""
    count = 0
    try:
        for calendar in _calendars(text):
            own = one_line(_first(calendar, "X-WR-TIMEZONE"))
            if own and not read_zone(own, name, problems).zone_known:
                own = ""
            cancelled = one_line(_first(calendar, "METHOD")).upper() == "CANCEL"
            for event in calendar.walk("VEVENT"):
                count += 1
                yield _Part(event, f"{name} event {count}", own or zone, cancelled)
    except (ValueError, IndexError, KeyError, TypeError, RecursionError, AttributeError) as error:
        problems.append(Problem(name, f"is not iCalendar: {one_line(error)[:120]}"))
        return
    if not count:
        problems.append(Problem(name, "holds no VEVENT: nothing is imported from it"))
    if count > MAX_EVENTS:
        problems.append(Problem(name, f"only the first {MAX_EVENTS} events are read"))


def _calendars(text: str) -> list[Component]:
    """Return the calendars of a file; what the library merely guesses about is a zone's name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(Calendar.from_ical(text, multiple=True))


def _first(component: Component, name: str) -> Any:
    """Return a property, or the first of several; None if there is none."""
    value = component.get(name)
    if isinstance(value, list):
        return value[0] if value else None
    return value


def _uid(event: Component) -> str:
    """Return who the event is: its UID, and which date of a series that was moved."""
    uid = one_line(_first(event, "UID"))[:300]
    moved = _first(event, "RECURRENCE-ID")
    if uid and isinstance(moved, vDDDTypes) and isinstance(moved.dt, date):
        return f"{uid}/{moved.dt.isoformat()}"
    return uid


def _newest(parts: Iterable[_Part], problems: Problems) -> Iterable[_Part]:
    """Return one part for each UID, in order: that with the highest SEQUENCE."""
    found: dict[str, _Part] = {}
    for part in parts:
        uid = _uid(part.event) or part.place
        first = found.get(uid)
        if first is not None:
            text = f"UID {uid} stands twice: the later SEQUENCE counts"
            problems.append(Problem(part.place, text, refused=False))
        if first is None or _sequence(part.event) > _sequence(first.event):
            found[uid] = part
    return found.values()


def _sequence(event: Component) -> int:
    value = _first(event, "SEQUENCE")
    return value if isinstance(value, int) else 0


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


def _with_own_slug(event: Event, found: dict[str, Event]) -> Event:
    """Tell apart two events of one title and day by their UIDs."""
    uid = event.facts.get("uid")
    if event.slug not in found or uid is None:
        return event
    mark = hashlib.sha256(str(uid).encode()).hexdigest()[:6]
    slug = f"{event.slug}-{mark}"
    return replace(event, slug=slug, source=f"{event.source.partition('#')[0]}#{slug}")


def _event(part: _Part, file: str, problems: Problems) -> Event | None:
    event, place = part.event, part.place
    titles = _titles(event)
    if not titles:
        problems.append(Problem(place, "has no SUMMARY: the event is left out"))
        return None
    title, start_value = titles[""], _value(event, "DTSTART")
    if start_value is None:
        problems.append(
            Problem(place, f"{title!r} has no DTSTART that can be read: the event is left out")
        )
        return None
    reading = _zone(start_value, part, problems)
    start = read_time(start_value, "DTSTART", place, reading)
    end_value = _end(event, start_value)
    if end_value is None and (event.get("DTEND") or event.get("DURATION")):
        problems.append(Problem(place, f"{title!r} has an end that cannot be read: left out"))
    end = read_time(end_value, "DTEND", place, reading) if start else None
    if event.get("RRULE") or event.get("RDATE"):
        problems.append(Problem(place, f"{title!r} repeats: only its first date is imported"))
    slug = _slug(event, title, start)
    status = "CANCELLED" if part.cancelled else one_line(_first(event, "STATUS")).upper()
    return Event(
        slug=slug,
        conference=file.partition("/")[0],
        titles=titles,
        status=_STATUS.get(status, "dated" if start else "planned"),
        start=start,
        end=ordered(start, end, place, problems),
        zone=reading.zone,
        venue=one_line(_first(event, "LOCATION"))[:MAX_TITLE],
        facts=dict(_facts(event)),
        source=f"{file}#{slug}",
    )


def _titles(event: Component) -> dict[str, str]:
    """Return the SUMMARY by its LANGUAGE; the main form is one without, else the first."""
    given = event.get("SUMMARY")
    titles: dict[str, str] = {}
    for one in given if isinstance(given, list) else [given]:
        text = one_line(one)[:MAX_TITLE]
        language = one_line(getattr(one, "params", {}).get("LANGUAGE"))
        tag = (language_tag(language) or "") if language else ""
        if text:
            titles.setdefault(tag, text)
    if titles and "" not in titles:
        titles[""] = next(iter(titles.values()))
    return titles


def _value(event: Component, name: str) -> date | None:
    """Return a DATE or DATE-TIME; None for one that is missing or broken."""
    value = _first(event, name)
    found: object = value.dt if isinstance(value, vDDDTypes) else None
    return found if isinstance(found, date) else None


def _end(event: Component, start: date) -> date | None:
    """Return the end, of an all-day event its last day; a DURATION counts from the start."""
    end = _value(event, "DTEND")
    given = _first(event, "DURATION")
    length: object = given.dt if isinstance(given, vDDDTypes | vDuration) else None
    try:
        if end is None and isinstance(length, timedelta):
            if isinstance(start, datetime):
                return start + length
            end = start + max(length, timedelta(days=1))
        if end is not None and not isinstance(end, datetime):
            whole_day = not isinstance(start, datetime) and end == start
            return end if whole_day else end - timedelta(days=1)
    except OverflowError:
        return None
    return end


def _zone(start: date, part: _Part, problems: Problems) -> Reading:
    """Return the zone of a DTSTART: its TZID where that is an IANA name, else the calendar's.

    A time in UTC is an instant; where it is shown follows from the calendar's own zone.
    """
    tzinfo = getattr(start, "tzinfo", None)
    key = str(getattr(tzinfo, "key", None) or "")
    if tzinfo is not None and not (key or part.zone or tzinfo.utcoffset(start) == timedelta()):
        text = f"{_hint(part.event)}: its time is shown in UTC"
        problems.append(Problem(part.place, text, refused=False))
    if key in ("", "UTC", "Etc/UTC") and part.zone:
        key = part.zone
    if not key:
        floating = isinstance(start, datetime) and tzinfo is None
        return Reading("UTC", not floating, problems, hint=_hint(part.event))
    return read_zone(key, part.place, problems)


def _hint(event: Component) -> str:
    """Return what to do for a time in a zone that nobody knows."""
    params = getattr(_first(event, "DTSTART"), "params", {})
    named = one_line(params.get("TZID"))
    return (
        f"TZID {named!r} is unknown: " if named else ""
    ) + "write TZID=Continent/City, or give --timezone"


def _slug(event: Component, title: str, start: EventTime | None) -> str:
    """Return an id made of the title and the first day, or of the UID.

    It is the same at each import while those are; what is stored already is found by its
    UID, so that another title or day makes no second event.
    """
    words = short_name(title)
    day = _day(start).isoformat() if start else one_line(_first(event, "UID"))[:100]
    return f"{words}-{day}" if words else re.sub(r"[\W_]+", "-", day)


def _facts(event: Component) -> Iterable[tuple[str, str]]:
    if uid := _uid(event):
        yield "uid", uid
    if url := one_line(_first(event, "URL")):
        yield "url", url[:2000]
    if description := one_line(plain_text(str(_first(event, "DESCRIPTION") or "")[:20_000])):
        yield "description", description[:2000]
