"""The report as tables that a spreadsheet program opens and never runs."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.cli.files import write_private
from bot.domain.announcement_report import Report
from bot.domain.spreadsheet import as_cell

ORGANISATIONS = ("organisation", "name", "sent to", "reached", "confirmed")
UNREACHED = ("state", "why", "messenger", "to", "organisation")


def write_organisations(out: Path, report: Report) -> None:
    """Write a line for each organisation: to how many people, and how many were reached."""
    rows = [
        (one.slug, one.names.get("", one.slug), one.people, one.reached, one.acknowledged)
        for one in report.organisations
    ]
    _write(out, ORGANISATIONS, rows)


def write_unreached(out: Path, report: Report) -> None:
    """Write a line for each copy that did not arrive, and for everybody on no messenger."""
    rows = [(*row, "") for row in report.unreached]
    rows += [("no messenger", "", "", email, home) for email, home in report.no_messenger]
    _write(out, UNREACHED, rows)


def _write(out: Path, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    text = io.StringIO(newline="")
    written = csv.writer(text)
    written.writerow(headings)
    written.writerows([as_cell(str(cell)) for cell in row] for row in rows)
    write_private(out, text.getvalue())
