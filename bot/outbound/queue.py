"""Rows that are claimed and wait in memory for their turn, a queue a lane."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator

from bot.domain.delivery import Lane, Outgoing
from bot.outbound.pacer import Pacer

AHEAD = 256
"""Rows of a lane that are claimed ahead of their turn."""
MOST = 8 * AHEAD
"""Rows of a lane in memory, those included that wait for their own chat to be free again."""


class LaneQueues:
    """Claimed rows in order; at most one of a chat is under way at any moment."""

    def __init__(self) -> None:
        """Start empty."""
        self._queues: dict[Lane, deque[Outgoing]] = {lane: deque() for lane in Lane}
        self._turns = list(Lane)

    def __iter__(self) -> Iterator[Outgoing]:
        """Yield all waiting rows, conversations first."""
        for lane in Lane:
            yield from self._queues[lane]

    def turns(self) -> tuple[Lane, ...]:
        """Return the lanes in the order in which they may release now.

        Conversations first; of the others, which may share one pace, the one that had to wait.
        """
        return tuple(self._turns)

    def has(self, lane: Lane) -> bool:
        """Return whether a row of the lane waits."""
        return bool(self._queues[lane])

    def extend(self, rows: Iterable[Outgoing]) -> None:
        """Put claimed rows at the end of their lanes."""
        for row in rows:
            self._queues[row.lane].append(row)

    def put_back(self, row: Outgoing) -> None:
        """Put a row at the head of its lane again."""
        self._queues[row.lane].appendleft(row)

    def room(
        self,
        lanes: Iterable[Lane] = tuple(Lane),
        halted: Callable[[Outgoing], bool] | None = None,
    ) -> dict[Lane, int]:
        """Return how many rows each of ``lanes`` could claim now; one half full claims none.

        Args:
            halted: Whether the row waits for its own chat: others are claimed past it. None
                where no chat has to wait, and none of thousands need be asked about.
        """
        free = {}
        for lane in sorted(lanes):
            queue = self._queues[lane]
            waiting = len(queue) - (sum(map(halted, queue)) if halted else 0)
            free[lane] = min(AHEAD - waiting, MOST - len(queue))
        return {lane: count for lane, count in free.items() if count >= AHEAD // 2}

    def release(
        self,
        lane: Lane,
        limit: int,
        busy: Collection[int],
        may_leave: Callable[[Outgoing], bool],
        exhausted: Callable[[Lane], bool],
    ) -> Iterator[Outgoing]:
        """Yield and remove up to ``limit`` rows that may leave now, in order.

        Args:
            busy: Addresses that have a row under way.
            may_leave: Whether the pacer allows the row; asked just before it is yielded.
            exhausted: Whether nothing of the lane can leave any more, so looking on is vain.
        """
        queue = self._queues[lane]
        passed: deque[Outgoing] = deque()
        chats = set(busy)
        yielded = 0
        while queue and yielded < limit and not exhausted(lane):
            row = queue.popleft()
            if row.address_id in chats or not may_leave(row):
                # Later rows of the same chat must not overtake it.
                chats.add(row.address_id)
                passed.append(row)
                continue
            chats.add(row.address_id)
            yielded += 1
            if lane is not Lane.CONVERSATION:
                self._turns.remove(lane)
                self._turns.append(lane)
            yield row
        queue.extendleft(reversed(passed))

    def next_ready(self, pacer: Pacer, busy: Collection[int], lanes: Iterable[Lane]) -> float:
        """Return when the next row may leave by the pacer, infinity if none waits."""
        ready = (
            # Never before the lane: what `release` would pass over is not ready.
            max(pacer.ready_at(row), pacer.lane_ready_at(lane))
            for lane in lanes
            for row in self._queues[lane]
            if row.address_id not in busy
        )
        return min(ready, default=float("inf"))
