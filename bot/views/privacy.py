"""What is kept of somebody, and their right to have it or have it deleted."""

from bot.domain.message import Attachment, Bold, Button, Line, Message, line
from bot.i18n import Texts
from bot.views.labels import command_word


def privacy_message(alliance: str, contact: str, days: int, texts: Texts, known: bool) -> Message:
    """Return what is kept, why, for how long, and whom to ask."""
    lines: list[Line] = [
        line(Bold(texts("privacy.title"))),
        line(texts("privacy.who", alliance=alliance)),
        line(texts("privacy.what")),
        line(texts("privacy.long", days=days)),
        line(texts("privacy.seen")),
    ]
    if contact:
        lines.append(line(texts("privacy.contact", contact=contact)))
    if not known:
        return Message((*lines, line(texts("privacy.unknown"))))
    row = (
        Button(texts("button.export"), "privacy", "export"),
        Button(texts("button.erase"), "privacy", "erase"),
    )
    return Message(tuple(lines), (row,))


def export_message(content: bytes, texts: Texts) -> Message:
    """Hand over everything that is kept."""
    file = Attachment(f"{texts('privacy.file')}.json", "application/json", content)
    return Message((line(texts("privacy.export")),), attachments=(file,))


def confirm_message(texts: Texts) -> Message:
    """Say what deleting means, and ask once more."""
    row = (
        Button(texts("button.erase-really"), "privacy", "erase-really"),
        Button(texts("button.keep"), "privacy", "keep"),
    )
    return Message((line(texts("privacy.confirm")), line(texts("privacy.seats"))), (row,))


def kept_message(texts: Texts) -> Message:
    """Say that nothing was deleted."""
    return Message((line(texts("privacy.kept")),))


def erased_message(texts: Texts) -> Message:
    """Say goodbye; it holds nothing personal, because it is the last that is stored."""
    word = command_word(texts, "start")
    return Message((line(texts("privacy.erased")), line(texts("privacy.again", word=word))))
