"""``convoke run`` and ``convoke migrate``."""

import asyncio

import typer

from bot.cli.prompt import Desk, fail, run, say, settings_or_exit
from bot.settings import SettingsError
from bot.storage.database import DatabaseProblem


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("run")(run_command)
    app.command("migrate")(migrate)


def run_command() -> None:
    """Run the service: receive, answer and send, until Ctrl-C. Settings: the environment."""
    from bot.service import run_service

    settings = settings_or_exit()
    try:
        asyncio.run(run_service(settings))
    except (SettingsError, DatabaseProblem) as problem:
        fail(str(problem))


def migrate() -> None:
    """Bring the database to this version's schema. `run` and all others do it as well."""

    async def work(desk: Desk) -> str:
        from bot.storage import schema

        return await schema.current_revision(desk.database)

    say(f"The database is at revision {run(work)}.")
