"""Answers to invitations: what was recorded, the waiting list, my answers."""

from collections.abc import Iterable, Sequence

from bot.domain.event import Event
from bot.domain.message import Bold, Button, Line, Message, line
from bot.domain.reader import Reader
from bot.domain.rsvp import Answer, Rsvp, SeatState
from bot.i18n import Texts, texts_for
from bot.views.dates import date_lines, when_parts
from bot.views.labels import command_button, cut_label

LISTED = 20
"""Events shown in a list; a platform's message holds no more buttons than about 50."""


def rsvp_buttons(event_id: int, texts: Texts, mark: str = "") -> tuple[Button, ...]:
    """Return the three answers; ``mark`` says on what kind of message they stand."""
    tail = f":{mark}" if mark else ""
    return tuple(
        Button(texts(f"button.{answer}"), "rsvp", f"{event_id}:{answer}{tail}") for answer in Answer
    )


def own_answer_lines(rsvp: Rsvp | None, texts: Texts) -> tuple[Line, ...]:
    """Return the reader's answer as lines of a card."""
    if rsvp is None:
        return (line(texts("rsvp.yours.none")),)
    return (line(Bold(texts(f"rsvp.yours.{_kind(rsvp)}"))), *_waiting(rsvp, texts))


def recorded(event: Event, rsvp: Rsvp, texts: Texts, *, buttons: bool) -> Message:
    """Return the personal line that follows an answer, and how to change it.

    Args:
        event: What was answered.
        rsvp: What was recorded.
        texts: The reader's catalog.
        buttons: Whether the line brings buttons of its own; an event's card has them.
    """
    lines = (line(recorded_line(event, rsvp, texts)), *_waiting(rsvp, texts))
    row = (rsvp_buttons(event.id, texts),) if buttons else ()
    return Message((*lines, line(texts("rsvp.change"))), row)


def recorded_line(event: Event, rsvp: Rsvp, texts: Texts) -> str:
    """Return what was recorded, in one line."""
    return texts(f"rsvp.recorded.{_kind(rsvp)}", event=event.title(texts.language))


def already_recorded(rsvp: Rsvp, texts: Texts) -> str:
    """Return the notice for a button that was pressed again."""
    return texts(f"rsvp.already.{_kind(rsvp)}")


def promoted(event: Event, texts: Texts) -> Message:
    """Return the good news for somebody who moved up from the waiting list."""
    title = event.title(texts.language)
    lines = (
        line(texts("rsvp.promoted", event=title)),
        *date_lines(event, texts),
        line(texts("rsvp.promoted-change", button=texts("button.declined"))),
    )
    return Message(lines, (rsvp_buttons(event.id, texts),))


def promoted_to(event: Event, reader: Reader) -> Message:
    """Return the good news once its reader is known."""
    return promoted(event, texts_for(reader.language))


def mine(answers: Sequence[tuple[Event, Rsvp]], coming: Iterable[Event], texts: Texts) -> Message:
    """Return all answers of the reader with buttons to change them.

    Args:
        answers: The reader's answers with their events.
        coming: Events to offer where the reader has answered none.
        texts: The reader's catalog.
    """
    if not answers:
        return _nothing_answered(tuple(coming), texts)
    lines: list[Line] = [line(Bold(texts("rsvp.mine")))]
    for event, rsvp in answers[:LISTED]:
        title = Bold(event.title(texts.language))
        lines += [(), texts.line("rsvp.mine-item", title=title, when=when_parts(event, texts))]
        lines += own_answer_lines(rsvp, texts)
    if len(answers) > LISTED:
        lines += [(), line(texts.plural("events.more", len(answers) - LISTED))]
    lines += [(), line(texts("rsvp.mine-change"))]
    return Message(tuple(lines), event_buttons((event for event, _ in answers[:LISTED]), texts))


def event_buttons(events: Iterable[Event], texts: Texts) -> tuple[tuple[Button, ...], ...]:
    """Return one row an event; pressing it shows the event's card."""
    return tuple(
        (Button(cut_label(event.title(texts.language)), "event", str(event.id)),)
        for event in events
    )


def _nothing_answered(coming: Sequence[Event], texts: Texts) -> Message:
    if not coming:
        return Message((line(texts("rsvp.mine-empty")),), _help_row(texts))
    return Message((line(texts("rsvp.mine-none")),), event_buttons(coming[:LISTED], texts))


def _help_row(texts: Texts) -> tuple[tuple[Button, ...], ...]:
    return ((command_button(texts, "help", "button.help"),),)


def _kind(rsvp: Rsvp) -> str:
    return "waitlisted" if rsvp.seat is SeatState.WAITLISTED else str(rsvp.answer)


def _waiting(rsvp: Rsvp, texts: Texts) -> tuple[Line, ...]:
    if rsvp.seat is not SeatState.WAITLISTED:
        return ()
    if rsvp.ahead is None:
        return (line(texts("rsvp.told-when-free")),)
    if rsvp.ahead == 0:
        return (line(texts("rsvp.next-in-line")),)
    return (line(texts.plural("rsvp.ahead", rsvp.ahead)),)
