"""How fast the methods may be called, and what happens to whoever is faster.

A post a second a channel, a ceiling for the workspace that Slack only calls "several
hundred a minute", and the tiers of its documentation (2: 20 a minute, 3: 50, 4: 100).
How they are counted is one of :data:`~bot.simulators.base.FLOODS`.
"""

import math
from collections import defaultdict, deque
from dataclasses import dataclass

from bot.simulators.base import FLOODS

PENALTY, FURTHER = 3.0, 0.02
CEILING = 300
"""Posts a minute in a workspace, all channels together."""

POSTS = ("chat.postMessage", "chat.postEphemeral", "files.completeUploadExternal")
_TIERS = {
    "conversations.info": 50,
    "conversations.open": 50,
    "conversations.history": 50,
    "conversations.replies": 50,
    "chat.update": 50,
    "chat.delete": 50,
    "users.lookupByEmail": 50,
    "users.list": 20,
    "users.info": 100,
    "files.getUploadURLExternal": 100,
    "views.open": 100,
    "views.update": 100,
    "views.publish": 100,
}


@dataclass(frozen=True, slots=True)
class Limit:
    """``calls`` in ``seconds``, counted for ``key``."""

    key: tuple[str, str]
    calls: int
    seconds: float


class RateLimit:
    """Counts calls in one of :data:`~bot.simulators.base.FLOODS`."""

    def __init__(self, mode: str = "window") -> None:
        """Start with nothing used.

        Raises:
            ValueError: there is no such mode.
        """
        if mode not in FLOODS:
            raise ValueError(f"no such mode: {mode}; there are {', '.join(FLOODS)}")
        self._mode = mode
        self._used: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._level: dict[tuple[str, str], tuple[float, float]] = {}
        self._barred: dict[tuple[str, str], float] = {}

    def wait_for(self, method: str, channel: str, at: float) -> int | None:
        """Return the whole seconds to wait before this call is allowed, or None."""
        limits = _limits(method, channel)
        waits = [self._wait(limit, at) for limit in limits]
        if any(waits):
            return max(1, math.ceil(max(waits)))
        for limit in limits:
            self._count(limit, at)
        return None

    def _wait(self, limit: Limit, at: float) -> float:
        barred = self._barred.get(limit.key, 0.0)
        if barred > at:
            self._barred[limit.key] = barred + FURTHER
            return barred + FURTHER - at
        wait = self._in_bucket(limit, at) if self._mode == "bucket" else self._in_window(limit, at)
        if wait and self._mode == "harsh":
            self._barred[limit.key] = at + PENALTY
            return PENALTY
        return wait

    def _in_window(self, limit: Limit, at: float) -> float:
        used = self._used[limit.key]
        while used and used[0] <= at - limit.seconds:
            used.popleft()
        return used[0] + limit.seconds - at if len(used) >= limit.calls else 0.0

    def _in_bucket(self, limit: Limit, at: float) -> float:
        left = self._left(limit, at)
        return 0.0 if left >= 1 else (1 - left) * limit.seconds / limit.calls

    def _left(self, limit: Limit, at: float) -> float:
        left, since = self._level.get(limit.key, (float(limit.calls), at))
        return min(float(limit.calls), left + (at - since) * limit.calls / limit.seconds)

    def _count(self, limit: Limit, at: float) -> None:
        if self._mode == "bucket":
            self._level[limit.key] = self._left(limit, at) - 1, at
        else:
            self._used[limit.key].append(at)


def _limits(method: str, channel: str) -> list[Limit]:
    if method in POSTS:
        return [Limit(("post", channel), 1, 1.0), Limit(("post", ""), CEILING, 60.0)]
    if method in _TIERS:
        return [Limit((method, ""), _TIERS[method], 60.0)]
    return []
