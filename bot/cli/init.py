"""``convoke init``: from nothing to a service that can be started."""

import asyncio
import getpass
import logging
import os
import sys
from pathlib import Path

import typer

from bot.cli.prompt import Desk, fail, run, say
from bot.domain.people import CLI, StaffRole
from bot.settings import ENV_FILE, PREFIX, Settings, SettingsError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(init)


class Prompt:
    """A terminal, or answers that are piped in, a line each."""

    def say(self, text: str = "") -> None:
        """Show a line."""
        say(text)

    def ask(self, question: str, default: str = "", *, secret: bool = False) -> str:
        """Return what is typed, else ``default``; a secret is not echoed at a terminal."""
        shown = f"{question} [{default}]: " if default else f"{question}: "
        if secret and sys.stdin.isatty():
            return getpass.getpass(shown) or default
        return input(shown) or default


def init() -> None:
    """Ask what is needed, check each answer, write `.env`, and make everything ready.

    What `.env` holds already is offered as the answer and kept otherwise; the file as it
    was stays beside it as `.env.bak`. Leaving in the middle (Ctrl-C) changes nothing.
    """
    from bot.setup.env_file import NotWritten, read, write
    from bot.setup.interview import Interview

    logging.disable(logging.CRITICAL)
    file = Path(ENV_FILE)
    environment = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    interview = Interview(Prompt(), read(file), environment, _manifest_link)
    say("This asks a few questions and writes the answers into .env in this folder.")
    say("Leave at any time with Ctrl-C: nothing is written before the last answer.")
    say()
    try:
        asyncio.run(interview.run())
        kept = write(file, interview.values)
    except (EOFError, KeyboardInterrupt):
        say()
        fail("Left: nothing was written.")
    except (NotWritten, SettingsError) as problem:
        fail(str(problem))
    say()
    say(f"✓ .env is written{f', the one before is {kept}' if kept else ''}")
    _make_ready(interview.admin)
    _say_what_next()


def _manifest_link(settings: Settings) -> str:
    from bot.adapters.slack import manifest

    url = settings.public_url if settings.slack_mode == "http" else ""
    return manifest.link(manifest.manifest(settings.bare_alliance, public_url=url))


def _make_ready(admin: str) -> None:
    async def work(desk: Desk) -> None:
        from bot.services import people

        await desk.database.write(
            lambda write: people.grant_staff(
                write, email=admin, role=StaffRole.ADMIN, actor=CLI, now=desk.now
            )
        )

    run(work)
    say("✓ the database is ready")
    say(f"✓ {admin} is admin")


def _say_what_next() -> None:
    say()
    say("Next:")
    say("  convoke import FOLDER               your events and pages (docs/data.md)")
    say("  convoke roster import roster.csv    your members' contacts")
    say("  convoke run                         the service; then write to your bot")
