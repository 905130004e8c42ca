"""``convoke roster``: organisations and their contacts."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.prompt import COULD_NOT, AsJson, Desk, run, say, say_json, say_problems
from bot.domain.people import CLI, ImportReport, Problem
from bot.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Organisations and their contacts.")


@app.callback()
def roster() -> None:
    """Organisations and their contacts."""


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="CSV file, UTF-8, with a header row.")],
    json: AsJson = False,
) -> None:
    """Import contacts, with accounts where they are known; again updates, never doubles.

    A row that cannot be used is listed with its line and reason, and the rest is
    imported; then the exit code is 1.
    """

    async def work(desk: Desk) -> tuple[ImportReport, tuple[Problem, ...]]:
        from bot.importers.roster_csv import read_roster
        from bot.services import roster as service

        rows, problems = read_roster(file)
        async with desk.database.read() as read:
            own = await service.known_accounts(read, desk.settings.adapter_names)
        own |= _own_accounts(desk.settings)  # a new token counts before its bot has ever run
        report = await service.import_rows(
            desk.database, rows, own=own, actor=CLI, clock=desk.clock
        )
        return report, (*problems, *report.problems)

    report, problems = run(work)
    say_problems(problems)
    counts = {
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "refused": len({problem.place for problem in problems if problem.refused}),
    }
    if json:
        say_json(counts)
    else:
        say(", ".join(f"{n} {what}" for what, n in counts.items()))
    if any(problem.refused for problem in problems):
        raise typer.Exit(COULD_NOT)


def _own_accounts(settings: Settings) -> dict[str, str]:
    """Return what the settings say of our accounts: the bot's id stands in its token."""
    bot_id = settings.telegram_token.get_secret_value().partition(":")[0]
    return {"telegram": bot_id} if bot_id.isdecimal() else {}
