"""The person's own page of the bot, on a messenger that has one: all that /start says, and more."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.event import Event
from bot.domain.message import Bold, Button, Line, Message, line
from bot.domain.people import Person
from bot.domain.rsvp import Rsvp
from bot.i18n import Texts
from bot.views.dates import takes_answers, when_parts
from bot.views.labels import command_button, cut_label
from bot.views.rsvps import own_answer_lines, rsvp_buttons
from bot.views.welcome import hello_lines

LISTED = 8
"""Events on the page; the others are a button away."""
TITLE_LENGTH = 30
"""Of an event's title on its button, beside which the answers stand."""
BUTTONS_IN_A_ROW = 4


def home_message(
    person: Person | None,
    alliance: str,
    coming: Sequence[tuple[Event, Rsvp | None]],
    texts: Texts,
    *,
    now: datetime,
    commands: Iterable[str],
) -> Message:
    """Return the page: who writes, what is coming with one's own answer, and where all else is.

    Args:
        person: Whose page it is, or None for an account that nobody has linked yet.
        alliance: The alliance's name in the reader's language.
        coming: Events with the person's own answer, soonest first.
        texts: The reader's catalog.
        now: The calendar's instant; decides which answers are still taken.
        commands: Commands that buttons may stand for.
    """
    lines: list[Line] = [*hello_lines(person, alliance, texts), ()]
    shown = coming[:LISTED]
    if not shown:
        lines.append(line(texts("events.none")))
    else:
        lines.append(line(Bold(texts("events.title"))))
    for event, rsvp in shown:
        lines += _event_lines(event, rsvp if person else None, person is not None, texts)
    if len(coming) > LISTED:
        lines.append(line(texts.plural("events.more", len(coming) - LISTED)))
    lines += [(), line(texts("home.ask"))]
    rows = [_event_row(event, person is not None, texts, now) for event, _ in shown]
    if person is None:
        rows.append((Button(texts("button.introduce"), "introduce"),))
    return Message(tuple(lines), (*rows, *_command_rows(commands, texts)))


def _event_lines(event: Event, rsvp: Rsvp | None, is_known: bool, texts: Texts) -> list[Line]:
    title = Bold(event.title(texts.language))
    if event.status == "cancelled":
        return [texts.line("events.item-cancelled", title=title)]
    said = texts.line("events.item", title=title, when=when_parts(event, texts))
    return [said, *(own_answer_lines(rsvp, texts) if is_known else ())]


def _event_row(event: Event, is_known: bool, texts: Texts, now: datetime) -> tuple[Button, ...]:
    title = cut_label(event.title(texts.language), TITLE_LENGTH)
    answers = rsvp_buttons(event.id, texts) if is_known and takes_answers(event, now) else ()
    return (Button(title, "event", str(event.id)), *answers)


def _command_rows(commands: Iterable[str], texts: Texts) -> list[tuple[Button, ...]]:
    labels = {name: "button.mine" if name == "going" else f"button.{name}" for name in commands}
    known = set(texts.keys("button."))
    buttons = [
        command_button(texts, name, label) for name, label in labels.items() if label in known
    ]
    return [
        tuple(buttons[at : at + BUTTONS_IN_A_ROW])
        for at in range(0, len(buttons), BUTTONS_IN_A_ROW)
    ]
