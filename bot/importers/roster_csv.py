"""The lines of a roster in CSV, as secretariats and their spreadsheet programs write it.

The text is UTF-8, or UTF-16 with its mark, which Excel calls "Unicode text". Other
encodings look alike, and a wrong guess would spell names wrong for good: rows that are
not UTF-8 are refused. Cells are separated by commas, by semicolons (Excel where the comma
is in numbers) or by tabs: whatever makes the header's required columns appear.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from bot.domain.people import Problem, RosterRow
from bot.domain.refusal import Refusal
from bot.importers.reading import MAX_BYTES, Problems
from bot.importers.roster_table import REQUIRED, Record, read_table

MAX_RECORD_LINES = 10
SEPARATORS = (",", ";", "\t")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_csv(file: Path) -> tuple[tuple[RosterRow, ...], tuple[Problem, ...]]:
    """Return the good rows and every mistake, by line of the file.

    Raises:
        Refusal: ``refusal.roster-unreadable`` (``path``), ``refusal.roster-encoding``
            (``path``), ``refusal.roster-too-large`` (``path``, ``megabytes``), or
            ``refusal.roster-columns`` (``columns``: the missing ones).
    """
    problems: Problems = []
    rows = read_table(_records(_text(file), problems), problems)
    return rows, tuple(problems)


def _text(file: Path) -> str:
    """Return the file's text; bytes that are not UTF-8 stay visible as lone surrogates."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        raise Refusal("refusal.roster-unreadable", path=str(file)) from None
    if len(data) > MAX_BYTES:
        raise Refusal("refusal.roster-too-large", path=str(file), megabytes=MAX_BYTES >> 20)
    try:
        if data.startswith(_UTF_16):
            text = data.decode("utf-16")
        else:
            text = data.decode("utf-8-sig", errors="surrogateescape")
    except UnicodeDecodeError:
        raise Refusal("refusal.roster-encoding", path=str(file)) from None
    if "\0" in text:
        raise Refusal("refusal.roster-encoding", path=str(file))
    return text


def _records(text: str, problems: Problems) -> Iterator[Record]:
    """Yield each record with its first line.

    A stray quote must not swallow the rows below it, so a record has at most
    ``MAX_RECORD_LINES`` lines; after a broken one the next line begins a new record.
    """
    lines = list(io.StringIO(text, newline=""))
    at, separator = _separator(lines)
    while at < len(lines):
        used, cells, why = _record(lines[at : at + MAX_RECORD_LINES], separator)
        if cells is None:
            problems.append(Problem(f"line {at + 1}", f"is not CSV ({why}): check the quotes"))
        elif any(cell.strip() for cell in cells):
            yield Record(at + 1, cells)
        at += used


def _separator(lines: list[str]) -> tuple[int, str]:
    """Return the number of the first line to read, and what separates its cells.

    Excel reads and writes ``sep=;`` before the header.
    """
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if lines and (said := lines[first].strip().lower()).startswith("sep=") and len(said) <= 5:
        return first + 1, said[4:] or "\t"
    for separator in SEPARATORS:
        _used, cells, _why = _record(lines[first : first + MAX_RECORD_LINES], separator)
        if set(REQUIRED) <= {cell.strip().lower() for cell in cells or ()}:
            return first, separator
    return first, ","


def _record(lines: list[str], separator: str) -> tuple[int, list[str] | None, str]:
    """Return how many lines the first record takes, its cells or None, and what is wrong."""
    why = ""
    for used in range(1, len(lines) + 1):
        try:
            cells = next(csv.reader(lines[:used], strict=True, delimiter=separator), [])
        except (csv.Error, TypeError, ValueError) as error:
            why = str(error)
            if "unexpected end" not in why:
                break
        else:
            return used, cells, ""
    return 1, None, why
