"""Kill -9 at random moments of a broadcast with every fault on; then count what is where.

What a platform's journal shows is the truth. A copy may be missing only where the ledger
lists it, and an unknown fate must have a cause: it was being sent at a kill (at most 32 of
them each time), or its answer was lost on purpose. Exactly once does not exist on Telegram:
the unknown ones are counted and shown, not hidden.
"""

import asyncio
import random
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.simulators.journal import SeenMessage
from tests.crash import under_way
from tests.crash.causes import without_cause
from tests.e2e.support import READY, Running, World, email_of, until

TITLE, STOPPED = "Greeting", "Stopped"
IN_FLIGHT = 32
KINDS = ("error", "reset", "timeout", "lost", "late")
UNSURE = ("lost", "late", "reset", "timeout", "error")
"""Faults after which nobody can know whether the message was taken."""
CHANGES = {
    "telegram": ("editMessageText", "deleteMessage"),
    "slack": ("chat.update", "chat.delete"),
}
BLOCKERS = 4
"""How many people block the bot and come back meanwhile."""
CONFESSED = re.compile(r"(\d+) messages of an earlier run are unconfirmed")
RECONCILED_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of it; ``kills`` in the broadcast, ``later`` in each of what follows."""

    telegram: int
    slack: int
    kills: int
    later: int
    processes: int = 1
    seed: int = 5
    reconciles: bool = True
    """Whether to wait until Slack's unknown ones are looked up: 90 s after their attempt."""


@dataclass(slots=True)
class Count:
    """What there was; ``found`` is what must not be."""

    kills: int = 0
    recipients: int = 0
    arrived: int = 0
    doubled: int = 0
    lost: int = 0
    blocked: int = 0
    unconfirmed: int = 0
    unconfirmed_but_there: int = 0
    unconfirmed_at_a_kill: int = 0
    unconfirmed_answer_lost: int = 0
    sending_at_kills: int = 0
    most_at_one_kill: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    slack_unconfirmed: int = 0
    corrected: int = 0
    not_corrected: int = 0
    corrected_under_way: int = 0
    told: int = 0
    recalled: int = 0
    not_recalled: int = 0
    found: list[str] = field(default_factory=list)

    def expect(self, holds: object, what: str) -> None:
        """Note ``what`` unless it holds."""
        if not holds:
            self.found.append(what)


class Crash:
    """One installation under faults, killed again and again."""

    def __init__(self, world: World, plan: Plan) -> None:
        """Nothing runs yet."""
        self.world = world
        self.plan = plan
        self.chance = random.Random(plan.seed)
        self.count = Count()
        self.runs: list[Running] = []
        self.at_kills: set[int] = set()
        """Ids of the rows that were `sending` when the process that sent them was killed."""
        self.on_postgresql = "postgresql" in world.settings["CONVOKE_DATABASE_URL"]

    async def play(self) -> Count:
        """A broadcast, one that is cancelled, a correction and a recall, all under kills."""
        world, plan = self.world, self.plan
        await world.furnish(plan.telegram, plan.slack)
        blocked = {str(1001 + 7 * at) for at in range(plan.telegram // 20)}
        fickle = [str(1002 + 7 * at) for at in range(BLOCKERS)]
        for user in blocked:
            world.telegram.block(user)
        self.count.blocked = len(blocked)
        self.runs = [await world.start() for _ in range(plan.processes)]
        number = await world.announce(title=TITLE)
        async with self._weather():
            for at in range(plan.kills):
                world.telegram.block(self.chance.choice(fickle), at % 3 != 0)
                if at == plan.kills // 3:
                    await self._paused(number)
                await self._kill()
        await world.is_sent(number, 300)
        await world.is_idle(60)
        await self._check_broadcast(number, blocked | set(fickle))
        await self._explain(number)
        await self._cancelled()
        await self._corrected_under_way()
        await self._changed(number, "correct")
        await self._changed(number, "recall")
        if plan.reconciles:
            await self._reconciled()
        confessed = [int(n) for run in world.runs for n in CONFESSED.findall(run.text)]
        self.count.most_at_one_kill = max(confessed, default=0)
        self.count.expect(max(confessed, default=0) <= IN_FLIGHT, f"too many at once: {confessed}")
        for run in self.runs:
            await run.stopped()
        return self.count

    async def _kill(self) -> None:
        """Kill one that holds an account, or somebody, and start another in its place."""
        if self.on_postgresql:
            await until(self._somebody_holds, "somebody holds Telegram", 30)
        await asyncio.sleep(self.chance.uniform(0.0, 1.5 if self.on_postgresql else 3.0))
        holders = [one for one in self.runs if self._holds(one)]
        victim = self.chance.choice(holders or self.runs)
        self.runs.remove(victim)
        held = [name for name in CHANGES if f"{name}: {READY}" in victim.text]
        await victim.killed()
        await self._note_sending(held)
        self.runs.append(await self.world.start())
        self.count.kills += 1

    async def _note_sending(self, platforms: list[str]) -> None:
        """Remember what the killed process was sending, before anybody takes it over."""
        await asyncio.sleep(0.05)  # PostgreSQL may still end the commit that was under way
        rows = await self.world.rows(
            "SELECT id, platform FROM delivery WHERE state = 'sending' AND kind = 'send'"
        )
        of_victim = [row.id for row in rows if row.platform in platforms]
        self.count.sending_at_kills += len(set(of_victim) - self.at_kills)
        self.at_kills |= set(of_victim)

    def _holds(self, run: Running) -> bool:
        return f"telegram: {READY}" in run.text

    def _somebody_holds(self) -> bool:
        return any(self._holds(one) for one in self.runs)

    @asynccontextmanager
    async def _weather(self, changes: bool = False) -> AsyncIterator[None]:
        raging = asyncio.create_task(self._rage(changes))
        try:
            yield
        finally:
            raging.cancel()
            await asyncio.gather(raging, return_exceptions=True)
            for simulator in (self.world.telegram, self.world.slack):
                simulator.flood("")
                simulator.faults.clear()

    async def _rage(self, changes: bool) -> None:
        while True:
            await asyncio.sleep(self.chance.uniform(0.1, 0.5))
            simulator = self.chance.choice((self.world.telegram, self.world.slack))
            method = self.chance.choice(CHANGES[simulator.platform]) if changes else ""
            kind = self.chance.choice((*KINDS, "429", "flood"))
            name = f"{kind} of a change" if changes else kind
            self.count.faults[name] = self.count.faults.get(name, 0) + 1
            if kind == "429":
                simulator.answer_errors(1, 429, retry_after=1)
            elif kind == "flood":
                simulator.flood(self.chance.choice(("bucket", "window", "")))
            else:
                simulator.fault(kind, 1, method=method)

    async def _paused(self, number: int) -> None:
        """While it is paused nothing arrives, whoever is killed."""
        await until(lambda: self._arrived(TITLE), "it is being sent", 60)
        await self.world.done("announce", "pause", str(number))
        await asyncio.sleep(1.0)
        before = self._arrived(TITLE)
        await self._kill()
        await asyncio.sleep(1.0)
        self.count.expect(self._arrived(TITLE) == before, "it went on while it was paused")
        await self.world.done("announce", "resume", str(number))

    async def _check_broadcast(self, number: int, blocked: set[str]) -> None:
        count, users = self.count, self.world.everybody()
        copies = {user: self.world.copies(user, TITLE) for user in users}
        states = await self._states(number)
        unsure = {user for user, state in states.items() if state == "unconfirmed"}
        count.recipients = len(users)
        count.arrived = sum(n > 0 for n in copies.values())
        count.doubled = sum(n > 1 for n in copies.values())
        given_up = {user for user in blocked if states.get(user) in ("failed", "skipped")}
        lost = [user for user, n in copies.items() if not n and user not in unsure | given_up]
        count.lost = len(lost)
        count.unconfirmed = len(unsure)
        count.unconfirmed_but_there = sum(copies[user] > 0 for user in unsure)
        count.expect(not lost, f"lost: {[(user, states.get(user)) for user in lost][:5]}")
        doubled = [user for user, n in copies.items() if n > 1]
        count.expect(not doubled, f"doubled: {doubled[:5]}")
        count.expect(len(states) == len(users), f"{len(states)} rows for {len(users)} people")
        told = [user for user, state in states.items() if state == "delivered" and not copies[user]]
        count.expect(not told, f"said to be delivered and not there: {told[:5]}")
        report = await self.world.report(number)
        listed = sum(row["state"] == "unconfirmed" for row in report["unreached"])
        count.expect(listed == len(unsure), f"{listed} of {len(unsure)} unconfirmed are listed")
        swallowed = sum(n for kind, n in count.faults.items() if kind in UNSURE)
        explained = IN_FLIGHT * count.kills + swallowed
        count.expect(len(unsure) <= explained, f"{len(unsure)} unconfirmed, {explained} explained")

    async def _explain(self, number: int) -> None:
        """Each unconfirmed row was `sending` at a kill, or an answer to its chat was lost."""
        world, count = self.world, self.count
        rows = await world.rows(
            "SELECT delivery.id, account.user AS who FROM delivery "
            "JOIN address ON address.id = delivery.address_id "
            "JOIN account ON account.id = address.account_id "
            "WHERE announcement_id = :id AND delivery.state = 'unconfirmed'",
            id=number,
        )
        requests = [*world.telegram.journal.requests, *world.slack.journal.requests]
        unknown = [(row.id, row.who) for row in rows]
        count.unconfirmed_at_a_kill = sum(row.id in self.at_kills for row in rows)
        count.unconfirmed_answer_lost = len(rows) - count.unconfirmed_at_a_kill
        wrong = without_cause(unknown, self.at_kills, requests)
        count.expect(not wrong, f"unconfirmed without a cause: {dict(wrong)}")

    async def _cancelled(self) -> None:
        """Cancelled in the middle, and killed at once: nothing leaves any more."""
        number = await self.world.announce(title=STOPPED)
        await until(lambda: self._arrived(STOPPED) > 2, "it is being sent", 60)
        await self.world.done("announce", "cancel", str(number))
        await self._kill()
        before = self._arrived(STOPPED)
        await self.world.is_idle(60)
        report = await self.world.report(number)
        self.count.expect(self._arrived(STOPPED) == before, "it went on after it was cancelled")
        doubled = [one for one in self.world.everybody() if self.world.copies(one, STOPPED) > 1]
        self.count.expect(not doubled, f"doubled before it was cancelled: {doubled[:5]}")
        ended = ("delivered", "failed", "unconfirmed", "skipped")
        self.count.expect(
            sum(report[name] for name in ended) == report["total"], f"rows are open: {report}"
        )

    async def _corrected_under_way(self) -> None:
        """Corrected in the middle and told anew, then sent again where it is unknown."""
        world, count = self.world, self.count
        number = await world.announce(title=under_way.TITLE, words=under_way.OLD)
        await until(lambda: self._arrived(under_way.TITLE) > 2, "it is being sent", 60)
        file = world.write("long.md", under_way.WORDS)
        await world.done("announce", "correct", str(number), "--text-file", file, "--tell")
        async with self._weather():
            for _ in range(self.plan.later):
                await self._kill()
        for resent in (False, True):
            if resent:
                await world.done("announce", "resend", str(number))
            await world.is_sent(number, 300)
            change = await self._ended(number)
            telling = change["told_by"]
            await world.is_sent(telling, 300)
            await world.is_idle(60)
            readers = await under_way.readers_of(world, number, telling)
            if not resent:
                wrong = under_way.mistakes(readers)
                count.expect(not wrong, f"corrected in the middle: {wrong[:3]}")
                count.corrected_under_way = sum(set(one.copy) == {"delivered"} for one in readers)
                count.told = sum(set(one.told) == {"delivered"} for one in readers)
                count.expect(count.corrected_under_way, "nobody has the corrected words")
                count.expect(count.told, "nobody was told")
        left = [one.user for one in readers if set(one.copy) & {"pending", "claimed", "sending"}]
        count.expect(not left, f"sent again and not done: {left[:5]}")
        riddles = [one.user for one in readers if set(one.copy) == {"delivered", "skipped"}]
        count.expect(not riddles, f"sent again without its later parts: {riddles[:5]}")

    async def _ended(self, number: int) -> dict[str, Any]:
        """Wait until the newest change is done, and return it."""
        change: dict[str, Any] = {"open": True}
        for _ in range(600):
            change = (await self.world.report(number))["changes"][-1]
            if not change["open"]:
                break
            await asyncio.sleep(0.5)
        self.count.expect(not change["open"], f"a change does not end: {change}")
        return change

    async def _changed(self, number: int, how: str) -> None:
        words = ("--text-file", self.world.write("new.md", "Corrected words."))
        more = words if how == "correct" else ()
        await self.world.done("announce", how, str(number), *more)
        async with self._weather(changes=True):
            for _ in range(self.plan.later):
                await self._kill()
        change = await self._ended(number)
        states = await self._states(number)
        there = [user for user, state in states.items() if state == "delivered"]
        wrong = [user for user in there if not self._is_changed(user, how)]
        done = len(there) - len(wrong)
        listed = {row["to"] for row in change["failed"]}
        unlisted = [user for user in wrong if email_of(user) not in listed]
        self.count.expect(not unlisted, f"{how}: as they were, and not listed: {unlisted[:5]}")
        if how == "correct":
            self.count.corrected, self.count.not_corrected = done, len(wrong)
        else:
            self.count.recalled, self.count.not_recalled = done, len(wrong)

    def _is_changed(self, user: str, how: str) -> bool:
        standing = self._standing(user)
        if how == "recall":
            return not standing
        return bool(standing) and all("Corrected words." in one.text for one in standing)

    async def _reconciled(self) -> None:
        """On Slack every unknown one is looked up in the end."""
        query = (
            "SELECT count(*) AS n FROM delivery WHERE platform = 'slack' "
            "AND kind = 'send' AND state = 'unconfirmed'"
        )
        for _ in range(RECONCILED_SECONDS):
            left = int((await self.world.rows(query))[0].n)
            if not left:
                break
            await asyncio.sleep(1.0)
        self.count.slack_unconfirmed = left
        self.count.expect(not left, f"{left} unconfirmed on Slack")
        for user in (one.user for one in self.world.slack.people()):
            self.count.expect(self.world.copies(user, TITLE) <= 1, f"doubled on Slack: {user}")

    async def _states(self, number: int) -> dict[str, str]:
        rows = await self.world.rows(
            "SELECT account.user AS who, delivery.state FROM delivery "
            "JOIN address ON address.id = delivery.address_id "
            "JOIN account ON account.id = address.account_id WHERE announcement_id = :id",
            id=number,
        )
        return {row.who: row.state for row in rows}

    def _standing(self, user: str) -> list[SeenMessage]:
        shown = self.world.from_bot(user)
        return [one for one in shown if one.text.startswith(TITLE) and not one.deleted]

    def _arrived(self, title: str) -> int:
        return sum(self.world.copies(user, title) for user in self.world.everybody())
