"""Events: a card, and the list of what is coming."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.event import Event
from bot.domain.message import Bold, Line, Link, Message, When, line
from bot.domain.rsvp import Answer, Rsvp, Seats
from bot.i18n import Texts
from bot.views.dates import date_lines, is_over, takes_answers, when_parts
from bot.views.places import place_line
from bot.views.rsvps import LISTED, event_buttons, own_answer_lines, rsvp_buttons

FACTS = ("audience", "invitation", "note", "organiser", "fee", "contact")
"""Facts that a card shows where they are given; all others answer questions only."""

WEB = ("url", "website", "registration_url", "tickets_url")
STATES = frozenset({"", "planned", "dated", "confirmed", "cancelled"})


def event_card(
    event: Event, texts: Texts, *, seats: Seats, rsvp: Rsvp | None, now: datetime
) -> Message:
    """Return everything that is known of ``event``, and buttons while it can be answered.

    Args:
        event: The event.
        texts: The reader's catalog.
        seats: The event's counter.
        rsvp: The reader's own answer, or None.
        now: The calendar's instant; decides whether answers are still taken.
    """
    lines: list[Line] = [line(Bold(event.title(texts.language)))]
    if event.status == "cancelled":
        return Message((*lines, line(Bold(texts("event.cancelled")))))
    lines += [*date_lines(event, texts), place_line(event, texts), *_facts(event, texts)]
    if is_over(event, now):
        return Message((*lines, (), line(texts("event.over"))))
    can_join = takes_answers(event, now) and (rsvp is None or rsvp.answer is not Answer.GOING)
    lines += [(), *seat_lines(seats, can_join, texts), *deadline_lines(event, texts, now)]
    lines += own_answer_lines(rsvp, texts)
    if not takes_answers(event, now):
        return Message(tuple(lines))
    if event.start is None:
        lines.append(line(texts("event.date-later")))
    return Message(tuple(lines), (rsvp_buttons(event.id, texts),))


def event_list(events: Sequence[Event], texts: Texts) -> Message:
    """Return what is coming, with a button for each card."""
    if not events:
        return Message((line(texts("events.none")),))
    shown = events[:LISTED]
    lines = [line(Bold(texts("events.title"))), *(_item(event, texts) for event in shown)]
    if len(events) > LISTED:
        lines.append(line(texts.plural("events.more", len(events) - LISTED)))
    lines += [(), line(texts("events.choose"))]
    return Message(tuple(lines), event_buttons(shown, texts))


def _item(event: Event, texts: Texts) -> Line:
    title = Bold(event.title(texts.language))
    if event.status == "cancelled":
        return texts.line("events.item-cancelled", title=title)
    note = event.note(texts.language)
    if event.start is None and note:
        return texts.line("events.item-known", title=title, note=note)
    return texts.line("events.item", title=title, when=when_parts(event, texts))


def _facts(event: Event, texts: Texts) -> list[Line]:
    lines: list[Line] = []
    if event.status not in STATES and " " in event.status:
        lines.append(texts.line("event.note", text=event.status))
    for name in FACTS:
        own = event.facts.get(f"{name}_{texts.language}") or event.facts.get(name)
        if isinstance(own, str) and own.strip():
            lines.append(texts.line(f"event.{name}", text=" ".join(own.split())))
    for name in WEB:
        url = event.facts.get(name)
        if isinstance(url, str) and url.startswith(("http://", "https://")):
            lines.append(texts.line("event.web", text=Link(url, url)))
    return lines


def seat_lines(seats: Seats, can_join: bool, texts: Texts) -> list[Line]:
    """Return how many seats are left and how many wait; nothing where there is no limit."""
    if seats.free is None:
        return []
    lines = [line(texts.plural("seats.left", seats.free) if seats.free else texts("seats.full"))]
    if seats.waiting:
        lines.append(line(texts.plural("seats.waiting", seats.waiting)))
    if not seats.free and can_join:
        lines.append(line(texts("seats.join", button=texts("button.going"))))
    return lines


def deadline_lines(event: Event, texts: Texts, now: datetime) -> list[Line]:
    """Return until when answers are taken, where that is known."""
    if event.reply_by is None:
        return []
    key = "event.reply-by" if now <= event.reply_by else "event.reply-by-passed"
    return [texts.line(key, when=When(event.reply_by, event.zone))]
