"""``convoke import``: conference folders."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.prompt import COULD_NOT, AsJson, Desk, run, say, say_json, say_problems
from bot.domain.people import CLI, ImportReport, Problem


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_command)


def import_command(
    paths: Annotated[list[Path], typer.Argument(help="Conference folders.")],
    json: AsJson = False,
) -> None:
    """Import conference folders; again updates what changed and doubles nothing.

    What cannot be read is listed with its place, and the rest is imported; then the exit
    code is 1.
    """
    results: dict[str, ImportReport] = {}
    problems: list[Problem] = []

    async def work(desk: Desk) -> None:
        from bot.importers.conference_folder import read_conference
        from bot.services import conferences

        for path in paths:
            conference, found = read_conference(path)
            problems.extend(found)
            save = partial(
                conferences.save,
                conference=conference,
                complete=not found,
                actor=CLI,
                now=desk.now,
            )
            results[conference.name] = await desk.database.write(save)

    run(work)
    say_problems(problems)
    if json:
        say_json({name: _counts(report) for name, report in results.items()})
    else:
        for name, report in results.items():
            say(f"{name}: " + ", ".join(f"{n} {what}" for what, n in _counts(report).items()))
    if problems:
        raise typer.Exit(COULD_NOT)


def _counts(report: ImportReport) -> dict[str, int]:
    return {
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "removed": report.removed,
    }
