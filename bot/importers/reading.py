"""What all readers of files share: bounded bytes, UTF-8, language tags, one-line words."""

import re
from pathlib import Path

from babel.core import Locale, UnknownLocaleError

from bot.domain.people import Problem

MAX_BYTES = 5 * 1024 * 1024
"""A larger file is no conference data; the largest real one has 0.2 MB."""

Problems = list[Problem]
"""What a reader adds to while it goes on."""


def read_text(path: Path, problems: Problems) -> str | None:
    """Return the text of ``path`` (UTF-8, a BOM is dropped), or None with a problem added."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        problems.append(Problem(path.name, f"cannot be read: {error.strerror or error}"))
        return None
    if len(data) > MAX_BYTES:
        problems.append(
            Problem(path.name, f"is larger than {MAX_BYTES // 1024 // 1024} MB: split the file")
        )
        return None
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(Problem(f"{path.name} line {line}", "is not UTF-8: save the file as UTF-8"))
        return None


def language_tag(value: str) -> str | None:
    """Return ``value`` as a BCP 47 tag (``zh``, ``pt-BR``), or None for an unknown language.

    Known is what CLDR knows, as packaged by Babel.
    """
    text = value.strip().replace("_", "-")
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", text):
        return None
    try:
        Locale.parse(text, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
    first, *rest = text.split("-")
    return "-".join([first.lower(), *(_subtag(one) for one in rest)])


def _subtag(text: str) -> str:
    """Return a script as ``Hant``, a territory as ``TW``: the usual spelling."""
    return text.title() if len(text) == 4 else text.upper()


def one_line(value: object) -> str:
    """Return a scalar as one line of text without control characters; None is empty."""
    if value is None:
        return ""
    shown = "".join(c if c.isprintable() or c.isspace() else "" for c in str(value))
    return " ".join(shown.split())
