"""Buttons whose label is somebody's title, and rows of them."""

from bot.domain.message import Button
from bot.i18n import Texts

LABEL_LIMIT = 64
"""Clients show no more of a button, and Slack refuses more than 75 characters."""


def cut_label(text: str, limit: int = LABEL_LIMIT) -> str:
    """Return ``text`` on one line, cut with an ellipsis where it is longer than ``limit``."""
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= limit else one_line[: limit - 1].rstrip() + "…"


def command_button(texts: Texts, name: str, label: str) -> Button:
    """Return a button that does what the command ``name`` does, on any platform."""
    return Button(texts(label), "command", name)


def command_word(texts: Texts, name: str) -> str:
    """Return the word that stands for the command ``name`` in the reader's language."""
    return texts(f"commands.{name}").partition(",")[0].strip()
