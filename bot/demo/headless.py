"""``convoke demo --headless``: the script, and the table of what the chats prove."""

import time
from collections.abc import Sequence

from bot.demo import screen, words
from bot.demo.checks import Check
from bot.demo.crash import crash
from bot.demo.play import Play
from bot.demo.scenes import courtesies, greeting, questions
from bot.demo.seats import seats
from bot.demo.second_thoughts import second_thoughts
from bot.demo.stage import opened

SETTINGS = {"CONVOKE_TELEGRAM_RATE": "10"}
"""Slower than Telegram allows, so that a kill falls into the middle of 40 messages."""


async def play_script(port: int = 0) -> bool:
    """Play everything and print the table; return whether all was as promised.

    Raises:
        DemoProblem: it could not go on.
    """
    began = time.monotonic()
    async with opened(port, SETTINGS) as stage:
        screen.say(screen.bold(words.TITLE))
        screen.say(words.HEADLESS_BEGIN.format(n=len(stage.members), log=stage.log))
        play = Play(stage)
        try:
            await stage.load()
            await stage.start_service()
            for scene in (questions, greeting, courtesies, second_thoughts, seats, crash):
                await scene(play)
        except BaseException:
            stage.keep = True
            raise
        good = all(check.ok for check in play.checks)
        stage.keep = not good
        screen.say()
        for line in report(play.checks):
            screen.say(line)
        seconds = f"{time.monotonic() - began:.0f}"
        failed = sum(not check.ok for check in play.checks)
        end = words.ALL_GOOD if good else words.NOT_GOOD
        screen.say()
        screen.say(
            screen.bold(
                end.format(n=len(play.checks), bad=failed, seconds=seconds, folder=stage.folder)
            )
        )
    return good


def report(checks: Sequence[Check]) -> list[str]:
    """Return the table of checks as lines; what failed is explained below it."""
    rows = [
        (words.OK if one.ok else words.BAD, one.what, one.expected, one.found) for one in checks
    ]
    lines = [screen.bold(words.TABLE_TITLE), *screen.table(words.TABLE_HEADINGS, rows, most=44)]
    for one in checks:
        if not one.ok:
            lines += ["", words.FAILED.format(what=one.what)]
            lines += [words.EXPECTED.format(text=one.expected), words.FOUND.format(text=one.found)]
    return lines
