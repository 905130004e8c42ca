"""The fake of the tests passes the suite of the real adapters, or its word is worth nothing."""

import pytest

from bot.adapters.conformance import AdapterConformance, HandClock, Harness
from bot.simulators.base import SimulatedPerson
from tests.support.fake_adapter import TOKEN, FakeAdapter, FakePlatform


class FakeHarness:
    user = "4242"
    send_method = "send"
    secrets = (TOKEN,)

    def __init__(self) -> None:
        self.clock = HandClock()
        self.adapter = FakeAdapter(self.clock)
        self.simulator: FakePlatform = self.adapter.platform
        self.simulator.add_person(SimulatedPerson(self.user, "Ana"))

    async def cut(self) -> None:
        self.simulator.down = True

    async def restore(self) -> None:
        self.simulator.down = False
        self.simulator.came.set()


class TestFake(AdapterConformance):
    @pytest.fixture
    async def harness(self) -> Harness:
        return FakeHarness()
