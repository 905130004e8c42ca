"""What one can do here. Words, not slashes: they work on every platform."""

from bot.domain.message import Bold, Code, Message, line
from bot.i18n import Texts
from bot.views.labels import command_button, command_word

SHOWN = ("events", "going", "stop", "start", "cancel")


def help_message(texts: Texts, unknown: str = "") -> Message:
    """Return what one can do; ``unknown`` is a command that we do not have."""
    first = (
        line(texts("help.unknown-command", command=unknown))
        if unknown
        else line(Bold(texts("help.title")))
    )
    words = (
        texts.line("help.word", word=Code(command_word(texts, name)), about=texts(f"about.{name}"))
        for name in SHOWN
    )
    lines = (
        first,
        line(texts("help.ask", example=texts("help.example"))),
        line(texts("help.words")),
        *words,
        line(texts("help.person")),
    )
    row = (
        command_button(texts, "events", "button.events"),
        command_button(texts, "going", "button.mine"),
    )
    return Message(lines, (row,))
