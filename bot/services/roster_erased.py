"""People who had their data deleted are not brought back by a file."""

from collections.abc import Sequence

from bot.domain.people import Problem, RosterRow
from bot.storage import erasures
from bot.storage.database import Read


async def without_erased(
    read: Read, rows: Sequence[RosterRow]
) -> tuple[tuple[RosterRow, ...], tuple[Problem, ...]]:
    """Return the rows that may be imported, and a line for each that may not."""
    erased = await erasures.among(read, {row.email for row in rows})
    kept = tuple(row for row in rows if row.email not in erased)
    problems = tuple(
        Problem(
            f"line {row.line}",
            f"{row.email} asked on {erased[row.email]:%Y-%m-%d} for their data to be deleted and "
            f"is not imported; take the row out, or say --allow {row.email} if they came back",
        )
        for row in rows
        if row.email in erased
    )
    return kept, problems
