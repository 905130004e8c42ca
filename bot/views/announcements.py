"""What the secretariat says to many, as one reader gets it."""

from dataclasses import dataclass

from bot.domain.announcement import Announcement, Body
from bot.domain.message import Attachment, Bold, Button, Italic, Line, Message, line, text_of
from bot.domain.rsvp import Rsvp
from bot.i18n import Texts, best_language, texts_for
from bot.views.fields import Values, filled
from bot.views.markdown import markdown_lines
from bot.views.rsvps import own_answer_lines, rsvp_buttons


@dataclass(frozen=True, slots=True)
class Confirm:
    """The announcement ``number`` asks to be confirmed; ``done`` once the reader has."""

    number: int
    done: bool = False


MARK = "a"
"""Third part of a button's value that says: this stands on an announcement."""


def announcement_message(
    body: Body,
    texts: Texts,
    *,
    event_id: int | None = None,
    rsvp: Rsvp | None = None,
    signature: str = "",
    confirm: Confirm | None = None,
    fields: Values | None = None,
    files: tuple[Attachment, ...] = (),
) -> Message:
    """Return ``body`` as a message.

    Args:
        body: The words in the reader's language.
        texts: The reader's catalog.
        event_id: The event whose invitation goes with it: adds the answer buttons.
        rsvp: The reader's answer, shown once it was given.
        signature: The alliance's last line, or ``""``.
        confirm: What the reader is asked to confirm, and whether they have; None asks nothing.
        fields: What ``{name}`` and the like stand for.
        files: What the reader gets with it.
    """
    lines: list[Line] = list(markdown_lines(body.text))
    title = body.title.strip()
    if title and not (lines and text_of(lines[:1]).strip() == title):
        lines = [line(Bold(title)), (), *lines] if lines else [line(Bold(title))]
    if fields:
        lines = list(filled(Message(tuple(lines)), fields).lines)
    if signature:
        lines += [(), line(signature)]
    rows: list[tuple[Button, ...]] = []
    if event_id is not None:
        rows.append(rsvp_buttons(event_id, texts, MARK))
        lines += [(), *own_answer_lines(rsvp, texts)] if rsvp is not None else []
    if confirm is not None and confirm.done:
        lines += [(), line(Bold(texts("ack.done")))]
    elif confirm is not None:
        rows.append((Button(texts("button.acknowledge"), "ack", str(confirm.number)),))
    return Message(tuple(lines), tuple(rows), files, files_first=True)


def trial_message(
    announcement: Announcement,
    language: str,
    texts: Texts,
    *,
    signature: str = "",
    fields: Values | None = None,
    files: tuple[Attachment, ...] = (),
) -> Message:
    """Return it as one of its readers will see it, marked as a test; its buttons are named only.

    A press on a test must neither take a seat nor confirm anything.
    """
    body = announcement.body(best_language(language, default=announcement.bodies[0].language))
    shown = texts_for(best_language(body.language, default=texts.language))
    confirm = Confirm(announcement.id) if announcement.acknowledge else None
    event = 1 if announcement.rsvp_event else None
    whole = announcement_message(
        body, shown, event_id=event, signature=signature, confirm=confirm, fields=fields
    )
    labels = " · ".join(f"[{button.label}]" for row in whole.buttons for button in row)
    below: tuple[Line, ...] = ((), line(labels)) if labels else ()
    lines = (line(Italic(texts("test.line"))), (), *whole.lines, *below)
    return Message(lines, (), files, files_first=True)


def withdrawn_message(body: Body, texts: Texts, fields: Values | None = None) -> Message:
    """Return what stands where an announcement was that could not be deleted any more."""
    message = Message((line(texts("withdrawn.line", title=body.title)),))
    return filled(message, fields) if fields else message
