"""``event.yaml`` and ``events.yaml``: one record or a list of them becomes events."""

import re
from pathlib import Path
from typing import Any

from bot.domain.event import Event
from bot.domain.people import Problem
from bot.importers.event_times import ordered, read_deadline, read_time, read_zone
from bot.importers.reading import Problems, language_tag, one_line, read_text
from bot.importers.yaml_records import Record, plain_value, read_records

NAMES = ("event.yaml", "events.yaml")
STATUSES = ("planned", "tentative", "dated", "postponed", "cancelled", "closed", "past")
"""Words of ``status`` that say where an event stands; any other text is a fact about it."""

_SLUG = re.compile(r"[^\W_][\w.\-]{0,99}")
_OWN = {
    "id", "title", "aka", "status", "start", "end", "timezone", "date_note", "city", "country",
    "venue", "capacity", "reply_by",
}  # fmt: skip
_BY_LANGUAGE = re.compile(r"(title|date_note)_([A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?)")


def read_events(path: Path, conference: str, problems: Problems) -> tuple[Event, ...]:
    """Return the events of one file; of two with one id the first counts."""
    text = read_text(path, problems)
    if text is None:
        return ()
    found: dict[str, Event] = {}
    for record in read_records(text, path.name, problems):
        slug = _slug(record, problems)
        if slug in found:
            problems.append(Problem(record.place, f"id {slug!r} stands twice: give it another id"))
        elif slug:
            found[slug] = _event(record, slug, f"{conference}/{path.name}", problems)
    return tuple(found.values())


def _slug(record: Record, problems: Problems) -> str:
    value = record.values.get("id")
    slug = one_line(value) if isinstance(value, str | int) else ""
    if _SLUG.fullmatch(slug):
        return slug
    what = f"id {slug!r} is not usable" if slug else "has no id"
    text = f"{what}: write `id: short-name` (letters, digits, - _ .); the event is left out"
    problems.append(Problem(record.place, text))
    return ""


def _event(record: Record, slug: str, file: str, problems: Problems) -> Event:
    values = record.values
    reading = read_zone(values.get("timezone"), _place(record, "timezone"), problems)
    start = read_time(values.get("start"), "start", _place(record, "start"), reading)
    end = read_time(values.get("end"), "end", _place(record, "end"), reading)
    if start and not values.get("timezone"):
        problems.append(Problem(record.place, "has no timezone: add `timezone: Continent/City`"))
    titles = _texts(record, "title", problems)
    if not titles:
        problems.append(Problem(record.place, f"{slug} has no title: its id is shown instead"))
    status, facts = _status(record, start is not None)
    return Event(
        slug=slug,
        conference=file.partition("/")[0],
        titles=titles or {"": slug},
        aka=_names(record, problems),
        status=status,
        start=start,
        end=ordered(start, end, _place(record, "end"), problems),
        zone=reading.zone,
        date_note=_texts(record, "date_note", problems),
        city=one_line(values.get("city")),
        country=one_line(values.get("country")),
        venue=one_line(values.get("venue")),
        capacity=_capacity(record, problems),
        reply_by=read_deadline(
            values.get("reply_by"), "reply_by", _place(record, "reply_by"), reading
        ),
        facts=facts,
        source=f"{file}#{slug}",
    )


def _place(record: Record, key: str) -> str:
    """Return file and line of ``key``, or of the record where the key is missing."""
    if key not in record.lines:
        return record.place
    return f"{record.place.rpartition(' ')[0]} {record.lines[key]}"


def _texts(record: Record, key: str, problems: Problems) -> dict[str, str]:
    """Return a text by language: a string, a mapping, and fields such as ``title_zh``."""
    value = record.values.get(key)
    given = dict(value) if isinstance(value, dict) else {"": value}
    for name, one in record.values.items():
        match = _BY_LANGUAGE.fullmatch(name)
        if match and match[1] == key:
            given[match[2]] = one
    texts: dict[str, str] = {}
    for language, text in given.items():
        tag = language_tag(str(language)) if language else ""
        if tag is None:
            text_of_problem = f"{key}: unknown language {language!r}: write en, zh …"
            problems.append(Problem(_place(record, key), text_of_problem))
        elif one_line(text):
            texts[tag] = one_line(text)
    if texts and "" not in texts:
        texts[""] = texts.get("en") or next(iter(texts.values()))
    return texts


def _names(record: Record, problems: Problems) -> tuple[str, ...]:
    value = record.values.get("aka")
    if isinstance(value, str):
        value = [value]
    if value is not None and not isinstance(value, list):
        problems.append(Problem(_place(record, "aka"), "aka must be a list of names: [A, B]"))
        return ()
    return tuple(name for one in value or () if (name := one_line(one)))


def _status(record: Record, dated: bool) -> tuple[str, dict[str, Any]]:
    """Return the status, and the facts: every field that is no field of an event."""
    facts = {
        key: plain_value(value)
        for key, value in record.values.items()
        if key not in _OWN and not _BY_LANGUAGE.fullmatch(key)
    }
    given = one_line(record.values.get("status"))
    if given.lower() in STATUSES:
        return given.lower(), facts
    if given:
        facts["status"] = given
    return ("dated" if dated else "planned"), facts


def _capacity(record: Record, problems: Problems) -> int | None:
    value = record.values.get("capacity")
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31:
        return value
    text = f"capacity {value!r} must be a whole number above 0: no limit is set until then"
    problems.append(Problem(_place(record, "capacity"), text))
    return None
