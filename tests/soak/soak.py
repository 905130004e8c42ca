"""An hour of a busy alliance in minutes: load, every fault, kills; then nobody is missing.

What is compressed is the pause between two things that people do; nothing is left out, and
no clock is moved. ``make soak`` runs the long form, the suite a short one.
"""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.simulators.journal import SeenMessage
from tests.e2e.support import READY, Running, World, until
from tests.soak.traffic import INVITATION, PAGES, QUESTIONS, Traffic
from tests.soak.verdict import Copies, Evidence, findings
from tests.soak.weather import Weather

CONFESSED = ("failed", "skipped", "unconfirmed")
LOST = ("lost", "late", "reset", "timeout", "error")
"""Faults after which we cannot know whether the message was taken."""
LOOK_SECONDS = 2.0
BROKEN = re.compile(r"Traceback|Task exception|CRITICAL")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of it."""

    telegram: int
    slack: int
    actions: int
    pause: float
    weather: float
    kills: int
    greetings: int
    processes: int = 1
    seed: int = 7
    reconcile_seconds: float = 0.0
    """How long to wait for Slack's unknown messages to be looked up; 0 does not wait."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What there was, and what is wrong with it."""

    found: list[str]
    figures: dict[str, Any]


async def soak(world: World, plan: Plan) -> Outcome:
    """Run ``plan`` in ``world``."""
    chance = random.Random(plan.seed)
    begun = time.monotonic()
    room = await _furnish(world, plan)
    traffic = Traffic(world, chance, room)
    weather = Weather(world, random.Random(plan.seed + 1), traffic)
    runs = [await world.start() for _ in range(plan.processes)]
    await until(lambda: all(_held(runs, one) for one in ("telegram", "slack")), "a holder", 30)
    numbers = {INVITATION: await world.announce("--rsvp", "forum", title=INVITATION)}
    acting = asyncio.create_task(traffic.run(plan.actions, plan.pause))
    raging = asyncio.create_task(weather.run(plan.weather))
    steps = max(1, plan.kills + plan.greetings)
    length = plan.actions * plan.pause
    greetings = {round((at + 1) * steps / (plan.greetings + 1)) for at in range(plan.greetings)}
    for step in range(1, steps + 1):
        await asyncio.sleep(length / steps * chance.uniform(0.6, 1.2))
        if step in greetings:
            title = f"Greeting {step}"
            numbers[title] = await world.announce(title=title)
        if step <= plan.kills:
            await _kill_one(world, runs, chance)
    await acting
    raging.cancel()
    await asyncio.gather(raging, return_exceptions=True)
    await _settle(world, numbers.values(), plan)
    evidence = await _evidence(world, traffic, weather, numbers, plan)
    for run in runs:
        await run.stopped()
    figures = _figures(world, traffic, weather, evidence, time.monotonic() - begun)
    found = findings(evidence)
    return Outcome(found, {**figures, "found": found[:10]})


def _held(runs: list[Running], platform: str) -> bool:
    return any(f"{platform}: {READY}" in run.text for run in runs)


async def _furnish(world: World, plan: Plan) -> str:
    rows = world.add_people(plan.telegram, plan.slack)
    await world.done("roster", "import", world.write_roster(rows))
    folder = world.write_conference(capacity=1000)
    world.write(f"{folder}/faq.md", PAGES)
    await world.done("import", folder)
    room = world.telegram.create_room("Members", ["1001", "1002"])
    world.telegram.add_bot(room, "1001")
    return room


async def _kill_one(world: World, runs: list[Running], chance: random.Random) -> None:
    """Kill the oldest process at once, and start another in its place."""
    await asyncio.sleep(chance.uniform(0, 0.5))
    victim = runs.pop(0)
    await victim.killed()
    runs.append(await world.start())


async def _settle(world: World, numbers: Iterable[int], plan: Plan) -> None:
    """Wait until nothing is left to receive, to handle, to send, or (if asked) to look up."""
    await until(lambda: not _undelivered(world), "the platforms were relieved of all", 180)
    for number in numbers:
        await world.is_sent(number, 240)
    await world.is_idle(120)
    for _ in range(round(plan.reconcile_seconds / LOOK_SECONDS)):
        if not await _unknown_on_slack(world):
            break
        await asyncio.sleep(LOOK_SECONDS)
    await world.is_idle(60)


def _undelivered(world: World) -> int:
    return len(world.telegram.world.waiting()) + world.slack.sockets.undelivered


async def _unknown_on_slack(world: World) -> int:
    rows = await world.rows(
        "SELECT count(*) AS n FROM delivery JOIN address ON address.id = delivery.address_id "
        "WHERE delivery.state = 'unconfirmed' AND delivery.platform = 'slack' AND kind = 'send' "
        "AND unreachable = ''"  # the history of an account that is gone cannot be read
    )
    return int(rows[0].n)


async def _evidence(
    world: World, traffic: Traffic, weather: Weather, numbers: dict[str, int], plan: Plan
) -> Evidence:
    excused = _given_up(world)
    unfinished = await world.rows(
        "SELECT (SELECT count(*) FROM inbox WHERE state IN ('new', 'claimed')) + "
        "(SELECT count(*) FROM delivery WHERE state IN ('pending', 'claimed', 'sending')) AS n"
    )
    unconfirmed = await world.rows("SELECT count(*) AS n FROM delivery WHERE state = 'unconfirmed'")
    failed = await world.rows("SELECT count(*) AS n FROM inbox WHERE state = 'failed'")
    broken = [line for run in world.runs for line in run.text.splitlines() if BROKEN.search(line)]
    if failed[0].n:
        broken.append(f"{failed[0].n} updates could not be handled")
    lost = sum(
        count for name, count in weather.done.items() if name.startswith(LOST) and " on " in name
    )
    return Evidence(
        asked=traffic.asked,
        answered=_answered(world),
        listed=await _listed_replies(world),
        excused=excused,
        announcements=tuple([await _copies(world, *one) for one in numbers.items()]),
        pressed={user: answer for user, answer in traffic.pressed.items() if not excused.get(user)},
        stored=await _stored(world),
        unfinished=int(unfinished[0].n),
        unconfirmed=int(unconfirmed[0].n),
        lost_answers=lost,
        kills=plan.kills,
        broken=tuple(broken[:5]),
    )


def _given_up(world: World) -> Counter[str]:
    """Return by person what Slack gave up to deliver: it asks again a few times only."""
    found: Counter[str] = Counter()
    payloads = [one.payload for one in world.slack.sockets.given_up]
    payloads += [one.payload for one in world.slack.hooks.given_up]
    for payload in payloads:
        event = payload.get("event") or {}
        user = event.get("user") or (payload.get("user") or {}).get("id", "")
        found[user] += 1
    return found


def _answered(world: World) -> Counter[tuple[str, str]]:
    counted: Counter[tuple[str, str]] = Counter()
    for user in world.everybody():
        _count(counted, user, world.from_bot(user))
    for chat in world.telegram.journal.chats():
        if chat.startswith("-"):
            _count(counted, "room", world.telegram.journal.from_bot(chat))
    return counted


def _count(into: Counter[tuple[str, str]], chat: str, messages: Iterable[SeenMessage]) -> None:
    for one in messages:
        for words in QUESTIONS.values():
            into[chat, words] += words in one.text


async def _listed_replies(world: World) -> Counter[str]:
    rows = await world.rows(
        "SELECT address.chat, address.account_id, account.user AS who, "
        "delivery.state, count(*) AS n "
        "FROM delivery JOIN address ON address.id = delivery.address_id "
        "LEFT JOIN account ON account.id = address.account_id "
        "WHERE announcement_id IS NULL AND kind = 'send' "
        "GROUP BY address.chat, address.account_id, account.user, delivery.state"
    )
    found: Counter[str] = Counter()
    for row in (one for one in rows if one.state in CONFESSED):
        found[row.who or ("room" if str(row.chat).startswith("-") else str(row.chat))] += row.n
    return found


async def _copies(world: World, title: str, number: int) -> Copies:
    rows = await world.rows(
        "SELECT account.user AS who, delivery.state FROM delivery "
        "JOIN address ON address.id = delivery.address_id "
        "JOIN account ON account.id = address.account_id WHERE announcement_id = :id",
        id=number,
    )
    return Copies(
        title,
        {user: world.copies(user, title) for user in world.everybody()},
        {row.who: row.state for row in rows if row.state in CONFESSED},
        len(rows),
    )


async def _stored(world: World) -> dict[str, str]:
    rows = await world.rows(
        "SELECT account.user AS who, rsvp.answer FROM rsvp "
        "JOIN account ON account.person_id = rsvp.person_id"
    )
    return {row.who: row.answer for row in rows}


def _figures(
    world: World, traffic: Traffic, weather: Weather, seen: Evidence, seconds: float
) -> dict[str, Any]:
    requests = [*world.telegram.journal.requests, *world.slack.journal.requests]
    return {
        "minutes": round(seconds / 60, 1),
        "people": len(world.everybody()),
        "actions": dict(traffic.done),
        "announcements": len(seen.announcements),
        "kills": seen.kills,
        "faults staged": sum(weather.done.values()),
        "faults met by nothing": weather.unmet,
        "by kind": dict(sorted(weather.done.items())),
        "requests": len(requests),
        "refused with 429": sum(one.status == "429" for one in requests),
        "given up by Slack": sum(seen.excused.values()),
        "unconfirmed at the end": seen.unconfirmed,
        "listed replies": sum(seen.listed.values()),
    }
