"""Schedules in XML: ``schedule.xml`` of frab and pretalx.

::

    <schedule><conference>…</conference>
      <day index date start><room name><event guid id><date>…<start>…<duration>…

XML can carry bombs: entities and outside references are refused by ``defusedxml``, and a
file of more elements, or deeper ones, than any schedule has is refused before it grows.
"""

import io
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from bot.domain.people import Problem
from bot.importers.reading import Problems, one_line
from bot.importers.schedule import MAX_PERSONS, MAX_TALKS, Head, Schedule, Talk

MAX_ELEMENTS = 500_000
MAX_DEPTH = 30


class _TooLarge(Exception):
    """The file has more elements, or deeper ones, than a schedule."""


def parse_xml(data: bytes, name: str, problems: Problems) -> Schedule | None:
    """Return the schedule, or None with a problem added if the file is none."""
    try:
        root = _tree(data)
    except ParseError as error:
        line = error.position[0]
        what = str(error).partition(":")[0]
        problems.append(Problem(f"{name} line {line}", f"is not XML: {one_line(what)}"))
        return None
    except DefusedXmlException:
        text = "defines entities or refers to other files, which a schedule needs not: refused"
        problems.append(Problem(name, text))
        return None
    except _TooLarge:
        problems.append(Problem(name, "is nested too deep, or too large, for a schedule"))
        return None
    except (ValueError, LookupError) as error:
        problems.append(Problem(name, f"is not XML that can be read: {one_line(error)[:120]}"))
        return None
    if _tag(root) != "schedule":
        text = "is no schedule of pretalx or frab: <schedule><conference>… was expected"
        problems.append(Problem(name, text))
        return None
    conference = _child(root, "conference")
    talks: list[Talk] = []
    for talk in _talks(root, name, problems):
        if len(talks) == MAX_TALKS:
            problems.append(Problem(name, f"only the first {MAX_TALKS} talks are read"))
            break
        talks.append(talk)
    return Schedule(_head(root, conference) if conference is not None else None, tuple(talks))


def _tree(data: bytes) -> Element:
    root = Element("nothing")
    depth = count = 0
    for what, element in iterparse(io.BytesIO(data), events=("start", "end")):
        if what == "end":
            depth -= 1
            continue
        depth += 1
        count += 1
        if count == 1:
            root = element
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise _TooLarge
    return root


def _tag(element: Element) -> str:
    """Return the name without its namespace, in lower case."""
    return str(element.tag).rpartition("}")[2].lower()


def _children(element: Element, name: str) -> Iterator[Element]:
    return (one for one in element if _tag(one) == name)


def _child(element: Element, name: str) -> Element | None:
    return next(_children(element, name), None)


def _text(element: Element | None) -> str:
    return "".join(element.itertext()) if element is not None else ""


def _line(element: Element, name: str) -> str:
    return one_line(_text(_child(element, name)))


def _head(root: Element, conference: Element) -> Head:
    generator = _child(root, "generator")
    made_by = generator.get("name", "") if generator is not None else ""
    return Head(
        acronym=_line(conference, "acronym"),
        title=_line(conference, "title"),
        zone=_line(conference, "time_zone_name"),
        start=_line(conference, "start"),
        end=_line(conference, "end"),
        url=_line(conference, "url") or _line(conference, "base_url"),
        made_by=one_line(made_by).lower(),
    )


def _talks(root: Element, name: str, problems: Problems) -> Iterator[Talk]:
    days = list(_children(root, "day"))
    if not days:
        problems.append(Problem(name, "has no <day>: nothing is imported from it"))
    for number, day in enumerate(days, 1):
        for room in _children(day, "room"):
            named = one_line(room.get("name"))
            for count, event in enumerate(_children(room, "event"), 1):
                place = f"{name} day {number}, {named[:60]}, event {count}"
                yield _talk(event, place, day, named)


def _talk(event: Element, place: str, day: Element, room: str) -> Talk:
    keys = (event.get("guid"), event.get("code"), event.get("id"), _line(event, "slug"))
    return Talk(
        place=place,
        key=next((one_line(key) for key in keys if one_line(key)), ""),
        title=_line(event, "title"),
        subtitle=_line(event, "subtitle"),
        type=_line(event, "type"),
        track=_line(event, "track"),
        room=room or _line(event, "room"),
        persons=tuple(_persons(event)),
        day=one_line(day.get("date")),
        day_start=one_line(day.get("start")),
        date=_line(event, "date"),
        start=_line(event, "start"),
        duration=_line(event, "duration"),
        abstract=_text(_child(event, "abstract")),
        description=_text(_child(event, "description")),
    )


def _persons(event: Element) -> Iterator[str]:
    persons = _child(event, "persons")
    for one in list(persons if persons is not None else ())[:MAX_PERSONS]:
        if shown := one_line(_text(one)) or one_line(one.get("public_name") or one.get("name")):
            yield shown
