"""A conference folder becomes one :class:`~bot.domain.event.Conference`.

::

    event.yaml | events.yaml    events
    *.ics                       events that the file above does not know
    sessions.json               talks, breaks, dinners
    schedule.json|schedule.xml  the same, as pretalx and frab export them
    *.md                        entries that answer questions, one a heading
"""

from collections.abc import Iterable
from pathlib import Path

from bot.domain.event import Conference, Event, Session
from bot.domain.people import Problem
from bot.domain.refusal import Refusal
from bot.importers.calendar_file import read_calendar
from bot.importers.event_file import NAMES, read_events
from bot.importers.markdown_pages import read_page
from bot.importers.reading import Problems, short_name
from bot.importers.schedule_file import NAMES as SCHEDULES
from bot.importers.schedule_file import parse_schedule, read_schedule
from bot.importers.session_file import NAME as SESSIONS
from bot.importers.session_file import read_sessions

MAX_FILES = 2_000
_KINDS = (".md", ".ics")


def read_conference(
    folder: Path, name: str = "", zone: str = ""
) -> tuple[Conference, tuple[Problem, ...]]:
    """Return what the folder holds, and every mistake in it.

    Args:
        name: The conference's name, if not the folder's own.
        zone: Of calendars and schedules that name none, where no event does either.

    Raises:
        Refusal: ``refusal.folder-missing`` (``path``) if there is no such folder,
            ``refusal.folder-empty`` (``path``) if nothing in it can be imported: that
            must not pass for a conference from which everything was removed.
    """
    try:
        paths = sorted(folder.resolve().iterdir()) if folder.is_dir() else None
    except OSError:
        paths = None
    if paths is None:
        raise Refusal("refusal.folder-missing", path=str(folder))
    files = [path for path in paths if _readable(path)]
    if not files:
        raise Refusal("refusal.folder-empty", path=str(folder))
    problems: Problems = []
    if len(files) > MAX_FILES:
        problems.append(Problem(folder.name, f"only the first {MAX_FILES} files are read"))
    conference = _read(name or folder.resolve().name, files[:MAX_FILES], zone, problems)
    return conference, tuple(problems)


def _readable(path: Path) -> bool:
    named = path.name in (*NAMES, *SCHEDULES, SESSIONS)
    return (named or path.suffix.lower() in _KINDS) and path.name[0] != "." and path.is_file()


def _read(name: str, files: list[Path], zone: str, problems: Problems) -> Conference:
    events = _events(name, files, zone, problems)
    zone = _zone(events) or zone
    sessions: dict[str, Session] = {}
    for path in (path for path in files if path.name in SCHEDULES):
        event, found = _schedule(path, name, zone, problems)
        if event and not events:  # what people wrote of the conference says more
            events = (event,)
            zone = event.zone
        _add(found, path, sessions, problems)
    for path in (path for path in files if path.name == SESSIONS):
        _add(read_sessions(path, name, zone or "UTC", problems), path, sessions, problems)
    return Conference(
        name=name,
        events=events,
        sessions=tuple(sessions.values()),
        entries=tuple(
            entry
            for path in files
            if path.suffix.lower() == ".md"
            for entry in read_page(path, name, problems)
        ),
    )


def _schedule(
    path: Path, name: str, zone: str, problems: Problems
) -> tuple[Event | None, tuple[Session, ...]]:
    schedule = parse_schedule(path, problems)
    if schedule is None:
        return None, ()
    acronym = schedule.head.acronym if schedule.head else ""
    return read_schedule(
        schedule,
        path.name,
        source=f"{name}/{path.name}",
        slug=short_name(acronym) or short_name(name) or name,
        zone=zone,
        problems=problems,
    )


def _add(
    found: Iterable[Session], path: Path, sessions: dict[str, Session], problems: Problems
) -> None:
    for session in found:
        if session.key in sessions:
            text = f"session {session.key!r} stands in two files: {sessions[session.key].source}"
            problems.append(Problem(path.name, f"{text} counts"))
        else:
            sessions[session.key] = session


def _zone(events: Iterable[Event]) -> str:
    """Return the first zone that an event names, or ``""``."""
    return next((event.zone for event in events if event.zone != "UTC"), "")


def _events(name: str, files: list[Path], zone: str, problems: Problems) -> tuple[Event, ...]:
    """Return the events of YAML first, then those that only a calendar knows."""
    events: dict[str, Event] = {}
    for path in (path for path in files if path.name in NAMES):
        for event in read_events(path, name, problems):
            if event.slug in events:
                text = f"{event.slug!r} stands in {' and '.join(NAMES)}: keep one of them"
                problems.append(Problem(path.name, text))
            else:
                events[event.slug] = event
    for path in (path for path in files if path.suffix.lower() == ".ics"):
        known, file = tuple(events.values()), f"{name}/{path.name}"
        for event in read_calendar(path, file, known, problems, zone=zone):
            events[event.slug] = event
    return tuple(events.values())
