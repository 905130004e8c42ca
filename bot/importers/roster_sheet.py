"""The rows of a roster in a workbook (``.xlsx``), read as the same table as CSV.

* The first sheet that is not hidden is read, or the one that is named. Rows that are
  hidden or filtered away are read too. Of merged cells only the first has a value.
* A formula counts with the value that the spreadsheet program saved with it; without
  one its row is refused. Nothing is ever calculated here.
* Numbers have fifteen exact digits in a spreadsheet: a longer one may have been rounded,
  and its row is refused. A date is no cell of a roster.

A workbook is a ZIP of XML: what it unpacks to is looked at before anything is unpacked.
"""

import io
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from bot.domain.people import Problem, RosterRow
from bot.domain.refusal import Refusal
from bot.importers.reading import MAX_BYTES, Problems
from bot.importers.roster_table import MAX_ROWS, Record, read_table

KIND = ".xlsx"
MAX_UNPACKED = 40 * 1024 * 1024
MAX_PARTS = 2_000
MAX_COLUMNS = 100
MAX_EXACT = 10**15
_ERRORS = frozenset({"#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"})
_AS_TEXT = "format the column as text and write it again"


def read_sheet(file: Path, sheet: str = "") -> tuple[tuple[RosterRow, ...], tuple[Problem, ...]]:
    """Return the good rows and every mistake, by row of the sheet.

    Args:
        sheet: Name of the sheet, or ``""`` for the first that is not hidden.

    Raises:
        Refusal: ``refusal.roster-unreadable`` (``path``), ``refusal.roster-too-large``
            (``path``, ``megabytes``), ``refusal.sheet-too-large`` (``path``,
            ``megabytes``), ``refusal.sheet-unreadable`` (``path``, ``kind``),
            ``refusal.sheet-unknown`` (``sheet``, ``known``) or ``refusal.roster-columns``.
    """
    data = _data(file)
    problems: Problems = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which are not read
            rows = _read(data, sheet, problems)
    except Refusal:
        raise
    except Exception as error:  # openpyxl raises whatever a broken workbook leads it to
        raise _unreadable(file) from error
    return rows, tuple(problems)


def _unreadable(file: Path) -> Refusal:
    return Refusal("refusal.sheet-unreadable", path=str(file), kind=KIND)


def _data(file: Path) -> bytes:
    """Return the file; refuse what is no ZIP, or would unpack to more than a roster needs."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        raise Refusal("refusal.roster-unreadable", path=str(file)) from None
    if len(data) > MAX_BYTES:
        raise Refusal("refusal.roster-too-large", path=str(file), megabytes=MAX_BYTES >> 20)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError):
        raise _unreadable(file) from None
    # ZipFile never yields more than a part's stated size, so the statement is enough.
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise Refusal("refusal.sheet-too-large", path=str(file), megabytes=MAX_UNPACKED >> 20)
    return data


def _read(data: bytes, sheet: str, problems: Problems) -> tuple[RosterRow, ...]:
    """Read values and formulas side by side: only both tell what a cell is."""
    values = _opened(data, data_only=True)
    formulas = _opened(data, data_only=False)
    try:
        name = _sheet(values, sheet)
        records = _records(values[name], formulas[name], problems)
        return read_table(records, problems)
    finally:
        values.close()
        formulas.close()


def _opened(data: bytes, *, data_only: bool) -> Any:
    return load_workbook(io.BytesIO(data), read_only=True, data_only=data_only, keep_links=False)


def _sheet(workbook: Any, wanted: str) -> str:
    sheets = {one.title: one for one in workbook.worksheets}
    if wanted and wanted not in sheets:
        raise Refusal("refusal.sheet-unknown", sheet=wanted, known=", ".join(sheets) or "-")
    visible = (name for name, one in sheets.items() if one.sheet_state == "visible")
    name = wanted or next(visible, "") or next(iter(sheets), "")
    if not name:
        raise Refusal("refusal.sheet-unknown", sheet="1", known="-")
    return name


def _records(values: Any, formulas: Any, problems: Problems) -> Iterator[Record]:
    """Yield the rows that are not blank; the first of them is the header.

    What a sheet says of its own size may be invented, so it is not believed; beside the
    header's columns one more is looked at, so that a row that is too long is seen.
    """
    values.reset_dimensions()
    formulas.reset_dimensions()
    header = next(_rows(values, formulas, 1, MAX_COLUMNS, problems), None)
    if header is None:
        return
    yield header
    yield from _rows(values, formulas, header.line + 1, len(header.cells) + 1, problems)


def _rows(
    values: Any, formulas: Any, first: int, width: int, problems: Problems
) -> Iterator[Record]:
    rows = zip(
        values.iter_rows(min_row=first, max_col=width, values_only=True),
        formulas.iter_rows(min_row=first, max_col=width, values_only=True),
        strict=False,
    )
    for line, (shown, written) in enumerate(rows, first):
        if line > 2 * MAX_ROWS:
            problems.append(Problem(f"line {line}", f"only {2 * MAX_ROWS} rows are looked at"))
            return
        if any(cell is not None for cell in written):
            record = _record(line, shown, written)
            if record.cells or record.mistakes:
                yield record


def _record(line: int, shown: Any, written: Any) -> Record:
    """Return a row without the blank cells at its end."""
    cells: list[str] = []
    mistakes: dict[int, str] = {}
    for at, (value, formula) in enumerate(zip(shown, written, strict=False)):
        text, mistake = _cell(value, formula)
        cells.append(text)
        if mistake:
            mistakes[at] = mistake
    while cells and not cells[-1].strip() and len(cells) - 1 not in mistakes:
        cells.pop()
    return Record(line, cells, mistakes)


def _cell(value: Any, formula: Any) -> tuple[str, str]:
    """Return the text of a cell, and what makes it unreadable."""
    match value:
        case None if formula in (None, ""):
            return "", ""
        case None:
            return "", f"is a formula without a saved value: {_AS_TEXT}"
        case bool():
            return str(value).upper(), ""
        case date() | time() | timedelta():
            return "", f"is a date or time ({value}) here: {_AS_TEXT}"
        case int() | float():
            return _number(value)
    text = str(value)
    broken = f"holds an error ({text}): correct its formula, or write the value"
    return ("", broken) if text in _ERRORS else (text, "")


def _number(value: float) -> tuple[str, str]:
    if not abs(value) < MAX_EXACT:
        return "", f"is the number {value:g}, which a spreadsheet rounds: {_AS_TEXT}"
    return str(int(value)) if value == int(value) else str(value), ""
