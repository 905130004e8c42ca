"""A schedule as its file tells it, whatever the format: what JSON and XML are read into.

pretalx and frab export the same things: a conference, its days, in each day the rooms,
in each room the talks. pretalx's own API lists the talks ("slots") and the breaks alone.
Texts are as in the file; :mod:`bot.importers.schedule_sessions` makes sense of them.
"""

from dataclasses import dataclass, field

MAX_TALKS = 20_000
MAX_PERSONS = 100
MAX_BYTES = 10 * 1024 * 1024
"""The largest schedule that we know of, four days in thirty rooms, has 3 MB."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the file says of the conference itself; empty where it does not.

    Attributes:
        zone: IANA name, as written.
        start: First day, ISO; a time behind it is not the opening.
        made_by: Name of the program that wrote the file, in lower case.
    """

    acronym: str = ""
    title: str = ""
    zone: str = ""
    start: str = ""
    end: str = ""
    url: str = ""
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """One talk or break.

    Attributes:
        place: Where it stands in the file.
        key: The id that stays the same from export to export, or ``""``.
        day: Date of its day, ISO.
        day_start: When that day begins, ISO: what starts earlier belongs to the night.
        date: Date or date and time, ISO.
        start: ``HH:MM`` or ISO.
        end: ISO, where there is no duration.
        duration: As written.
    """

    place: str
    key: str
    title: str
    subtitle: str = ""
    type: str = ""
    track: str = ""
    room: str = ""
    persons: tuple[str, ...] = ()
    day: str = ""
    day_start: str = ""
    date: str = ""
    start: str = ""
    end: str = ""
    duration: str = ""
    abstract: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """What one file holds; ``head`` is None if it does not speak of the conference."""

    head: Head | None = None
    talks: tuple[Talk, ...] = field(default=())
