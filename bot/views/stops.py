"""No more announcements, and back again."""

from bot.domain.message import Message, line, plain
from bot.i18n import Texts
from bot.views.labels import command_button, command_word


def stopped_message(texts: Texts, already: bool) -> Message:
    """Say that announcements have ended, what still arrives, and how to undo it."""
    undo = texts("stop.undo", button=texts("button.resume"), word=command_word(texts, "start"))
    said = texts("stop.already" if already else "stop.done")
    lines = (line(said), line(texts("stop.still")), line(undo))
    return Message(lines, ((command_button(texts, "resume", "button.resume"),),))


def resumed_message(texts: Texts) -> Message:
    """Say that announcements arrive again."""
    return Message(
        (line(texts("stop.resumed")),), ((command_button(texts, "stop", "button.stop"),),)
    )


def nothing_to_stop_message(texts: Texts) -> Message:
    """Tell somebody who is on no list that they get no announcements."""
    return plain(texts("stop.unknown"))
