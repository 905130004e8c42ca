"""kill -9 while the invitation is being sent: what left twice, what was lost, what is listed."""

import asyncio
import json
from typing import Any

from bot.demo import files, words
from bot.demo.checks import (
    MOST_UNKNOWN,
    answered,
    at_most,
    between,
    copies,
    missing_are_listed,
    nobody_twice,
    same,
)
from bot.demo.files import Letter
from bot.demo.members import Member, Place
from bot.demo.play import Play
from bot.demo.seats import told_of_forum
from bot.demo.stage import DemoProblem, until

KILL_AFTER = 10
"""Copies in the chats at which the service is killed."""
WANJIRU = 8
SEND_SECONDS = 60.0


async def crash(play: Play) -> None:
    """Send the invitation, kill the service in the middle, start it again."""
    play.scene(words.SCENE_CRASH)
    stage, letter = play.stage, files.invitation()

    def arrived() -> int:
        return sum(len(copies(stage.journals, place, letter)) for _, place in play.places)

    made = await stage.must("announce", "create", *letter.arguments(), "--yes", "--json")
    number = str(json.loads(made)["id"])
    await until(lambda: arrived() >= KILL_AFTER, SEND_SECONDS, every=0.001)
    pid = stage.service.pid
    stage.service.kill_now()
    await stage.service.kill()
    at_kill = arrived()
    play.tell(words.KILLED.format(pid=pid, n=at_kill, total=play.readers))
    play.checks.append(between(words.CHECK_MIDDLE, KILL_AFTER, play.readers - 1, at_kill))
    who = play.actor(WANJIRU)
    stage.simulator(who[1].platform).say(who[1].user, words.ASK_DOWN)
    play.tell(words.SAYS_DOWN.format(name=who[0].name, text=words.ASK_DOWN))
    await asyncio.sleep(0.5)
    await stage.start_service()
    play.tell(words.RESTARTED.format(pid=stage.service.pid))
    report = await _finished(play, number)
    play.tell(words.FINISHED.format(n=arrived(), **report))
    _judge(play, letter, report)
    wanted = ("Beijing", "Source: ")
    await play.check(
        lambda: answered(words.CHECK_DOWN, stage.journals, who[1], words.ASK_DOWN, wanted)
    )
    await _answers(play, letter, _unconfirmed(report))


async def _finished(play: Play, number: str) -> dict[str, Any]:
    """Wait until nothing is left to send, and return the report."""
    loop = asyncio.get_running_loop()
    end = loop.time() + SEND_SECONDS
    while loop.time() < end:
        report: dict[str, Any] = json.loads(
            await play.stage.must("announce", "report", number, "--json")
        )
        if report["state"] == "sent":
            return report
        await asyncio.sleep(0.3)
    raise DemoProblem(words.NOT_SENT.format(seconds=f"{SEND_SECONDS:.0f}"))


def _unconfirmed(report: dict[str, Any]) -> set[tuple[str, str]]:
    rows = report["unreached"]
    return {(one["platform"], one["to"]) for one in rows if one["state"] == "unconfirmed"}


def _judge(play: Play, letter: Letter, report: dict[str, Any]) -> None:
    journals, places = play.stage.journals, play.places
    listed = _unconfirmed(report)
    arrived = [
        (member, place)
        for member, place in places
        if copies(journals, place, letter) and (place.platform, member.email) not in listed
    ]
    nowhere = sorted(member.email for member in play.stage.members if not member.places)
    play.checks += [
        nobody_twice(words.CHECK_NOBODY_TWICE, journals, places, letter),
        missing_are_listed(words.CHECK_LISTED, journals, places, letter, listed),
        same(words.CHECK_DELIVERED, report["delivered"], len(arrived)),
        at_most(words.CHECK_UNKNOWN_FEW, MOST_UNKNOWN, len(listed)),
        same(
            words.CHECK_NOWHERE,
            ", ".join(nowhere),
            ", ".join(sorted(one["email"] for one in report["no_messenger"])),
        ),
    ]
    for platform, email in sorted(listed):
        play.tell(words.UNKNOWN.format(platform=platform, email=email))


async def _answers(play: Play, letter: Letter, listed: set[tuple[str, str]]) -> None:
    """Somebody answers on their copy of the invitation: that copy shows the answer."""
    told = told_of_forum(play)
    who = _undecided(play, letter, listed)
    await play.presses(who, ":maybe:a")
    card = next(one for one in play.stage.chat(who[1]) if letter.language_of(one.text))
    await play.check(lambda: same(words.CHECK_INVITATION, "maybe", told.standing(*who)))
    await play.check(
        lambda: same(words.CHECK_CARD, "changed once", f"changed {_times(len(card.history))}")
    )


def _undecided(play: Play, letter: Letter, listed: set[tuple[str, str]]) -> tuple[Member, Place]:
    told = told_of_forum(play)
    for member, place in play.places:
        known = (place.platform, member.email) not in listed
        if (
            known
            and copies(play.stage.journals, place, letter)
            and not told.standing(member, place)
        ):
            return member, place
    raise DemoProblem(words.NOBODY_TO_ANSWER)


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n} times")
