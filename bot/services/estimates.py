"""How long it takes to send an announcement, or to change what stands in chats.

Platforms send beside each other, so the slowest of them counts. Chats are opened while
messages are sent, so of these two the slower one counts as well.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.adapters.base import Pace
from bot.domain import audience
from bot.domain.announcement import Announcement
from bot.storage import delivery_reports, opening
from bot.storage.database import Read


@dataclass(frozen=True, slots=True)
class Estimates:
    """What an estimate is made of.

    Attributes:
        paces: How fast each messenger may be written to, by platform.
        messages_of: Gives of how many messages a copy is, by platform.
        opened: Where direct chats must be opened first, by platform: the beginning of the keys
            under which those stand that are.
    """

    paces: Mapping[str, Pace] = field(default_factory=dict)
    messages_of: Callable[[Announcement], Mapping[str, int]] = lambda announcement: {}
    opened: Mapping[str, str] = field(default_factory=dict)

    async def to_send(self, read: Read, found: Announcement, chats: Mapping[str, int]) -> float:
        """Return how many seconds sending takes, or what is left of it.

        Args:
            chats: To how many it goes, by platform; of no matter once its audience is fixed.
        """
        closed = {}
        if found.frozen_at is not None:
            messages = await delivery_reports.left_by_platform(read, found.id)
            for platform, prefix in self.opened.items():
                closed[platform] = await opening.count_left(read, found.id, platform, prefix)
        else:
            each = self.messages_of(found)
            expression = audience.parse(found.audience)
            messages = {name: count * each.get(name, 1) for name, count in chats.items()}
            for platform, prefix in self.opened.items():
                closed[platform] = await opening.count(read, expression, platform, prefix)
        return max(self._sending(messages), self._opening(closed))

    async def to_change(self, read: Read, announcement_id: int) -> float:
        """Return how many seconds it takes to edit or delete all copies that stand in chats."""
        copies = await delivery_reports.standing_by_platform(read, announcement_id)
        return self._changing(copies)

    async def left_to_change(self, read: Read, announcement_id: int) -> float:
        """Return how many seconds the changes that are under way still take."""
        return self._changing(await delivery_reports.changing_by_platform(read, announcement_id))

    def _sending(self, messages: Mapping[str, int]) -> float:
        return _slowest(messages, {name: pace.bulk for name, pace in self.paces.items()})

    def _opening(self, closed: Mapping[str, int]) -> float:
        rates = {name: pace.open_direct for name, pace in self.paces.items()}
        return _slowest(closed, {name: rate for name, rate in rates.items() if rate})

    def _changing(self, copies: Mapping[str, int]) -> float:
        """Slack is slow at that; where nothing is said of it, it is like sending."""
        return _slowest(copies, {name: one.edit or one.bulk for name, one in self.paces.items()})


def _slowest(counts: Mapping[str, int], rates: Mapping[str, float]) -> float:
    return max((n / rates[one] for one, n in counts.items() if one in rates), default=0.0)
