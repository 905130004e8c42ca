"""A roster as a table, wherever its rows come from: columns, checks, and who repeats whom.

::

    organisation,country,name,email,role,locale,timezone,tags,telegram_id,slack_team,slack_user
    then optional: title, family_name, name_<language>, organisation_<language>

The e-mail address is a person's identity. A row with any mistake is refused whole, so
that nobody is half imported; all its mistakes are listed. A formula is text here; the
apostrophe with which our own export guards it is taken off again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.domain.people import Problem, RosterRow
from bot.domain.refusal import Refusal
from bot.domain.spreadsheet import from_cell
from bot.importers.reading import Problems, language_tag
from bot.importers.roster_cells import Cells, read_row

REQUIRED = ("organisation", "name", "email")
COLUMNS = (
    *("organisation", "country", "name", "email", "role", "locale", "timezone", "tags"),
    *("telegram_id", "slack_team", "slack_user", "title", "family_name"),
)
MAX_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Record:
    """One row as its file holds it.

    Attributes:
        line: Line of the file, or row of the sheet; 1 is the first.
        mistakes: What the file itself makes unreadable, by number of the cell.
    """

    line: int
    cells: list[str]
    mistakes: Mapping[int, str] = field(default_factory=dict)


def read_table(records: Iterator[Record], problems: Problems) -> tuple[RosterRow, ...]:
    """Return the good rows, and add every mistake with its line.

    Raises:
        Refusal: ``refusal.roster-columns`` (``columns``: the missing ones).
    """
    header = _header(records, problems)
    known = _Known()
    rows = [
        row
        for line, cells, mistakes in _rows(records, header, problems)
        if (row := read_row(line, cells, problems, mistakes)) and known.accepts(row, problems)
    ]
    return tuple(known.agree(row) for row in rows)


def _header(records: Iterator[Record], problems: Problems) -> tuple[str, ...]:
    """Return the columns, ``""`` for one that is not read; unknown ones are a problem."""
    first = next(records, Record(1, []))
    names = [name.strip().lower() for name in first.cells]
    place = f"line {first.line}"
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise Refusal("refusal.roster-columns", columns=", ".join(missing))
    columns: list[str] = []
    for name in names:
        if name in columns:
            problems.append(
                Problem(place, f"column {name!r} stands twice: the first counts", False)
            )
        elif name and not _known_column(name):
            text = f"column {name!r} is unknown and not read; known are {', '.join(COLUMNS)}"
            problems.append(
                Problem(place, f"{text}, name_<language>, organisation_<language>", False)
            )
        elif name:
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
    records: Iterator[Record], header: tuple[str, ...], problems: Problems
) -> Iterator[tuple[int, Cells, list[str]]]:
    """Yield line, cells by column and mistakes of each row that is no longer than the header."""
    for number, record in enumerate(records):
        line, cells = record.line, record.cells
        if number >= MAX_ROWS:
            problems.append(Problem(f"line {line}", f"only {MAX_ROWS} rows are read: split it"))
            return
        if len(cells) > len(header):
            text = f"has {len(cells)} cells for {len(header)} columns: put quotes around commas"
            problems.append(Problem(f"line {line}", f"{text}; row refused"))
            continue
        named = [(name, cell) for name, cell in zip(header, cells, strict=False) if name]
        mistakes = [
            f"{header[at]} {text}" for at, text in sorted(record.mistakes.items()) if header[at]
        ]
        yield line, {name: from_cell(cell.strip()) for name, cell in named}, mistakes


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
