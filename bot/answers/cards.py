"""Sessions and event records as the words that find them and the lines that answer.

Times are shown by :mod:`bot.i18n`: the venue's and, beside it, the reader's.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from babel.dates import format_date

from bot.answers.contract import Question
from bot.answers.plain import plain_lines
from bot.domain.event import Event, EventTime, Session
from bot.domain.reader import Reader
from bot.i18n import Texts, best_language, languages, texts_for, when_text

SEPARATOR = " · "
_SHOWN = ("title", "city", "country", "venue", "date_note")
"""Fields of the event itself, which are said before its facts."""


LABELLED = frozenset({"audience", "invitation", "note", "organiser", "fee", "contact"})
"""Facts for which the catalogs have a label (``event.…``)."""


def session_lines(session: Session, question: Question) -> tuple[str, ...]:
    """Return title, speakers, time and room, then the abstract."""
    facts = (
        session.title,
        ", ".join(session.speakers),
        span(session.start, session.end, question),
        session.room,
        SEPARATOR.join(one for one in (session.type, session.track) if one),
    )
    return (*(one for one in facts if one), *plain_lines(session.abstract))


def session_words(session: Session) -> str:
    """Return what finds a session besides its name."""
    return " ".join((session.room, *_time_words(session.start), session.abstract))


def event_lines(event: Event, question: Question) -> tuple[str, ...]:
    """Return the event as a short passage; an unknown date is what is known of it."""
    texts = texts_for(best_language(question.language, default="en"))
    if event.start is None:
        note = event.note(question.language)
        unknown = texts("event.to-be-announced")
        when = (note or unknown,)
    else:
        when = (span(event.start, event.end, question),)
    comma = "，" if texts.language.startswith("zh") else ", "
    place = comma.join(dict.fromkeys(_place(event, question.language)))
    facts = (
        _labelled(key, text, texts)
        for key, value in facts_for(question.language, event.facts)
        if (text := _flat(value))
    )
    return tuple(one for one in (event.title(question.language), *when, place, *facts) if one)


def _labelled(key: str, text: str, texts: Texts) -> str:
    """Return a fact with its label in the reader's language; one that nobody named has none."""
    if key in LABELLED:
        return texts(f"event.{key}", text=text)
    return f"{_spoken(key).capitalize()}: {text}" if texts.language == "en" else text


def facts_for(language: str, facts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the facts in one language: ``city_zh`` stands for ``city``, or for nothing."""
    for key, value in facts.items():
        base, _, tag = key.rpartition("_")
        if tag not in languages():
            yield key, facts.get(f"{key}_{language}") or value
        elif tag == language and base not in facts and base not in _SHOWN:
            yield base, value


def event_words(event: Event) -> str:
    """Return what finds an event besides its names."""
    facts = (f"{_spoken(key)} {_flat(value)}" for key, value in event.facts.items())
    words = (event.city, event.country, event.venue, *event.date_note.values(), *facts)
    return " ".join((*words, *_time_words(event.start)))


def span(start: EventTime | None, end: EventTime | None, question: Question) -> str:
    """Return begin and end in the reader's language; an end on the same day is a clock only."""
    if start is None:
        return ""
    begin = _when(start, question)
    if end is None or end.instant <= start.instant:
        return begin
    both_clock = isinstance(start.local, datetime) and isinstance(end.local, datetime)
    if both_clock and _day(start) == _day(end):
        return f"{begin} – {end.local:%H:%M}"
    return f"{begin} – {_when(end, question)}"


def _when(time: EventTime, question: Question) -> str:
    language = best_language(question.language, default="en")
    reader = Reader(language, question.zone or time.zone)
    return when_text(time.instant, time.zone, reader, time.date_only)


def _day(time: EventTime) -> date:
    return time.local.date() if isinstance(time.local, datetime) else time.local


def _time_words(time: EventTime | None) -> Iterator[str]:
    """Yield day and clock as people type them, in every language."""
    if time is None:
        return
    day = _day(time)
    for language in languages():
        if not language.startswith("zh"):
            yield format_date(day, "EEEE d MMMM y", locale=language)
    weekday = "一二三四五六日"[day.weekday()]
    yield f"周{weekday} 星期{weekday} {day.month}月{day.day}日"
    if isinstance(time.local, datetime):
        yield f"{time.local:%H:%M} {time.local.hour % 12 or 12}:{time.local:%M%p}".lower()


def _place(event: Event, language: str) -> Iterator[str]:
    for name in ("venue", "city", "country"):
        given = event.facts.get(f"{name}_{language}") or getattr(event, name)
        if isinstance(given, str) and given:
            yield given


def _spoken(key: str) -> str:
    return key.replace("_", " ")


def _flat(value: Any) -> str:
    """Return any value of a record as one line."""
    if isinstance(value, list):
        return "; ".join(_flat(one) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_flat(one)}" for key, one in value.items())
    return "" if value is None else str(value)
