"""``convoke roster``: organisations and their contacts."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import joining, roster_hours
from bot.cli.changes import NOTHING_WRITTEN, DryRun, counted, plan_json, say_changes
from bot.cli.files import write_private
from bot.cli.prompt import COULD_NOT, AsJson, Desk, run, say, say_json, say_note, say_problems
from bot.domain.changes import Plan
from bot.domain.people import CLI, ImportReport, Problem
from bot.settings import Settings
from bot.storage.database import Read

app = typer.Typer(no_args_is_help=True, help="Organisations and their contacts.")
joining.register(app)
roster_hours.register(app)


@app.callback()
def roster() -> None:
    """Organisations and their contacts."""


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="CSV or .xlsx file with a header row.")],
    sheet: Annotated[str, typer.Option(help="Sheet of a workbook, instead of its first.")] = "",
    allow: Annotated[
        list[str] | None,
        typer.Option(help="Somebody who had their data deleted and came back; repeat it."),
    ] = None,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Import contacts, with accounts where they are known; again updates, never doubles.

    A row that cannot be used is listed with its line and reason, and the rest is
    imported; then the exit code is 1.
    """

    async def work(desk: Desk) -> tuple[ImportReport, Plan]:
        from bot.importers.roster_file import read_roster
        from bot.services import roster as service

        rows, problems = read_roster(file, sheet)
        if not dry_run:
            await _allow(desk, allow or [])
        async with desk.database.read() as read:
            own = await _own(desk, read)
            plan = await service.plan(read, rows, own=own) if dry_run else Plan()
        if dry_run:
            plan = plan.with_problems(problems)
            return plan.report, plan
        report = await service.import_rows(
            desk.database, rows, own=own, actor=CLI, clock=desk.clock
        )
        return report, Plan(problems=(*problems, *report.problems))

    report, plan = run(work)
    say_problems(plan.problems)
    numbers = _counts(report, plan.problems)
    if json:
        say_json(plan_json(plan, numbers) if dry_run else numbers)
    else:
        say_changes(plan)
        say(counted(numbers))
        if dry_run:
            say(NOTHING_WRITTEN)
    if any(problem.refused for problem in plan.problems):
        raise typer.Exit(COULD_NOT)


async def _allow(desk: Desk, emails: list[str]) -> None:
    from bot.storage import erasures

    for email in emails:
        await desk.database.write(partial(erasures.forget, email=email))


def _counts(report: ImportReport, problems: tuple[Problem, ...]) -> dict[str, int]:
    return {
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "refused": len({problem.place for problem in problems if problem.refused}),
    }


@app.command("export")
def export_command(
    out: Annotated[Path | None, typer.Option(help="File to write, instead of printing.")] = None,
    json: AsJson = False,
) -> None:
    """Write all contacts as the CSV that ``roster import`` reads.

    No cell of it is run as a formula by a spreadsheet program.
    """

    async def work(desk: Desk) -> None:
        from bot.importers.roster_export import csv_text, export_lines
        from bot.services import roster as service

        async with desk.database.read() as read:
            rows = await service.stored(read)
            own = await _own(desk, read)
        columns, lines, left_out = export_lines(rows, own)
        if json:
            say_json([{name: line.get(name, "") for name in columns} for line in lines])
        elif out is None:
            say(csv_text(columns, lines).removesuffix("\r\n"))
        else:
            write_private(out, csv_text(columns, lines))
            say(f"{len(lines)} contacts are in {out}.")
        if left_out:
            say_note(f"{left_out} further accounts of these contacts have no column: left out.")

    run(work)


async def _own(desk: Desk, read: Read) -> dict[str, str]:
    """Return our accounts by platform: a new token counts before its bot has ever run."""
    from bot.services import roster as service

    known = await service.known_accounts(read, desk.settings.adapter_names)
    return known | _own_accounts(desk.settings)


def _own_accounts(settings: Settings) -> dict[str, str]:
    """Return what the settings say of our accounts: the bot's id stands in its token."""
    bot_id = settings.telegram_token.get_secret_value().partition(":")[0]
    return {"telegram": bot_id} if bot_id.isdecimal() else {}
