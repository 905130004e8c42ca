"""The roster as the file that the import reads: exported and imported, nothing changes."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from bot.domain.address import ANY_ACCOUNT
from bot.domain.people import RosterRow
from bot.domain.spreadsheet import as_cell
from bot.importers.roster_table import COLUMNS

Line = dict[str, str]


def export_lines(
    rows: Sequence[RosterRow], own: Mapping[str, str]
) -> tuple[tuple[str, ...], list[Line], int]:
    """Return the columns, the lines by column, and how many accounts have no column.

    A line has room for one Telegram account, which is our own bot's, and one in Slack.
    """
    lines = []
    left_out = 0
    languages: tuple[set[str], set[str]] = (set(), set())
    for row in rows:
        line, more = _line(row, own)
        lines.append(line)
        left_out += more
        languages[0].update(row.names)
        languages[1].update(row.organisation_names)
    columns = (
        *COLUMNS,
        *(f"name_{one}" for one in sorted(languages[0]) if one),
        *(f"organisation_{one}" for one in sorted(languages[1]) if one),
    )
    return columns, lines, left_out


def csv_text(columns: Sequence[str], lines: Sequence[Line]) -> str:
    """Return CSV in which no cell is a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for line in lines:
        writer.writerow([as_cell(line.get(column, "")) for column in columns])
    return text.getvalue()


def _line(row: RosterRow, own: Mapping[str, str]) -> tuple[Line, int]:
    line = {
        "country": row.country,
        "email": row.email,
        "role": row.role.value,
        "locale": row.locale,
        "timezone": row.timezone,
        "tags": " ".join(sorted(row.tags)),
        "title": row.title,
        "family_name": row.family_name,
        **dict(_by_language("name", row.names)),
        **dict(_by_language("organisation", row.organisation_names)),
    }
    left_out = 0
    for platform, account, user in row.accounts:
        ours = own.get(platform, ANY_ACCOUNT)
        if platform == "telegram" and account == ours and "telegram_id" not in line:
            line["telegram_id"] = user
        elif platform == "slack" and "slack_user" not in line:
            line["slack_user"] = user
            line["slack_team"] = "" if account == ANY_ACCOUNT else account
        else:
            left_out += 1
    return line, left_out


def _by_language(base: str, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for language, name in names.items():
        yield f"{base}_{language}" if language else base, name
