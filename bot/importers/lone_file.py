"""A single file that is imported by itself: a calendar, or the schedule of a conference.

Its conference is named by ``--conference``, else by the schedule's acronym, else by the
file. It answers for what came from itself alone: what a folder of the same conference
holds stays as it is.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.domain.event import CALENDAR, SCHEDULE, Conference
from bot.domain.people import Problem
from bot.domain.refusal import Refusal
from bot.domain.zoned import zone_named
from bot.importers.calendar_file import read_calendar
from bot.importers.conference_folder import read_conference
from bot.importers.reading import Problems, one_line, short_name
from bot.importers.schedule_file import parse_schedule, read_schedule

OPTION = "--conference"
MAX_NAME = 100
_IN_SOURCES = "/#"
"""What separates the parts of a source."""
_COPY = re.compile(r"\s*\((?:copy|[0-9]{1,3})\)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says of a path.

    Attributes:
        conference: The conference's name, as a folder may have it, or ``""`` to find one.
        zone: IANA name for a file that names none, or ``""``.
    """

    conference: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a path holds.

    Attributes:
        named_by: Where the conference's name comes from, in words.
    """

    conference: Conference
    problems: tuple[Problem, ...]
    named_by: str

    @property
    def complete(self) -> bool:
        """Whether all of it could be read: else what is missing may only be unreadable."""
        return not any(problem.refused for problem in self.problems)


def read_path(path: Path, asked: Asked) -> Found:
    """Return what a folder, a calendar or a schedule holds, and every mistake in it.

    Raises:
        Refusal: there is nothing to import at all, or what the command line says of it
            cannot be used.
    """
    wanted = asked.conference
    usable = short_name(wanted) and one_line(wanted) == wanted and len(wanted) <= MAX_NAME
    if wanted and (not usable or set(wanted) & set(_IN_SOURCES)):
        raise Refusal("refusal.conference-name", name=one_line(wanted)[:80], option=OPTION)
    if asked.zone:
        try:
            zone_named(asked.zone)
        except ValueError:
            raise Refusal(
                "refusal.zone-unknown", zone=asked.zone, example="Europe/Berlin"
            ) from None
    readers: dict[str, Callable[[Path, Asked], Found]] = {
        ".ics": _calendar,
        ".json": _schedule,
        ".xml": _schedule,
    }
    is_file, is_folder = _kind(path)
    if (reader := readers.get(path.suffix.lower())) and not is_folder:
        if not is_file:
            raise Refusal("refusal.file-missing", path=str(path))
        return reader(path, asked)
    if is_file:
        raise Refusal("refusal.file-kind", path=str(path), kinds=".ics, .json, .xml")
    conference, problems = read_conference(path, asked.conference, asked.zone)
    return Found(conference, problems, OPTION if asked.conference else "the folder")


def _kind(path: Path) -> tuple[bool, bool]:
    """Return whether ``path`` is a file, and whether it is a folder."""
    try:
        return path.is_file(), path.is_dir()
    except (OSError, ValueError):  # a name that no file can have
        return False, False


def _calendar(path: Path, asked: Asked) -> Found:
    problems: Problems = []
    name, named_by = _name(path, "", asked)
    events = read_calendar(path, f"{name}/{CALENDAR}", (), problems, zone=asked.zone)
    return Found(Conference(name, events, part=CALENDAR), tuple(problems), named_by)


def _schedule(path: Path, asked: Asked) -> Found:
    problems: Problems = []
    schedule = parse_schedule(path, problems)
    acronym = schedule.head.acronym if schedule and schedule.head else ""
    name, named_by = _name(path, acronym, asked)
    if schedule is None:
        return Found(Conference(name, part=SCHEDULE), tuple(problems), named_by)
    event, sessions = read_schedule(
        schedule,
        path.name,
        source=f"{name}/{SCHEDULE}",
        slug=short_name(acronym) or short_name(name),
        zone=asked.zone,
        problems=problems,
    )
    conference = Conference(name, (event,) if event else (), sessions, part=SCHEDULE)
    return Found(conference, tuple(problems), named_by)


def _name(path: Path, acronym: str, asked: Asked) -> tuple[str, str]:
    """Return the conference's name and what it comes from."""
    if asked.conference:
        return asked.conference, OPTION
    if short_name(acronym):
        return short_name(acronym), "its acronym"
    stem = short_name(_COPY.sub("", path.stem))
    if not stem:
        raise Refusal("refusal.conference-name", name=path.stem, option=OPTION)
    return stem, "the file's name"
