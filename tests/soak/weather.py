"""All that platforms and networks do, at random moments, until it is called off."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

from bot.simulators.base import FLOODS
from tests.e2e.support import World
from tests.soak.traffic import Traffic

SENDS = ("error", "reset", "timeout", "lost", "late")
POLLS = ("error", "reset")
MOST_POLL_FAULTS = 2


@dataclass(slots=True)
class Weather:
    """Faults on both platforms; ``done`` counts what was staged, by name."""

    world: World
    chance: random.Random
    traffic: Traffic
    done: Counter[str] = field(default_factory=Counter)
    unmet: int = 0
    """Faults that no request had met when the weather was called off."""

    async def run(self, pause: float) -> None:
        """Do something every ``pause`` seconds on average, until cancelled."""
        try:
            while True:
                await asyncio.sleep(self.chance.uniform(0, 2 * pause))
                weights = (50, 10, 12, 8, 8, 6, 2)
                kinds = (
                    self._send_fault,
                    self._busy,
                    self._poll_fault,
                    self._flood,
                    self._again,
                    self._disconnect,
                    self._upgrade,
                )
                await self.chance.choices(kinds, weights)[0]()
        finally:
            for simulator in (self.world.telegram, self.world.slack):
                simulator.flood("")
                self.unmet += simulator.faults.clear()

    async def _send_fault(self) -> None:
        kind = self.chance.choice(SENDS)
        simulator = self.chance.choice((self.world.telegram, self.world.slack))
        simulator.fault(kind, 1)
        self.done[f"{kind} on {simulator.platform}"] += 1

    async def _busy(self) -> None:
        simulator = self.chance.choice((self.world.telegram, self.world.slack))
        simulator.answer_errors(1, 429, retry_after=1)
        self.done[f"429 on {simulator.platform}"] += 1

    async def _poll_fault(self) -> None:
        if self.world.telegram.faults.staged("getUpdates") >= MOST_POLL_FAULTS:
            return  # a service that is killed before it asks again would have no poll at all
        kind = self.chance.choice(POLLS)
        self.world.telegram.fault(kind, 1, method="getUpdates", status=502)
        self.done[f"{kind} of a poll"] += 1

    async def _flood(self) -> None:
        mode = self.chance.choice((*FLOODS, ""))
        self.world.telegram.flood(mode)
        self.world.slack.flood(mode)
        self.done[f"flood mode {mode or 'off'}"] += 1

    async def _again(self) -> None:
        self.world.telegram.redeliver(3)
        self.world.slack.redeliver(3)
        self.done["second deliveries"] += 2

    async def _disconnect(self) -> None:
        await self.world.slack.disconnect()
        self.done["socket disconnects"] += 1

    async def _upgrade(self) -> None:
        if not self.done["group upgrades"]:
            self.traffic.room = self.world.telegram.upgrade_room(self.traffic.room)
            self.done["group upgrades"] += 1
