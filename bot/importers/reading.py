"""What all readers of files share: bounded bytes, UTF-8, language tags, one-line words."""

import re
import unicodedata
from pathlib import Path

from babel.core import Locale, UnknownLocaleError

from bot.domain.people import Problem

MAX_BYTES = 5 * 1024 * 1024
"""A larger file is no conference data; the largest real one has 0.2 MB."""

Problems = list[Problem]
"""What a reader adds to while it goes on."""


def read_text(path: Path, problems: Problems) -> str | None:
    """Return the text of ``path`` (UTF-8, a BOM is dropped), or None with a problem added."""
    data = read_bytes(path, problems)
    return None if data is None else decoded(data, path.name, problems)


def read_bytes(path: Path, problems: Problems, limit: int = 0) -> bytes | None:
    """Return what ``path`` holds, or None with a problem added.

    Args:
        limit: In bytes, instead of ``MAX_BYTES``.
    """
    limit = limit or MAX_BYTES
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        problems.append(Problem(path.name, f"cannot be read: {why or error}"))
        return None
    if len(data) > limit:
        text = f"is larger than {limit // 1024 // 1024} MB: split the file"
        problems.append(Problem(path.name, text))
        return None
    return data


def decoded(data: bytes, name: str, problems: Problems) -> str | None:
    """Return ``data`` as text with plain line ends, or None with a problem added."""
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(Problem(f"{name} line {line}", "is not UTF-8: save the file as UTF-8"))
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


def short_name(text: str) -> str:
    """Return ``text`` as an id: letters and digits with single hyphens, at most 80 characters."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "-", plain).strip("-")[:80].strip("-")
