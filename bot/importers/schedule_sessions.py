"""The talks of a schedule become sessions whose ids stay the same from export to export."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from bot.domain.event import Event, EventTime, Session
from bot.domain.people import Problem
from bot.importers.event_times import Reading, ordered, read_time, read_zone
from bot.importers.html_text import plain_text
from bot.importers.reading import Problems
from bot.importers.schedule import Head, Schedule, Talk
from bot.importers.schedule_times import talk_times
from bot.importers.session_file import MAX_TEXT

MAX_WORDS = 500
"""Characters of a title, a name or a room."""


def schedule_zone(head: Head | None, fallback: str, name: str, problems: Problems) -> Reading:
    """Return the zone that the file names, else ``fallback``; without one, UTC, which is said."""
    given = head.zone if head else ""
    reading = read_zone(given or fallback, name, problems)
    if given and not reading.zone_known and fallback:
        reading = read_zone(fallback, name, problems)
    if not reading.zone_known:
        text = "names no time zone: times are shown in UTC; give one with --timezone"
        problems.append(Problem(name, text, refused=False))
    return replace(reading, hint="give one with --timezone")


def sessions(schedule: Schedule, source: str, reading: Reading) -> tuple[Session, ...]:
    """Return the sessions; ``source`` stands before the ``#`` of theirs.

    The same talk in several rooms at once is one session, and a talk that is given twice
    is two, of which the second has its start behind its id.
    """
    found: dict[str, Session] = {}
    made_by = schedule.head.made_by if schedule.head else ""
    for talk in schedule.talks:
        session = _session(talk, made_by, reading)
        if session is None:
            continue
        for key in (session.key, f"{session.key}@{_stamp(session.start)}"):
            first = found.get(key)
            if first is None:
                found[key] = replace(session, key=key)
                break
            if (first.title, first.start) == (session.title, session.start):
                found[key] = _in_both_rooms(first, session)
                break
        else:
            text = f"id {session.key!r} stands twice: give it another id; it is left out"
            reading.problems.append(Problem(talk.place, text))
    return tuple(replace(one, source=f"{source}#{key}") for key, one in found.items())


def _in_both_rooms(first: Session, second: Session) -> Session:
    rooms = dict.fromkeys([*first.room.split(", "), *second.room.split(", ")])
    return replace(first, room=", ".join(room for room in rooms if room)[:MAX_WORDS])


def _stamp(when: EventTime | None) -> str:
    return when.local.isoformat() if when else ""


def _session(talk: Talk, made_by: str, reading: Reading) -> Session | None:
    problems = reading.problems
    if not talk.key and not talk.title:
        problems.append(Problem(talk.place, "has neither id nor title: it is left out"))
        return None
    if not talk.title:
        text = "has no title: its id is shown instead"
        problems.append(Problem(talk.place, text, refused=False))
    start, end = talk_times(talk, made_by, reading)
    title = ": ".join(one for one in (talk.title, talk.subtitle) if one) or talk.key
    return Session(
        key=(talk.key or f"{talk.title[:80]}@{_stamp(start)}")[:200],
        title=_short(title, "title", talk, problems),
        type=_short(talk.type, "type", talk, problems),
        track=_short(talk.track, "track", talk, problems),
        room=_short(talk.room, "room", talk, problems),
        speakers=tuple(_short(one, "name", talk, problems) for one in talk.persons),
        start=start,
        end=end,
        abstract=_abstract(talk, problems),
    )


def _short(text: str, field: str, talk: Talk, problems: Problems) -> str:
    if len(text) > MAX_WORDS:
        what = f"{field} is cut at {MAX_WORDS} characters"
        problems.append(Problem(talk.place, what, refused=False))
    return text[:MAX_WORDS]


def _abstract(talk: Talk, problems: Problems) -> str:
    """Return abstract and description, of which either often repeats the other."""
    parts = list(dict.fromkeys(one for one in _texts(talk) if one))
    if len(parts) == 2 and parts[1].startswith(parts[0]):
        del parts[0]
    text = "\n\n".join(parts)
    if len(text) > MAX_TEXT:
        what = f"the abstract is cut at {MAX_TEXT} characters"
        problems.append(Problem(talk.place, what, refused=False))
    return text[:MAX_TEXT]


def _texts(talk: Talk) -> Iterator[str]:
    for text in (talk.abstract, talk.description):
        yield plain_text(text[: 2 * MAX_TEXT].replace("\r\n", "\n").replace("\r", "\n"))


def conference_event(
    head: Head,
    given: tuple[Session, ...],
    reading: Reading,
    *,
    slug: str,
    source: str,
    file: str,
) -> Event:
    """Return the conference itself as an event: its days are those of the file or its talks."""
    days = sorted(_day(one.start) for one in given if one.start)
    first, last = (days[0].isoformat(), days[-1].isoformat()) if days else ("", "")
    start = read_time(head.start[:10] or first, "start", file, reading)
    end = read_time(head.end[:10] or last, "end", file, reading)
    facts = {"url": head.url} if head.url.startswith(("https://", "http://")) else {}
    return Event(
        slug=slug,
        conference=source.partition("/")[0],
        titles={"": (head.title or head.acronym or slug)[:MAX_WORDS]},
        aka=(head.acronym[:MAX_WORDS],) if head.acronym not in ("", slug) else (),
        status="dated" if start else "planned",
        start=start,
        end=ordered(start, end, file, reading.problems),
        zone=reading.zone,
        facts=facts,
        source=f"{source}#{slug}",
    )


def _day(when: EventTime) -> date:
    return when.local.date() if isinstance(when.local, datetime) else when.local
