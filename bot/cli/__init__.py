"""The ``convoke`` command: one file a noun. ``python -m bot`` is the same."""

import sys

import typer

from bot.cli import announce, answers, check, data, demo, init, rooms, roster, service, slack, staff

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Announcements, invitations and answers for the members of an alliance.",
)
service.register(app)
init.register(app)
check.register(app)
demo.register(app)
data.register(app)
answers.register(app)
app.add_typer(roster.app, name="roster")
app.add_typer(staff.app, name="staff")
app.add_typer(announce.app, name="announce")
app.add_typer(rooms.app, name="room")
app.add_typer(slack.app, name="slack")


def main() -> None:
    """Run the command; exit 0 done, 1 could not, 2 wrong use."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
