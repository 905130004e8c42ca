"""Which channel is whose, recalled at once and never asked for one by one."""

from bot.adapters.slack.directs import Directs
from tests.contract.slack.conftest import Memory

TEAM = "T0ONE"


class Counting(Memory):
    """A memory that counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def get(self, key: str) -> str | None:
        self.asked += 1
        return await super().get(key)

    async def all(self, prefix: str) -> dict[str, str]:
        self.asked += 1
        return await super().all(prefix)


async def test_known_channels_are_recalled_with_one_question() -> None:
    memory = Counting()
    for number in range(100):
        await Directs(memory).remember(TEAM, f"U{number}", f"D{number:04}")
    await Directs(memory).remember("T0TWO", "U1", "D9999")
    memory.asked, directs = 0, Directs(memory)
    found = [await directs.channel_of(TEAM, f"U{number}") for number in range(100)]
    assert found == [f"D{number:04}" for number in range(100)]
    assert memory.asked == 1
    assert await directs.channel_of("T0TWO", "U1") == "D9999"


async def test_what_another_process_opens_later_is_found() -> None:
    memory = Memory()
    directs = Directs(memory)
    assert await directs.channel_of(TEAM, "U1") is None
    await Directs(memory).remember(TEAM, "U1", "D0001")
    assert await directs.channel_of(TEAM, "U1") == "D0001"
