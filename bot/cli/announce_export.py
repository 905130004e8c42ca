"""The report as tables that a spreadsheet program opens and never runs."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.cli.files import write_private
from bot.domain.announcement_report import Report
from bot.importers.roster_export import csv_text

ORGANISATIONS = ("organisation", "name", "sent to", "reached", "confirmed", "by hand")
UNREACHED = ("state", "why", "messenger", "to", "organisation")


def write_organisations(out: Path, report: Report) -> None:
    """Write a line for each organisation: to how many people, and how many were reached."""
    rows = [
        (
            *(one.slug, one.names.get("", one.slug)),
            *(one.people, one.reached, one.acknowledged, one.by_hand),
        )
        for one in report.organisations
    ]
    _write(out, ORGANISATIONS, rows)


def write_unreached(out: Path, report: Report) -> None:
    """Write a line for each copy that did not arrive, and for everybody on no messenger."""
    rows = [(*row, "") for row in report.unreached]
    rows += [("no messenger", "", "", email, home) for email, home in report.no_messenger]
    _write(out, UNREACHED, rows)


def _write(out: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    lines = [dict(zip(columns, map(str, row), strict=True)) for row in rows]
    write_private(out, csv_text(columns, lines))
