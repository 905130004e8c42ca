"""Counting messages against a limit, in the three ways that floods were met."""

from collections import deque
from math import ceil

from bot.clock import Clock
from bot.simulators.base import FLOODS

PENALTY_SECONDS = 3.0
EACH_REFUSED_SECONDS = 0.02


class Meter:
    """Says how long a message would have to wait; 0 lets it through and counts it."""

    def __init__(self, clock: Clock, mode: str = "", rate: float = 30.0) -> None:
        """Allow ``rate`` messages a second by monotonic time, counted as ``mode`` says."""
        self._clock = clock
        self.set(mode, rate)

    def set(self, mode: str, rate: float = 30.0) -> None:
        """Count in another way from now on; ``""`` does not count.

        Raises:
            ValueError: there is no such way.
        """
        if mode and mode not in FLOODS:
            raise ValueError(f"no such mode: {mode}; there are {', '.join(FLOODS)}")
        self.mode, self.rate = mode, rate
        self._sent: deque[float] = deque()
        self._tokens, self._filled_at = rate, self._clock.monotonic()
        self._closed_until = 0.0

    def wait(self) -> int:
        """Return 0 and count the message, or whole seconds to wait."""
        now = self._clock.monotonic()
        ways = {"window": self._window, "bucket": self._bucket, "harsh": self._harsh}
        return ceil(ways[self.mode](now)) if self.mode else 0

    def _window(self, now: float) -> float:
        while self._sent and self._sent[0] <= now - 1.0:
            self._sent.popleft()
        if len(self._sent) >= self.rate:
            return max(0.001, self._sent[0] + 1.0 - now)
        self._sent.append(now)
        return 0.0

    def _bucket(self, now: float) -> float:
        self._tokens = min(self.rate, self._tokens + (now - self._filled_at) * self.rate)
        self._filled_at = now
        if self._tokens < 1:
            return (1 - self._tokens) / self.rate
        self._tokens -= 1
        return 0.0

    def _harsh(self, now: float) -> float:
        if now < self._closed_until:
            self._closed_until += EACH_REFUSED_SECONDS
            return self._closed_until - now
        if self._bucket(now):
            self._closed_until = now + PENALTY_SECONDS
            return PENALTY_SECONDS
        return 0.0
