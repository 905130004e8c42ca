"""A file with a schedule, JSON or XML, becomes sessions and the conference's own event."""

from pathlib import Path

from bot.domain.event import Event, Session
from bot.importers.reading import Problems, decoded, read_bytes
from bot.importers.schedule import MAX_BYTES, Schedule
from bot.importers.schedule_json import parse_json
from bot.importers.schedule_sessions import conference_event, schedule_zone, sessions
from bot.importers.schedule_xml import parse_xml

NAMES = ("schedule.json", "schedule.xml")
"""What a schedule is called beside the other files of a conference folder."""


def parse_schedule(path: Path, problems: Problems) -> Schedule | None:
    """Return what the file holds, or None with a problem added."""
    data = read_bytes(path, problems, MAX_BYTES)
    if data is None:
        return None
    if path.suffix.lower() == ".xml":
        return parse_xml(data, path.name, problems)
    text = decoded(data, path.name, problems)
    return parse_json(text, path.name, problems) if text is not None else None


def read_schedule(
    schedule: Schedule, file: str, *, source: str, slug: str, zone: str, problems: Problems
) -> tuple[Event | None, tuple[Session, ...]]:
    """Return the conference's event, if the file speaks of it, and its sessions.

    Args:
        file: The file's name, for problems.
        source: Stands before the ``#`` of all sources.
        slug: Id of the event.
        zone: Counts where the file names none; ``""`` if that is not known either.
    """
    reading = schedule_zone(schedule.head, zone, file, problems)
    found = sessions(schedule, source, reading)
    if schedule.head is None:
        return None, found
    event = conference_event(schedule.head, found, reading, slug=slug, source=source, file=file)
    return event, found
