"""``sessions.json``: one list of talks, breaks and dinners with ISO times."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bot.domain.event import EventTime, Session
from bot.domain.people import Problem
from bot.importers.event_times import Reading, ordered, read_time
from bot.importers.reading import Problems, one_line, read_text

NAME = "sessions.json"
MAX_SESSIONS = 20_000
MAX_TEXT = 20_000
"""Characters of an abstract; what is longer is cut and said."""


def read_sessions(
    path: Path, conference: str, zone: str, problems: Problems
) -> tuple[Session, ...]:
    """Return the sessions of one file; times are shown in ``zone``, the venue's."""
    text = read_text(path, problems)
    items = _items(text, path.name, problems) if text is not None else []
    reading = Reading(zone, zone_known=True, problems=problems)
    found: dict[str, Session] = {}
    for number, item in enumerate(items, 1):
        session = _session(item, f"{path.name} item {number}", conference, reading)
        if session is None:
            continue
        if session.key in found:
            place = f"{path.name} item {number}"
            problems.append(Problem(place, f"id {session.key!r} stands twice: give it another id"))
            continue
        found[session.key] = session
    return tuple(found.values())


def _items(text: str, name: str, problems: Problems) -> list[Any]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        problems.append(Problem(f"{name} line {error.lineno}", f"is not JSON: {error.msg}"))
        return []
    except (RecursionError, ValueError):
        problems.append(Problem(name, "is not JSON that can be read: too deep or too large"))
        return []
    items = data.get("sessions") if isinstance(data, dict) else data
    if not isinstance(items, list):
        problems.append(Problem(name, "must be a list of sessions: [{...}, {...}]"))
        return []
    if len(items) > MAX_SESSIONS:
        problems.append(Problem(name, f"only the first {MAX_SESSIONS} sessions are read"))
    return items[:MAX_SESSIONS]


def _session(item: Any, place: str, conference: str, reading: Reading) -> Session | None:
    problems = reading.problems
    if not isinstance(item, dict):
        problems.append(Problem(place, "must be an object with id, title, start and end"))
        return None
    key = item.get("id")
    if isinstance(key, bool) or not isinstance(key, str | int) or not one_line(key):
        problems.append(Problem(place, "has no id: give the session an id of its own"))
        return None
    start, end = _times(item, f"{place} ({one_line(key)})", reading)
    if not one_line(item.get("title")):
        problems.append(Problem(place, "has no title: its id is shown instead"))
    return Session(
        key=one_line(key),
        title=one_line(item.get("title")) or one_line(key),
        type=one_line(item.get("type")),
        track=one_line(item.get("track")),
        room=one_line(item.get("room")),
        speakers=tuple(_speakers(item.get("speakers"), place, problems)),
        start=start,
        end=end,
        abstract=_abstract(item.get("abstract"), place, problems),
        source=f"{conference}/{NAME}#{one_line(key)}",
    )


def _times(
    item: dict[str, Any], place: str, reading: Reading
) -> tuple[EventTime | None, EventTime | None]:
    start = read_time(item.get("start"), "start", place, reading)
    end = read_time(item.get("end"), "end", place, reading)
    return start, ordered(start, end, place, reading.problems)


def _speakers(value: Any, place: str, problems: Problems) -> Iterable[str]:
    """Yield names; a speaker may be a name or an object with one."""
    for one in value if isinstance(value, list) else [value]:
        name = one.get("name") if isinstance(one, dict) else one
        if isinstance(name, str) and one_line(name):
            yield one_line(name)
        elif one:
            problems.append(Problem(place, "a speaker must be a name: this one is left out"))


def _abstract(value: Any, place: str, problems: Problems) -> str:
    if value is not None and not isinstance(value, str):
        problems.append(Problem(place, "the abstract must be text: it is left out"))
        return ""
    text = (value or "").strip()
    if len(text) > MAX_TEXT:
        problems.append(Problem(place, f"the abstract is cut at {MAX_TEXT} characters"))
    return text[:MAX_TEXT]
