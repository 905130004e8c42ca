"""Answers to questions, with their source, or an honest "I don't know"."""

from bot.domain.message import Italic, Message, line, plain
from bot.i18n import Texts
from bot.views.labels import command_word


def answer_message(text: str, source: str, texts: Texts) -> Message:
    """Return ``text`` with the title of its source in italics below."""
    lines = [line(one) if one.strip() else () for one in text.strip().splitlines()]
    return Message((*lines, line(Italic(texts("answer.source", title=source)))))


def unknown_message(texts: Texts, office: str = "") -> Message:
    """Say that we do not know, that a person will see the question, and when (``office``)."""
    said = (texts("answer.unknown"), texts("answer.handed-over"), office)
    return plain(*filter(None, said))


def empty_message(texts: Texts) -> Message:
    """Say what to do after a message without words."""
    return plain(texts("answer.empty", word=command_word(texts, "help")))


def too_long_message(limit: int, texts: Texts) -> Message:
    """Ask for a question of at most ``limit`` characters."""
    return plain(texts("answer.too-long", limit=limit))


def courtesy_message(kind: str, texts: Texts) -> Message:
    """Return one warm line; ``kind`` comes from :func:`courtesy_kind`."""
    return plain(texts(f"courtesy.{kind}"))
