"""Schedules in JSON: ``schedule.json`` of pretalx and frab, and answers of pretalx's API.

::

    {"schedule": {"conference": {"acronym", "title", "time_zone_name", "days":
        [{"date", "day_start", "rooms": {"Room": [{"guid", "title", "date", "duration" …}]}}]}}}
    {"slots": [{"code", "title", "slot": {"room", "start", "end"}, "speakers" …}], "breaks": […]}
    {"results": [… as "slots" …]}

The first is described by the schema of c3voc (https://c3voc.de/schedule/schema.json).
Where the API gives a text by language, English is taken, else the first.
"""

import json
from collections.abc import Iterator
from typing import Any

from bot.domain.people import Problem
from bot.importers.reading import Problems, one_line
from bot.importers.schedule import MAX_PERSONS, MAX_TALKS, Head, Schedule, Talk

_OFF = frozenset({"canceled", "cancelled", "rejected", "withdrawn", "deleted", "draft"})
"""States of a submission that is not on the programme."""


def parse_json(text: str, name: str, problems: Problems) -> Schedule | None:
    """Return the schedule, or None with a problem added if the text is none."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        problems.append(Problem(f"{name} line {error.lineno}", f"is not JSON: {error.msg}"))
        return None
    except (RecursionError, ValueError):
        problems.append(Problem(name, "is not JSON that can be read: too deep or too large"))
        return None
    return _schedule(data, name, problems)


def _schedule(data: Any, name: str, problems: Problems) -> Schedule | None:
    if isinstance(data, list):
        data = {"results": data}
    inner = data.get("schedule", data) if isinstance(data, dict) else None
    if isinstance(inner, dict):
        conference = inner.get("conference")
        if isinstance(conference, dict):
            talks = tuple(_bounded(_days(conference, name, problems), name, problems))
            return Schedule(_head(data, inner, conference), talks)
        lists = [key for key in ("slots", "results", "talks") if isinstance(inner.get(key), list)]
        if lists:
            return Schedule(
                None, tuple(_bounded(_api(inner, lists[0], name, problems), name, problems))
            )
    text = 'is no schedule of pretalx or frab: {"schedule": {"conference": …}} was expected'
    problems.append(Problem(name, text))
    return None


def _bounded(talks: Iterator[Talk | None], name: str, problems: Problems) -> Iterator[Talk]:
    """Yield the talks; None is one that was left out, and counts: so do its problems end."""
    for number, talk in enumerate(talks):
        if number >= MAX_TALKS:
            problems.append(Problem(name, f"only the first {MAX_TALKS} talks are read"))
            return
        if talk:
            yield talk


def _head(data: Any, inner: dict[str, Any], conference: dict[str, Any]) -> Head:
    generator = data.get("generator") or inner.get("generator")
    made_by = generator.get("name") if isinstance(generator, dict) else generator
    url = conference.get("url") or inner.get("url") or inner.get("base_url")
    return Head(
        acronym=words(conference.get("acronym")),
        title=words(conference.get("title")),
        zone=words(conference.get("time_zone_name")),
        start=words(conference.get("start")),
        end=words(conference.get("end")),
        url=words(url or conference.get("base_url")),
        made_by=words(made_by).lower(),
    )


def words(value: Any) -> str:
    """Return a scalar, or one language of a text that is given by language, as one line."""
    return one_line(_text(value))


def _text(value: Any) -> str:
    if isinstance(value, dict):
        given = value.get("name", value)
        if isinstance(given, dict):
            given = given.get("en") or next((one for one in given.values() if one), None)
        value = given
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def _days(conference: dict[str, Any], name: str, problems: Problems) -> Iterator[Talk | None]:
    days = conference.get("days")
    if not isinstance(days, list):
        problems.append(Problem(name, "has no list of days: nothing is imported from it"))
        return
    for number, day in enumerate(days, 1):
        rooms = day.get("rooms") if isinstance(day, dict) else None
        if not isinstance(rooms, dict):
            problems.append(Problem(f"{name} day {number}", "has no rooms: it is left out"))
            yield None
            continue
        for room, items in rooms.items():
            place = f"{name} day {number}, {one_line(room)[:60]}"
            if not isinstance(items, list):
                problems.append(Problem(place, "is no list of talks: the room is left out"))
                yield None
                continue
            for count, item in enumerate(items, 1):
                if isinstance(item, dict):
                    yield _talk(item, f"{place}, item {count}", day, one_line(room))
                else:
                    problems.append(Problem(f"{place}, item {count}", "is no talk: left out"))
                    yield None


def _talk(item: dict[str, Any], place: str, day: dict[str, Any], room: str) -> Talk:
    return Talk(
        place=place,
        key=_key(item, "guid", "code", "id", "slug"),
        title=words(item.get("title")),
        subtitle=words(item.get("subtitle")),
        type=words(item.get("type")),
        track=words(item.get("track")),
        room=room or words(item.get("room")),
        persons=tuple(_persons(item.get("persons"))),
        day=words(day.get("date")),
        day_start=words(day.get("day_start")),
        date=words(item.get("date")),
        start=words(item.get("start")),
        duration=words(item.get("duration")),
        abstract=_text(item.get("abstract")),
        description=_text(item.get("description")),
    )


def _key(item: dict[str, Any], *names: str) -> str:
    return next((found for name in names if (found := words(item.get(name)))), "")


def _persons(value: Any) -> Iterator[str]:
    """Yield names as given; the public one is how somebody wants to be called."""
    for one in value[:MAX_PERSONS] if isinstance(value, list) else ():
        if isinstance(one, dict):
            names = ("public_name", "full_public_name", "display_name", "name", "code")
            shown = next((found for name in names if (found := words(one.get(name)))), "")
        else:
            shown = words(one)
        if shown:
            yield shown


def _api(data: dict[str, Any], slots: str, name: str, problems: Problems) -> Iterator[Talk | None]:
    """Yield the talks and breaks of an answer of pretalx's API."""
    if data.get("next"):
        text = "is one page of several: export all pages, or schedule.json, to get the rest"
        problems.append(Problem(name, text))
    for kind in (slots, "breaks"):
        items = data.get(kind)
        for number, item in enumerate(items if isinstance(items, list) else (), 1):
            place = f"{name} {kind} item {number}"
            if not isinstance(item, dict):
                problems.append(Problem(place, "is no talk: left out"))
                yield None
            elif words(item.get("state")).lower() not in _OFF:
                yield _slot(item, place)


def _slot(item: dict[str, Any], place: str) -> Talk:
    """Return one slot: its talk is the item itself, or its ``submission``."""
    inner = item.get("submission")
    about = {**item, **inner} if isinstance(inner, dict) else item
    slot = item.get("slot")
    when = slot if isinstance(slot, dict) else item
    title, description = words(about.get("title")), _text(about.get("description"))
    key = _key(about, "code", "guid", "id")
    if not title:  # a break is nothing but a description
        title, description = one_line(description), ""
        key = key or f"break-{title[:80]}@{words(when.get('start'))}"
    return Talk(
        place=place,
        key=key,
        title=title,
        type=words(about.get("submission_type") or about.get("type")),
        track=words(about.get("track")),
        room=words(when.get("room")),
        persons=tuple(_persons(about.get("speakers"))),
        start=words(when.get("start")),
        end=words(when.get("end")),
        duration=words(about.get("duration")),
        abstract=_text(about.get("abstract")),
        description=description,
    )
