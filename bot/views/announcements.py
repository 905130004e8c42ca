"""What the secretariat says to many, as one reader gets it."""

from bot.domain.announcement import Body
from bot.domain.message import Bold, Line, Message, line, text_of
from bot.domain.rsvp import Rsvp
from bot.i18n import Texts
from bot.views.markdown import markdown_lines
from bot.views.rsvps import own_answer_lines, rsvp_buttons

MARK = "a"
"""Third part of a button's value that says: this stands on an announcement."""


def announcement_message(
    body: Body,
    texts: Texts,
    *,
    event_id: int | None = None,
    rsvp: Rsvp | None = None,
    signature: str = "",
) -> Message:
    """Return ``body`` as a message.

    Args:
        body: The words in the reader's language.
        texts: The reader's catalog.
        event_id: The event whose invitation goes with it: adds the answer buttons.
        rsvp: The reader's answer, shown once it was given.
        signature: The alliance's last line, or ``""``.
    """
    lines: list[Line] = list(markdown_lines(body.text))
    title = body.title.strip()
    if title and not (lines and text_of(lines[:1]).strip() == title):
        lines = [line(Bold(title)), (), *lines] if lines else [line(Bold(title))]
    if signature:
        lines += [(), line(signature)]
    if event_id is None:
        return Message(tuple(lines))
    if rsvp is not None:
        lines += [(), *own_answer_lines(rsvp, texts)]
    return Message(tuple(lines), (rsvp_buttons(event_id, texts, MARK),))
