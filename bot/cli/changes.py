"""What an import would do, or has done, for people and for programs."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from bot.cli.prompt import say
from bot.domain.changes import Change, Plan, What
from bot.domain.people import ImportReport, Problem

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only show what would change and what is wrong.")
]
NOTHING_WRITTEN = "This was a dry run: nothing was written."
_SIGNS = {What.ADDED: "+", What.CHANGED: "~", What.REMOVED: "-"}
_SHOWN = 70
"""Characters of a value; a whole abstract would hide what is around it."""


def counts(report: ImportReport) -> dict[str, int]:
    """Return what a report says in numbers, by its words."""
    return {
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "removed": report.removed,
    }


def counted(numbers: dict[str, int]) -> str:
    """Return numbers as one line."""
    return ", ".join(f"{n} {what}" for what, n in numbers.items())


def say_changes(plan: Plan) -> None:
    """Print each change, a line each, and its fields below it."""
    for change in plan.changes:
        for line in _lines(change):
            say(line)


def _lines(change: Change) -> Iterator[str]:
    title = f" “{_plain(change.title)}”" if change.title else ""
    place = f" ({_plain(change.place)})" if change.place else ""
    yield f"{_SIGNS[change.what]} {change.kind} {_plain(change.key)}{title}{place}"
    for one in change.fields:
        yield f"    {one.name}: {_value(one.before)} → {_value(one.after)}"


def _value(value: Any) -> str:
    if value in (None, "", [], {}):
        return "(nothing)"
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _plain(shown)


def _plain(text: str) -> str:
    """Return ``text`` as one line that no terminal takes for a command."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def plan_json(plan: Plan, numbers: dict[str, int]) -> dict[str, Any]:
    """Return counts, changes and problems as data."""
    return {
        **numbers,
        "dry_run": True,
        "changes": [asdict(change) for change in plan.changes],
        "problems": [problem_json(problem) for problem in plan.problems],
    }


def problem_json(problem: Problem) -> dict[str, Any]:
    """Return a problem as data."""
    return asdict(problem)
