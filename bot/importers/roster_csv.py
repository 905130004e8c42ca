"""A roster file (CSV) becomes good rows and a list of what is wrong with the others.

::

    organisation,country,name,email,role,locale,timezone,tags,telegram_id,slack_team,slack_user
    then optional: title, family_name, name_<language>, organisation_<language>

The e-mail address is a person's identity. A row with any mistake is refused whole, so
that nobody is half imported; all its mistakes are listed. Cells are kept as typed: one
that begins with ``=`` is text here, and the export guards against formulas.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.domain.people import Problem, RosterRow
from bot.domain.refusal import Refusal
from bot.importers.reading import MAX_BYTES, Problems, language_tag
from bot.importers.roster_cells import Cells, read_row

REQUIRED = ("organisation", "name", "email")
COLUMNS = (
    *("organisation", "country", "name", "email", "role", "locale", "timezone", "tags"),
    *("telegram_id", "slack_team", "slack_user", "title", "family_name"),
)
MAX_ROWS = 100_000
MAX_RECORD_LINES = 10


def read_roster(file: Path) -> tuple[tuple[RosterRow, ...], tuple[Problem, ...]]:
    """Return the good rows and every mistake, by line of the file.

    Raises:
        Refusal: ``refusal.roster-unreadable`` (``path``), ``refusal.roster-encoding``
            (``path``), ``refusal.roster-too-large`` (``path``, ``megabytes``), or
            ``refusal.roster-columns`` (``columns``: the missing ones).
    """
    problems: Problems = []
    records = _records(_text(file), problems)
    header = _header(records, problems)
    known = _Known()
    rows = [
        row
        for line, cells in _rows(records, header, problems)
        if (row := read_row(line, cells, problems)) and known.accepts(row, problems)
    ]
    return tuple(known.agree(row) for row in rows), tuple(problems)


def _text(file: Path) -> str:
    """Return the file's text; bytes that are not UTF-8 stay visible as lone surrogates."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError:
        raise Refusal("refusal.roster-unreadable", path=str(file)) from None
    if len(data) > MAX_BYTES:
        raise Refusal("refusal.roster-too-large", path=str(file), megabytes=MAX_BYTES >> 20)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
        raise Refusal("refusal.roster-encoding", path=str(file))
    return data.decode("utf-8-sig", errors="surrogateescape")


def _records(text: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Yield first line and cells of each record.

    A stray quote must not swallow the rows below it, so a record has at most
    ``MAX_RECORD_LINES`` lines; after a broken one the next line begins a new record.
    """
    lines = list(io.StringIO(text, newline=""))
    at = 0
    while at < len(lines):
        used, cells, why = _record(lines[at : at + MAX_RECORD_LINES])
        if cells is None:
            problems.append(Problem(f"line {at + 1}", f"is not CSV ({why}): check the quotes"))
        elif any(cell.strip() for cell in cells):
            yield at + 1, cells
        at += used


def _record(lines: list[str]) -> tuple[int, list[str] | None, str]:
    """Return how many lines the first record takes, its cells or None, and what is wrong."""
    why = ""
    for used in range(1, len(lines) + 1):
        try:
            return used, next(csv.reader(lines[:used], strict=True), []), ""
        except csv.Error as error:
            why = str(error)
            if "unexpected end" not in why:
                break
    return 1, None, why


def _header(records: Iterator[tuple[int, list[str]]], problems: Problems) -> tuple[str, ...]:
    """Return the columns, ``""`` for one that is not read; unknown ones are a problem."""
    names = [name.strip().lower() for name in next(records, (1, []))[1]]
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise Refusal("refusal.roster-columns", columns=", ".join(missing))
    columns: list[str] = []
    for name in names:
        if name in columns:
            problems.append(
                Problem("line 1", f"column {name!r} stands twice: the first counts", False)
            )
        elif not _known_column(name):
            text = f"column {name!r} is unknown and not read; known are {', '.join(COLUMNS)}"
            problems.append(
                Problem("line 1", f"{text}, name_<language>, organisation_<language>", False)
            )
        else:
            columns.append(name)
            continue
        columns.append("")
    return tuple(columns)


def _known_column(name: str) -> bool:
    base, _, language = name.partition("_")
    if base in ("name", "organisation") and language:
        return language_tag(language) is not None
    return name in COLUMNS


def _rows(
    records: Iterator[tuple[int, list[str]]], header: tuple[str, ...], problems: Problems
) -> Iterator[tuple[int, Cells]]:
    """Yield line and cells by column of each row that has no more cells than the header."""
    for number, (line, cells) in enumerate(records):
        if number >= MAX_ROWS:
            problems.append(Problem(f"line {line}", f"only {MAX_ROWS} rows are read: split it"))
            return
        if len(cells) > len(header):
            text = f"has {len(cells)} cells for {len(header)} columns: put quotes around commas"
            problems.append(Problem(f"line {line}", f"{text}; row refused"))
            continue
        yield line, {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}


@dataclass(slots=True)
class _Known:
    """What earlier rows said: an address, an account or an organisation counts once."""

    emails: dict[str, int] = field(default_factory=dict)
    accounts: dict[tuple[str, str, str], int] = field(default_factory=dict)
    organisations: dict[str, RosterRow] = field(default_factory=dict)

    def accepts(self, row: RosterRow, problems: Problems) -> bool:
        """Return whether the row repeats nobody; remember it if so."""
        place = f"line {row.line}"
        if row.email in self.emails:
            text = f"{row.email} stands on line {self.emails[row.email]} already: refused"
            problems.append(Problem(place, text))
            return False
        for account in row.accounts:
            if account in self.accounts:
                text = f"the {account[0]} account {account[2]} is on line {self.accounts[account]}"
                problems.append(Problem(place, f"{text} already: refused"))
                return False
        self.emails[row.email] = row.line
        self.accounts.update(dict.fromkeys(row.accounts, row.line))
        self._remember(row, problems)
        return True

    def _remember(self, row: RosterRow, problems: Problems) -> None:
        """Keep what the first row of an organisation says, and add what it left out."""
        first = self.organisations.setdefault(row.organisation_slug, row)
        if first.country and row.country and first.country != row.country:
            text = (
                f"{row.organisation_names['']!r} is in {first.country} on line {first.line} and in "
                f"{row.country} here: {first.country} counts; if these are two organisations, "
                "give them different names"
            )
            problems.append(Problem(f"line {row.line}", text, refused=False))
        self.organisations[row.organisation_slug] = replace(
            first,
            country=first.country or row.country,
            organisation_names={**row.organisation_names, **first.organisation_names},
        )

    def agree(self, row: RosterRow) -> RosterRow:
        """Return the row with its organisation as all rows together describe it."""
        one = self.organisations[row.organisation_slug]
        return replace(row, country=one.country, organisation_names=one.organisation_names)
