"""Methods that Slack told to wait.

The limits of methods other than posting are a method's own, so only that one rests and
posts go on: the scope ``CHAT`` keeps the caller from stopping the whole account.
"""

from collections.abc import Awaitable, Callable

from bot.adapters.slack.outcomes import Answer
from bot.clock import Clock
from bot.domain.outcome import Later, Scope

LIMITED = "ratelimited"


class Rests:
    """Until when which method rests."""

    def __init__(self, clock: Clock) -> None:
        """Start with all of them free."""
        self._clock = clock
        self._until: dict[str, float] = {}

    def left(self, method: str) -> Later | None:
        """Return how long ``method`` has to rest yet."""
        left = self._until.get(method, 0.0) - self._clock.monotonic()
        return Later(left, Scope.CHAT, LIMITED) if left > 0 else None

    def note(self, method: str, later: Later) -> Later:
        """Let ``method`` rest if that is what ``later`` says, and return what to tell."""
        if later.detail != LIMITED:
            return later
        self._until[method] = self._clock.monotonic() + later.after
        return Later(later.after, Scope.CHAT, LIMITED)

    async def call(self, method: str, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """Make ``call`` unless its method rests; then say so without asking."""
        if rest := self.left(method):
            return rest
        answer = await call()
        return self.note(method, answer) if isinstance(answer, Later) else answer
