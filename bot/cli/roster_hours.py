"""``convoke roster hours``: when announcements leave an organisation in peace."""

from typing import Annotated

import typer

from bot.cli.prompt import WRONG_USE, AsJson, Desk, fail, run, say, say_json
from bot.domain.people import CLI
from bot.domain.preferences import quiet_hours
from bot.domain.rest import Rest, days_in
from bot.storage.database import Write

NONE = "none"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def register(app: typer.Typer) -> None:
    """Add the command to ``convoke roster``."""
    app.command("hours")(hours)


def hours(
    organisation: Annotated[str, typer.Argument(help="Its name in the roster: cern.")],
    quiet: Annotated[
        str, typer.Option(help="Quiet hours on each contact's own clock: 22:00-07:00, or none.")
    ] = "",
    days: Annotated[
        str, typer.Option(help="Days on which announcements may come: mon-fri, or all.")
    ] = "",
    json: AsJson = False,
) -> None:
    """Show or set when announcements wait, for contacts who have chosen nothing themselves."""
    begin_end = quiet_hours(quiet) if quiet and quiet != NONE else None
    if quiet and quiet != NONE and begin_end is None:
        fail(f"--quiet {quiet}: write it as 22:00-07:00, or none", WRONG_USE)
    wanted = days_in(days) if days else None
    if days and wanted is None:
        fail(f"--days {days}: write it as mon-fri, or mon,wed,fri, or all", WRONG_USE)

    async def work(desk: Desk) -> Rest | None:
        from bot.services import rest_hours

        async with desk.database.read() as read:
            before = await rest_hours.of_organisation(read, organisation)
        if before is None or not (quiet or days):
            return before
        rest = Rest(begin_end if quiet else before.quiet, wanted or before.days)

        async def store(write: Write) -> None:
            await rest_hours.set_of_organisation(write, organisation, rest, actor=CLI, now=desk.now)

        await desk.database.write(store)
        return rest

    found = run(work)
    if found is None:
        fail(f"No organisation is called {organisation}: see `convoke roster export`.")
    hours_text = found.quiet.text if found.quiet else NONE
    days_text = " ".join(_DAYS[int(day) - 1] for day in found.days or "1234567")
    if json:
        say_json({"organisation": organisation, "quiet": hours_text, "days": days_text.split()})
        return
    say(f"{organisation}: quiet hours {hours_text}; announcements come on {days_text}.")
    say("Contacts who have chosen hours or days themselves keep theirs.")
