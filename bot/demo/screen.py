"""How the demo looks in a terminal: widths, colours where there is a terminal, tables."""

import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence

import typer


def has_colour() -> bool:
    """Return whether a person looks at a terminal that shows colours, and wants them."""
    wanted = "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return wanted and sys.stdout.isatty()


def styled(text: str, **style: bool | str) -> str:
    """Return ``text`` with colours and weights where there is a terminal for them."""
    return typer.style(text, **style) if has_colour() else text  # type: ignore[arg-type]  # typer's stubs want each keyword by name


def bold(text: str) -> str:
    """Return ``text`` as a heading."""
    return styled(text, bold=True)


def dim(text: str) -> str:
    """Return ``text`` as a remark."""
    return styled(text, dim=True)


def width(text: str) -> int:
    """Return how many columns ``text`` takes: Chinese letters take two, accents none."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def padded(text: str, columns: int) -> str:
    """Return ``text`` cut or filled to exactly ``columns``."""
    cut = text
    if width(text) > columns:
        while width(cut) > columns - 1:
            cut = cut[:-1]
        cut += "…"
    return cut + " " * (columns - width(cut))


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], most: int = 60) -> list[str]:
    """Return rows under headings as aligned lines; no column is wider than ``most``."""
    cells = [tuple(headings), *(tuple(row) for row in rows)]
    widths = [min(most, max(width(line[at]) for line in cells)) for at in range(len(headings))]
    lines = [
        "  ".join(padded(cell, size) for cell, size in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    return [lines[0], "  ".join("-" * size for size in widths), *lines[1:]]


def say(text: str = "") -> None:
    """Print a line, at once; a letter that the terminal cannot show becomes a question mark."""
    encoding = sys.stdout.encoding or "utf-8"
    typer.echo(text.encode(encoding, "replace").decode(encoding))
    sys.stdout.flush()


def wrapped(text: str, columns: int) -> list[str]:
    """Return ``text`` in lines of at most ``columns``; where there is no space it is cut."""
    lines, line = [], ""
    for word in _words(text):
        if line and width(line + word.rstrip()) > columns:
            lines.append(line.rstrip())
            line = ""
        line += word
    return [*lines, line.rstrip()]


def _words(text: str) -> list[str]:
    """Return what may stand on a line of its own: words with their space, wide letters."""
    found = [""]
    for char in text:
        if found[-1] and (_columns(char) == 2 or found[-1][-1] == " " or width(found[-1]) > 60):
            found.append("")
        found[-1] += char
    return found


def columns() -> int:
    """Return how wide a text may be here."""
    return max(40, min(100, shutil.get_terminal_size((100, 24)).columns))


def bar() -> str:
    """Return what stands before each line of a message."""
    try:
        "│".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return "|"
    return "│"


def ask(prompt: str) -> None:
    """Print the prompt and stay behind it."""
    typer.echo(prompt, nl=False)
    sys.stdout.flush()


def clear_line() -> None:
    """Take the prompt away before something else is shown."""
    if sys.stdout.isatty():
        plain = os.environ.get("TERM", "dumb") == "dumb"
        typer.echo("\n" if plain else "\r\x1b[2K", nl=False)
