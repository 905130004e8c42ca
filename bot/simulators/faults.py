"""What goes wrong next, as tests and the control interface ask for."""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from bot.simulators.base import FAULTS


@dataclass(frozen=True, slots=True)
class Staged:
    """One failure that waits for its request; see :data:`~bot.simulators.base.FAULTS`."""

    kind: str
    method: str
    status: int = 500
    retry_after: int | None = None


class Faults:
    """Failures in the order in which they were asked for."""

    def __init__(self, sends: Collection[str]) -> None:
        """Know the methods that send, in lower case: what a fault without a method is about."""
        self._sends = frozenset(sends)
        self._staged: deque[Staged] = deque()

    def stage(
        self,
        kind: str,
        count: int = 1,
        *,
        method: str = "",
        status: int = 500,
        retry_after: int | None = None,
    ) -> None:
        """Let the next ``count`` requests of ``method`` fail.

        Raises:
            ValueError: there is no such kind.
        """
        if kind not in FAULTS:
            raise ValueError(f"no such fault: {kind}; there are {', '.join(FAULTS)}")
        self._staged.extend([Staged(kind, method.lower(), status, retry_after)] * count)

    def staged(self, method: str = "") -> int:
        """Return how many failures wait for a request of ``method``; by default one that sends."""
        return sum(one.method == method.lower() for one in self._staged)

    def clear(self) -> int:
        """Forget what has met no request yet; return how many failures that were."""
        count = len(self._staged)
        self._staged.clear()
        return count

    def put_back(self, fault: Staged) -> None:
        """Stage ``fault`` again, as the next: its request was refused, so it did not happen."""
        self._staged.appendleft(fault)

    def take(self, method: str) -> Staged | None:
        """Return the failure that a request of ``method`` meets, and forget it."""
        name = method.lower()
        for one in self._staged:
            if name == one.method or (not one.method and name in self._sends):
                self._staged.remove(one)
                return one
        return None
