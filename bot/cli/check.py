"""``convoke check``: what is wrong with the set-up, and what to do."""

import asyncio
import logging
from dataclasses import asdict

import typer

from bot.cli.prompt import COULD_NOT, AsJson, say, say_json, say_table


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(json: AsJson = False) -> None:
    """Say what is wrong with the set-up, and what to do about it; a line each.

    Exit 0 if nothing keeps the service from working, warnings allowed, else 1.
    """
    from bot.setup.checkup import checkup
    from bot.setup.finding import Level

    # The lines say it all, in words; what the libraries log of the same would only bury them.
    logging.disable(logging.CRITICAL)
    findings = asyncio.run(checkup())
    wrong = [one for one in findings if one.level is Level.WRONG]
    if json:
        say_json([asdict(one) for one in findings])
    else:
        say_table(("", "what", ""), [(one.level.value, one.thing, one.text) for one in findings])
        say()
        say(_summary(len(wrong)))
    if wrong:
        raise typer.Exit(COULD_NOT)


def _summary(wrong: int) -> str:
    if not wrong:
        return "Ready: `convoke run` starts the service."
    things = "One thing is" if wrong == 1 else f"{wrong} things are"
    return f"{things} wrong. Mend what the lines say, then `convoke check` again."
