"""Which stored events the events of a file are, before they are compared with them.

* An event of a calendar is known by its UID: with another title, or on another day, it is
  still the same one, and keeps its id and its answers.
* A lone file never changes an event that another file describes: that one says more of
  it (its seats, its deadline).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.domain.event import Conference, Event
from bot.domain.people import Problem


def settled(
    conference: Conference, stored: Iterable[Event]
) -> tuple[Conference, tuple[Problem, ...]]:
    """Return the conference with its events as they are known, and notes of those left out."""
    by_slug = {event.slug: event for event in stored}
    by_uid = {uid: event for event in by_slug.values() if (uid := _uid(event))}
    kept: list[Event] = []
    notes: list[Problem] = []
    for event in _named(conference, by_uid):
        known = by_slug.get(event.slug)
        if conference.part and known and known.source != event.source:
            text = f"{known.source} describes this event: it stays as it is there"
            notes.append(Problem(event.source, text, refused=False))
        else:
            kept.append(event)
    return replace(conference, events=tuple(kept)), tuple(notes)


def names_of(event: Event) -> tuple[str, ...]:
    """Return what the event is known by: its id, and its UID if it has one."""
    return (event.slug, f"uid:{_uid(event)}") if _uid(event) else (event.slug,)


def _uid(event: Event) -> str:
    uid = event.facts.get("uid")
    return uid if isinstance(uid, str) else ""


def _named(conference: Conference, by_uid: Mapping[str, Event]) -> list[Event]:
    """Give each event the id under which its UID is stored; a new one gets out of its way."""
    names: dict[int, str] = {}
    for number, event in enumerate(conference.events):
        known = by_uid.get(_uid(event))
        if (
            known
            and known.slug not in names.values()
            and (conference.part or known.conference == event.conference)
        ):
            names[number] = known.slug
    fixed = {event.slug for event in conference.events if not _uid(event)}
    names = {number: slug for number, slug in names.items() if slug not in fixed}
    taken = {*fixed, *names.values()}
    found = []
    for number, event in enumerate(conference.events):
        slug = names.get(number)
        if slug is None and _uid(event):
            slug = _free(event.slug, taken)
            taken.add(slug)
        found.append(_renamed(event, slug or event.slug))
    return found


def _free(slug: str, taken: set[str]) -> str:
    number = 1
    while (name := slug if number == 1 else f"{slug}-{number}") in taken:
        number += 1
    return name


def _renamed(event: Event, slug: str) -> Event:
    file = event.source.partition("#")[0]
    return event if slug == event.slug else replace(event, slug=slug, source=f"{file}#{slug}")
