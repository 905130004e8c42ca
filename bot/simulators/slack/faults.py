"""What goes wrong on order, with one request at a time.

Beside :data:`~bot.simulators.base.FAULTS` there is ``garbled``: all is done, and the answer
is no JSON. An ``error`` may have a code of Slack's own.
"""

from collections import defaultdict, deque
from dataclasses import dataclass, field

from bot.simulators.base import FAULTS
from bot.simulators.slack.rates import POSTS

KINDS = (*FAULTS, "garbled")
DONE = frozenset({"lost", "late", "garbled"})
_STATUS_ERRORS = {429: "ratelimited", 503: "service_unavailable", 401: "invalid_auth"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What becomes of one request."""

    kind: str = "error"
    status: int = 200
    code: str = ""
    retry_after: int | None = None

    def __post_init__(self) -> None:
        """Refuse a kind that there is not."""
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind}; there are {', '.join(KINDS)}")

    @property
    def error(self) -> str:
        """The code that is answered."""
        usual = "internal_error" if self.status >= 500 else "invalid_arguments"
        return self.code or _STATUS_ERRORS.get(self.status, usual)


@dataclass(slots=True)
class Faults:
    """Faults waiting to happen, first ordered first; ``""`` stands for any send."""

    ordered: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))

    def order(self, fault: Fault, count: int, method: str) -> None:
        """Let ``fault`` happen ``count`` times."""
        self.ordered[method].extend([fault] * count)

    def clear(self) -> int:
        """Forget what has met no request yet; return how many faults that were."""
        count = sum(len(waiting) for waiting in self.ordered.values())
        self.ordered.clear()
        return count

    def take(self, method: str) -> Fault | None:
        """Return the fault of this call, and count it."""
        for key in (method, "") if method in POSTS else (method,):
            if self.ordered[key]:
                return self.ordered[key].popleft()
        return None
