"""Kill -9 at any moment, start again: nothing lost, nothing twice, the unknown is listed.

A broadcast runs on both platforms while members write and press. What became of each is
read from the simulators' journals. ``CONVOKE_TEST_KILLS`` sets how often it is killed.
"""

import asyncio
import os
import random
import re
from pathlib import Path

import pytest

from tests.e2e.support import Running, World, tell, until, world

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(1800)]

KILLS = int(os.environ.get("CONVOKE_TEST_KILLS", "3"))
SEED = int(os.environ.get("CONVOKE_TEST_SEED", "7"))
TITLE = "Greeting"
LOST = re.compile(r"(\d+) messages of an earlier run are unconfirmed")


class Crowd:
    """Members who ask once each, and press once each, while the service comes and goes."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        self.waiting = world.everybody()
        chance.shuffle(self.waiting)
        self.askers: list[str] = []
        self.pressers: list[str] = []

    async def act(self) -> None:
        """Write and press at random moments until cancelled."""
        while True:
            await asyncio.sleep(self.chance.uniform(0.02, 0.25))
            if not self.waiting:
                continue
            user = self.waiting.pop()
            copy = [one for one in self.world.from_bot(user) if one.buttons]
            if copy and len(self.pressers) <= len(self.askers):
                self.pressers.append(user)
                self.world.press(user, copy[0], "Going")
            elif len(self.askers) < 60:
                self.askers.append(user)
                self.world.say(user, "Where is the cafeteria?")
            else:
                self.waiting.insert(0, user)


async def one_kill(run: Running, chance: random.Random, on_postgresql: bool) -> None:
    """Kill somewhere between the start of the process and well into its work.

    On PostgreSQL it must first wait for the lease of the one before: a kill in that time
    would prove nothing.
    """
    if on_postgresql:
        await run.ready()
    await asyncio.sleep(chance.uniform(0.0, 1.5 if on_postgresql else 3.5))
    await run.killed()


async def check_journals(world: World, crowd: Crowd, number: int) -> None:
    report = await world.report(number)
    people = world.everybody()
    copies = {user: world.copies(user, TITLE) for user in people}
    assert {user for user, count in copies.items() if count > 1} == set()
    not_there = {user for user, count in copies.items() if count == 0}
    listed = await world.rows(
        "SELECT address.chat FROM delivery JOIN address ON address.id = delivery.address_id "
        "WHERE announcement_id = :id AND delivery.state = 'unconfirmed'",
        id=number,
    )
    unknown_copies = {row.chat for row in listed}
    assert not_there <= unknown_copies
    assert report["state"] == "sent"
    assert report["total"] == len(people)
    assert report["delivered"] + report["unconfirmed"] == len(people)
    assert sum(row["state"] == "unconfirmed" for row in report["unreached"]) == len(listed)

    unknown = await world.unconfirmed_replies()
    for user in crowd.askers:
        answers = [one for one in world.from_bot(user) if "hall 42" in one.text]
        assert len(answers) == 1 or (not answers and user in unknown), (user, answers)
    for user in crowd.pressers:
        noted = [one for one in world.from_bot(user) if one.text.startswith("✅ Noted")]
        assert len(noted) == 1 or (not noted and user in unknown), (user, noted)
        card = next(one for one in world.from_bot(user) if one.text.startswith(TITLE))
        # A copy that is not known to have arrived is not changed: the answer has buttons then.
        instead = user in unknown_copies or not noted or noted[0].buttons
        assert "Your answer: going" in card.text or instead, (user, card)
    rest = set(people) - set(crowd.askers) - set(crowd.pressers)
    assert all(len(world.from_bot(user)) <= 1 for user in rest)
    seats = await world.rows("SELECT taken FROM event_seats")
    assert sum(row.taken for row in seats) == len(crowd.pressers)


async def run_through_kills(world: World, kills: int) -> list[int]:
    """Announce, kill so often, let it finish; return the unconfirmed of each kill."""
    chance = random.Random(SEED)
    # The broadcast has to outlast the kills, or they prove nothing.
    people = max(150, int(kills * 30))
    await world.furnish(people, max(12, kills))
    crowd = Crowd(world, chance)
    number = await world.announce("--rsvp", "forum", title=TITLE)
    acting = asyncio.create_task(crowd.act())
    lost = []
    run = await world.start()
    for _ in range(kills):
        await one_kill(run, chance, "postgresql" in world.settings["CONVOKE_DATABASE_URL"])
        run = await world.start()
    await run.ready()
    await until(lambda: len(crowd.askers) > 10 and len(crowd.pressers) > 10, "people act", 30)
    acting.cancel()
    await world.is_sent(number, 90)
    await settled(world)
    for one in world.runs:
        lost.append(sum(int(count) for count in LOST.findall(one.text)))
    await check_journals(world, crowd, number)
    stopping = await run.stopped()
    assert stopping < 10
    return lost


async def settled(world: World) -> None:
    """Wait until nothing is left to handle or to send."""
    for _ in range(200):
        left = await world.rows(
            "SELECT (SELECT count(*) FROM inbox WHERE state IN ('new', 'claimed')) + "
            "(SELECT count(*) FROM delivery WHERE state IN ('pending', 'claimed', 'sending')) AS n"
        )
        if not left[0].n:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("something stays unfinished")


async def test_kills_on_sqlite(tmp_path: Path) -> None:
    async with world(tmp_path, CONVOKE_TELEGRAM_RATE="25") as here:
        lost = await run_through_kills(here, KILLS)
        tell("unconfirmed by run", lost)
        assert max(lost) <= 32


@pytest.mark.postgres
async def test_kills_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    async with world(
        tmp_path, CONVOKE_TELEGRAM_RATE="25", CONVOKE_DATABASE_URL=postgres_url
    ) as here:
        lost = await run_through_kills(here, max(2, KILLS // 5))
        tell("unconfirmed by run", lost)
        assert max(lost) <= 32
