"""When an event is: known, partly known, or honestly not known yet."""

from datetime import datetime, timedelta

from bot.domain.event import Event, EventTime
from bot.domain.message import Inline, Italic, Line, Text, When, line
from bot.i18n import Texts


def when_of(time: EventTime) -> When:
    """Return ``time`` as an inline part."""
    return When(time.instant, time.zone, time.date_only)


def when_parts(event: Event, texts: Texts) -> Inline:
    """Return the beginning as one inline part, for lists."""
    return when_of(event.start) if event.start else Text(texts("event.to-be-announced"))


def date_lines(event: Event, texts: Texts) -> tuple[Line, ...]:
    """Return begin and end, or what *is* known of a date that is not fixed."""
    start, end = event.start, event.end
    if start is None:
        note = event.note(texts.language)
        known = (texts.line("event.date-known", note=Italic(note)),) if note else ()
        return (line(texts("event.date-unknown")), *known)
    if start.date_only and (end is None or end.instant <= start.instant):
        return (texts.line("event.on", when=when_of(start)),)
    begins = texts.line("event.begins", when=when_of(start))
    return (begins, texts.line("event.ends", when=when_of(end))) if end else (begins,)


def takes_answers(event: Event, now: datetime) -> bool:
    """Return whether a card offers its buttons at ``now``: until the deadline or the end.

    An event without an end takes answers until it begins. The service decides again when a
    button is pressed; a card may be older than the deadline.
    """
    if event.status == "cancelled" or (event.reply_by is not None and now > event.reply_by):
        return False
    last = event.end or event.start
    if last is None:
        return True
    return now <= last.instant + timedelta(days=1 if last.date_only else 0)


def is_over(event: Event, now: datetime) -> bool:
    """Return whether the event has ended at ``now``; an unknown date is never over.

    Where no end is known, the day after the beginning counts: nobody is told that an
    event is over while it may still be going on.
    """
    last = event.end or event.start
    if last is None:
        return False
    lasts_on = last.date_only or event.end is None
    return now >= last.instant + timedelta(days=1 if lasts_on else 0)
