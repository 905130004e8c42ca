"""``convoke import``: conference folders, calendars and schedules."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.changes import NOTHING_WRITTEN, DryRun, counted, counts, plan_json, say_changes
from bot.cli.prompt import COULD_NOT, AsJson, Desk, run, say, say_json, say_problems
from bot.domain.changes import Plan
from bot.domain.event import Conference
from bot.domain.people import CLI, ImportReport, Problem


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_command)


def import_command(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Conference folders, .ics files, schedules (.json, .xml)."),
    ],
    conference: Annotated[
        str, typer.Option(help="The conference's name, instead of the folder's or file's own.")
    ] = "",
    timezone: Annotated[
        str, typer.Option(help="Continent/City, for a calendar or schedule that names none.")
    ] = "",
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Import what a conference is; again updates what changed and doubles nothing.

    What cannot be read is listed with its place, and the rest is imported; then the exit
    code is 1.
    """
    results: dict[str, ImportReport] = {}
    plans: dict[str, Plan] = {}
    problems: list[Problem] = []
    names: list[str] = []

    async def work(desk: Desk) -> None:
        from bot.importers.lone_file import Asked, read_path
        from bot.services import conferences

        found = [read_path(path, Asked(conference, timezone)) for path in paths]
        names.extend(f"{one.conference.name}: named by {one.named_by}" for one in found)
        whole, repeated = conferences.apart(one.conference for one in found)
        problems.extend(repeated)
        for path, one, it in zip(paths, found, whole, strict=True):
            label = _label(it)
            label = f"{label} ({path.name})" if label in results else label
            if dry_run:
                async with desk.database.read() as read:
                    plan = await conferences.plan(read, it, complete=one.complete)
                plans[label] = plan.with_problems(one.problems)
                report = plan.report
            else:
                save = partial(
                    conferences.save, conference=it, complete=one.complete, actor=CLI, now=desk.now
                )
                report = await desk.database.write(save)
            problems.extend((*one.problems, *report.problems))
            results[label] = report

    run(work)
    say_problems(problems)
    if json:
        say_json(
            {
                name: plan_json(plans[name], counts(report)) if dry_run else counts(report)
                for name, report in results.items()
            }
        )
    else:
        for name, line in zip(results, names, strict=True):
            say(line)
            say_changes(plans.get(name, Plan()))
            say(f"{name}: {counted(counts(results[name]))}")
        if dry_run:
            say(NOTHING_WRITTEN)
    if any(problem.refused for problem in problems):
        raise typer.Exit(COULD_NOT)


def _label(conference: Conference) -> str:
    """Return the name, with what kind of lone file it was: a conference may have several."""
    return f"{conference.name}/{conference.part}" if conference.part else conference.name
