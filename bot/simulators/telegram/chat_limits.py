"""What one chat can take: a message a second, and twenty a minute in a group.

Telegram's FAQ for bots names both figures and promises neither, so they are off unless a
test asks for them.
"""

from collections import defaultdict, deque
from math import ceil

from bot.clock import Clock

DIRECT = (1, 1.0)
GROUP = (20, 60.0)
"""Messages, and the trailing seconds in which there may be no more."""


class ChatLimits:
    """Counts messages by chat while :attr:`on`."""

    def __init__(self, clock: Clock) -> None:
        """Count by the clock's monotonic time; off at first."""
        self.on = False
        self._clock = clock
        self._sent: dict[str, deque[float]] = defaultdict(deque)

    def wait(self, chat: str) -> int:
        """Return how many whole seconds a message to ``chat`` has to wait; count nothing."""
        if not self.on:
            return 0
        most, seconds = GROUP if chat.startswith("-") else DIRECT
        sent, now = self._sent[chat], self._clock.monotonic()
        while sent and sent[0] <= now - seconds:
            sent.popleft()
        return max(1, ceil(sent[0] + seconds - now)) if len(sent) >= most else 0

    def count(self, chat: str) -> None:
        """Count a message that was let through."""
        if self.on:
            self._sent[chat].append(self._clock.monotonic())
