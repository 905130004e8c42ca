"""A conference folder becomes one :class:`~bot.domain.event.Conference`.

::

    event.yaml | events.yaml    events
    *.ics                       events that the file above does not know
    sessions.json               talks, breaks, dinners
    *.md                        entries that answer questions, one a heading
"""

from pathlib import Path

from bot.domain.event import Conference, Event
from bot.domain.people import Problem
from bot.domain.refusal import Refusal
from bot.importers.calendar_file import read_calendar
from bot.importers.event_file import NAMES, read_events
from bot.importers.markdown_pages import read_page
from bot.importers.reading import Problems
from bot.importers.session_file import NAME as SESSIONS
from bot.importers.session_file import read_sessions

MAX_FILES = 2_000
_KINDS = (".md", ".ics")


def read_conference(folder: Path) -> tuple[Conference, tuple[Problem, ...]]:
    """Return what the folder holds, and every mistake in it.

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
    conference = _read(folder.resolve().name, files[:MAX_FILES], problems)
    return conference, tuple(problems)


def _readable(path: Path) -> bool:
    named = path.name in NAMES or path.name == SESSIONS
    return (named or path.suffix.lower() in _KINDS) and path.name[0] != "." and path.is_file()


def _read(name: str, files: list[Path], problems: Problems) -> Conference:
    events = _events(name, files, problems)
    zone = next((event.zone for event in events if event.zone != "UTC"), "UTC")
    return Conference(
        name=name,
        events=events,
        sessions=tuple(
            session
            for path in files
            if path.name == SESSIONS
            for session in read_sessions(path, name, zone, problems)
        ),
        entries=tuple(
            entry
            for path in files
            if path.suffix.lower() == ".md"
            for entry in read_page(path, name, problems)
        ),
    )


def _events(name: str, files: list[Path], problems: Problems) -> tuple[Event, ...]:
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
        for event in read_calendar(path, name, tuple(events.values()), problems):
            events[event.slug] = event
    return tuple(events.values())
