"""A roster file of any kind: what it begins with, or its name, says how it is read."""

from pathlib import Path

from bot.domain.people import Problem, RosterRow
from bot.importers.roster_csv import read_csv
from bot.importers.roster_sheet import KIND, read_sheet

_ZIP = b"PK\x03\x04"


def read_roster(file: Path, sheet: str = "") -> tuple[tuple[RosterRow, ...], tuple[Problem, ...]]:
    """Return the good rows and every mistake, by line.

    Args:
        sheet: Name of the sheet of a workbook; ``""`` is the first.

    Raises:
        Refusal: the file cannot be read at all; see the readers of each kind.
    """
    if file.suffix.lower() == KIND or _begins(file) == _ZIP:
        return read_sheet(file, sheet)
    return read_csv(file)


def _begins(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(len(_ZIP))
    except (OSError, ValueError):
        return b""  # the reader says why
