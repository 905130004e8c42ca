"""The ``.env`` of an installation: changed line by line, and never lost."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from bot.settings import PREFIX

_PLAIN = re.compile(r"[\w@%+=:,./-]*")
_LINE = re.compile(r"^\s*(?:export\s+)?(CONVOKE_[A-Z0-9_]+)\s*=")
BACKUP = ".bak"
"""Added to the name of the file as it was before."""


class NotWritten(Exception):
    """The file could not be written; the message says why. The old one is untouched."""


def read(path: Path) -> dict[str, str]:
    """Return our variables in the file, or nothing if there is none."""
    found = dotenv_values(path) if path.exists() else {}
    return {name: value for name, value in found.items() if name.startswith(PREFIX) and value}


def changed(text: str, values: Mapping[str, str]) -> str:
    """Return ``text`` with each variable set once: where it stood, else at the end.

    Comments, other variables and the order stay as they are.
    """
    left = dict(values)
    lines = []
    for line in text.splitlines():
        match = _LINE.match(line)
        name = match[1] if match else ""
        if name not in values:
            lines.append(line)
        elif name in left:
            lines.append(f"{name}={_quoted(left.pop(name))}")
    lines += [f"{name}={_quoted(value)}" for name, value in left.items()]
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    """Return the value as python-dotenv and shells read it back unchanged."""
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def write(path: Path, values: Mapping[str, str]) -> Path | None:
    """Set the variables in the file, at once or not at all; only its owner can read it.

    Returns:
        Where the file as it was before is kept, or None if there was none.

    Raises:
        NotWritten: the folder or the file cannot be written.
    """
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        kept = path.with_name(path.name + BACKUP) if before else None
        if kept is not None:
            _put(kept, before)
        _put(path, changed(before, values))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise NotWritten(f"{path} could not be written: {why}") from error
    return kept


def _put(path: Path, text: str) -> None:
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(made).replace(path)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise
