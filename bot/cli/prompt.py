"""What all commands share: settings, a database, printing, and honest exits.

Exit codes: 0 done, 1 could not (the reason is on standard error), 2 wrong use.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from bot.clock import Clock
from bot.domain.people import Problem
from bot.domain.refusal import Refusal
from bot.i18n import texts_for
from bot.settings import Settings, SettingsError, load_settings
from bot.storage.database import Database, DatabaseProblem

T = TypeVar("T")
COULD_NOT = 1
WRONG_USE = 2

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command works with."""

    settings: Settings
    database: Database
    clock: Clock

    @property
    def now(self) -> datetime:
        """The calendar's instant, aware UTC."""
        return self.clock.now()


def run(work: Callable[[Desk], Awaitable[T]]) -> T:
    """Open the database, run ``work`` and return its result; a clear no ends with exit 1."""
    from bot.app import opened

    settings = settings_or_exit()

    async def with_database() -> T:
        async with opened(settings) as database:
            return await work(Desk(settings, database, settings.clock))

    try:
        return asyncio.run(with_database())
    except Refusal as refusal:
        fail(texts_for("en")(refusal.key, **refusal.fields))
    except (SettingsError, DatabaseProblem) as problem:
        fail(str(problem))


def settings_or_exit() -> Settings:
    """Return the settings with logging set up; wrong ones end with exit 1."""
    from bot.logs import configure_logging

    try:
        settings = load_settings()
    except SettingsError as problem:
        fail(str(problem))
    configure_logging(settings.log_level, settings.secrets, settings.log_format)
    return settings


def instant(option: str, text: str) -> datetime | None:
    """Return the instant that an option holds, None for ``""``; anything else ends with 2."""
    if not text:
        return None
    example = "2020-01-01T09:00+08:00"
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{option} {text}: write it as {example}", WRONG_USE)
    if found.tzinfo is None:
        fail(f"{option} {text}: add the offset, as in {example}", WRONG_USE)
    try:
        found.astimezone(UTC) + timedelta(days=2)  # room for every reader's zone
    except OverflowError:
        fail(f"{option} {text}: is beyond every calendar", WRONG_USE)
    return found


def fail(text: str, code: int = COULD_NOT) -> NoReturn:
    """Say ``text`` on standard error and end."""
    typer.echo(text, err=True)
    raise typer.Exit(code)


_CONTROLS = dict.fromkeys(
    [code for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"], "␛"
)


def say(text: str = "") -> None:
    """Print a line; what members typed in it cannot command the terminal."""
    typer.echo(text.translate(_CONTROLS))


def say_note(text: str) -> None:
    """Print what is worth knowing beside the result, on standard error."""
    typer.echo(text, err=True)


def say_json(value: Any) -> None:
    """Print ``value`` as one JSON document."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


def say_table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows under headings, aligned."""
    rows = list(rows)
    if not rows:
        say("None.")
        return
    lines = [tuple(headings), *(tuple(str(cell) for cell in row) for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(headings))]
    for one in lines:
        cells = zip(one, widths, strict=True)
        say("  ".join(cell.ljust(width) for cell, width in cells).rstrip())


def say_problems(problems: Sequence[Problem]) -> None:
    """Print what is wrong in a file, a line each, on standard error."""
    for problem in problems:
        typer.echo(f"{problem.place}: {problem.text}", err=True)
