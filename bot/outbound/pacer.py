"""When a message may leave: several scopes, each paced and never bursty.

Each scope remembers the earliest instant of its next message (GCRA). A row may leave
when all its scopes allow it, and then moves each of them on by its interval. A small
``slack`` lets a late timer catch up without ever sending a burst. A platform's "slow
down" halts exactly its scope for exactly its time.

All times are monotonic seconds that the caller passes in, so tests need no waiting.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from bot.adapters.base import Pace
from bot.domain.delivery import CHANGES, Kind, Lane, Outgoing
from bot.domain.outcome import Scope

CATCH_UP = 0.05
SLOW = 100.0
"""Messages a second: up to this rate each trailing second is counted as well."""
JITTER = 0.02
"""Seconds by which one message may be longer on its way than another."""
OPEN_BURST = 40
"""Openings of direct chats that may come together: the platform counts them by the minute."""
TALK_SLACK = 2.0
"""A short exchange (an answer and the card it changes) may be quicker than a chat's pace."""
FORGET_ABOVE = 10_000

ScopeKey = tuple[str, str]
ACCOUNT: ScopeKey = ("account", "")
BULK: ScopeKey = ("bulk", "")
EDITS: ScopeKey = ("edits", "")
HOMES: ScopeKey = ("homes", "")
OPENINGS: ScopeKey = ("openings", "")


@dataclass(frozen=True, slots=True)
class Allowance:
    """A scope with its interval and how far it may catch up, both in seconds."""

    scope: ScopeKey
    interval: float
    slack: float = CATCH_UP


class TrailingSecond:
    """What left in the last second: some platforms count just that.

    A message too many in it costs seconds. So what a late timer catches up with uses the room
    that its lateness has left, and never more.
    """

    def __init__(self, rate: float) -> None:
        """Let ``rate`` messages leave in any second; nothing is counted at a high rate."""
        self._left: deque[float] = deque(maxlen=int(rate) if 1 <= rate <= SLOW else 0)
        self._planned: dict[int, float] = {}

    def ready_at(self) -> float:
        """Return when the second is no longer full."""
        left = self._left
        return left[0] + 1.0 if left and len(left) == left.maxlen else 0.0

    def take(self, row_id: int, now: float) -> None:
        """Note that the row is to leave at ``now``."""
        if self._left.maxlen:
            self._left.append(now)
            self._planned[row_id] = now

    def left(self, row_id: int, now: float) -> None:
        """Note that it left at ``now``: the commit before it took its time."""
        planned = self._planned.pop(row_id, None)
        if planned is not None and planned in self._left:
            self._left.remove(planned)
            self._left.append(now)

    def stayed(self, row_id: int) -> None:
        """Note that it did not leave."""
        planned = self._planned.pop(row_id, None)
        if planned is not None and planned in self._left:
            self._left.remove(planned)


class Pacer:
    """The scopes of one platform account."""

    def __init__(self, pace: Pace) -> None:
        """Start with every scope free."""
        self._pace = pace
        self._next: dict[ScopeKey, float] = {}
        self._halted: dict[ScopeKey, float] = {}
        self._second = TrailingSecond(pace.account)

    def ready_at(self, row: Outgoing) -> float:
        """Return the earliest monotonic instant at which ``row`` may leave.

        Where changes have a pace of their own, bulk always leaves one over: the card that a
        person is looking at does not wait behind those of the rooms.
        """
        is_bulk = row.lane is not Lane.CONVERSATION
        edit = self._pace.edit if is_bulk and row.kind in CHANGES else None
        allowances = self._allowances(row)
        ready = self._ready_at(allowances, 1 / edit if edit else 0.0)
        counted = any(one.scope == ACCOUNT for one in allowances)
        return max(ready, self._second_ready_at(row.lane)) if counted else ready

    def _second_ready_at(self, lane: Lane) -> float:
        """Bulk keeps off the edge, where a message that is quicker than another is one too many."""
        ready = self._second.ready_at()
        return ready + JITTER if ready and lane is not Lane.CONVERSATION else ready

    def lane_ready_at(self, lane: Lane) -> float:
        """Return before when nothing of the lane can leave, whatever its chat."""
        if lane is Lane.CHANGES and self._pace.edit is not None:
            halted = max(self._halted.get(key, 0.0) for key in (EDITS, ACCOUNT))
            return max(self._next.get(EDITS, 0.0) + 1 / self._pace.edit, halted)
        keys = (ACCOUNT,) if lane is Lane.CONVERSATION else (ACCOUNT, BULK)
        return max(
            *(self._next.get(key, 0.0) for key in keys),
            *(self._halted.get(key, 0.0) for key in keys),
        )

    def fits(self, lane: Lane, now: float, limit: int) -> int:
        """Return how many rows of the lane may leave together at ``now``, at most ``limit``.

        One at a paced rate; more only where the rate is so high that a timer cannot
        separate them.
        """
        if lane is Lane.CHANGES and self._pace.edit is not None:
            return max(0, min(limit, 1))
        rate = self._pace.account if lane is Lane.CONVERSATION else self._pace.bulk
        scope = ACCOUNT if lane is Lane.CONVERSATION else BULK
        behind = now - max(self._next.get(scope, 0.0), 0.0)
        return max(0, min(limit, 1 + int(min(max(behind, 0.0), CATCH_UP) * rate)))

    def take(self, row: Outgoing, now: float) -> None:
        """Note that ``row`` leaves at ``now``."""
        allowances = self._allowances(row)
        self._take(allowances, now)
        if any(one.scope == ACCOUNT for one in allowances):
            self._second.take(row.id, now)

    def answered(self, row: Outgoing, now: float) -> None:
        """Let a broadcast's next message to the same chat count from the answer.

        The platform counted this one no later than that, however long it was on its way.
        """
        if row.lane is not Lane.CONVERSATION and row.kind is Kind.SEND:
            in_chat = self._pace.chat if row.is_direct else self._pace.room
            key = _chat(row)
            self._next[key] = max(self._next.get(key, 0.0), now + 1 / in_chat)

    def left(self, row: Outgoing, now: float) -> None:
        """Note that ``row``, taken before, leaves only at ``now``."""
        self._second.left(row.id, now)

    def stayed(self, row: Outgoing) -> None:
        """Note that ``row``, taken before, does not leave after all: the next one may.

        So the rows of a cancelled broadcast that were claimed ahead cost no time.
        """
        self._second.stayed(row.id)
        for one in self._allowances(row):
            if one.scope in self._next:
                self._next[one.scope] -= one.interval

    def opening_ready_at(self, lane: Lane = Lane.CONVERSATION) -> float:
        """Return the earliest instant at which a direct chat may be opened.

        Bulk always leaves one opening over, for the conversation that may come next.
        """
        (openings,) = self._openings()
        left_over = openings.interval if lane is not Lane.CONVERSATION else 0.0
        return self._ready_at([openings], left_over)

    def take_opening(self, now: float) -> None:
        """Note that a direct chat is opened at ``now``."""
        self._take(self._openings(), now)

    def halt(self, row: Outgoing, scope: Scope, until: float) -> None:
        """Let nothing in the row's ``scope`` leave before ``until``."""
        self._halt(ACCOUNT if scope is Scope.ACCOUNT else _chat(row), until)

    def is_halted(self, row: Outgoing, now: float) -> bool:
        """Return whether the platform wants nothing in the row's own chat for now."""
        return self._halted.get(_chat(row), 0.0) > now

    def any_halted(self, now: float) -> bool:
        """Return whether the platform wants nothing in some chat for now."""
        return any(until > now for key, until in self._halted.items() if key[0] == "chat")

    def halt_openings(self, until: float) -> None:
        """Let no direct chat be opened before ``until``."""
        self._halt(OPENINGS, until)

    def forget(self, now: float) -> None:
        """Drop chats that have long been free, so that memory stays flat."""
        if len(self._next) > FORGET_ABOVE:
            # The few other scopes stay: a forgotten one would have its whole burst again.
            self._next = {
                key: at
                for key, at in self._next.items()
                if key[0] != "chat" or at > now - TALK_SLACK
            }
            self._halted = {key: at for key, at in self._halted.items() if at > now}

    def _allowances(self, row: Outgoing) -> list[Allowance]:
        pace = self._pace
        if row.kind in CHANGES and pace.edit is not None:
            return [Allowance(EDITS, 1 / pace.edit, slack=5.0), Allowance(_chat(row), 0.0)]
        if row.kind is Kind.HOME and pace.home is not None:
            return [Allowance(HOMES, 1 / pace.home, slack=5.0), Allowance(_chat(row), 0.0)]
        if row.kind is Kind.OPEN:
            return [Allowance(_chat(row), 0.0)]
        in_chat = pace.chat if row.is_direct else pace.room
        chat_slack = TALK_SLACK if row.lane is Lane.CONVERSATION else CATCH_UP
        allowances = [
            Allowance(ACCOUNT, 1 / pace.account),
            Allowance(_chat(row), 1 / in_chat, chat_slack),
        ]
        if row.lane is not Lane.CONVERSATION:
            allowances.append(Allowance(BULK, 1 / pace.bulk))
        return allowances

    def _openings(self) -> list[Allowance]:
        rate = self._pace.open_direct
        interval = 1 / rate if rate else 0.0
        return [Allowance(OPENINGS, interval, slack=OPEN_BURST * interval)]

    def _ready_at(self, allowances: Iterable[Allowance], left_over: float = 0.0) -> float:
        keys = [allowance.scope for allowance in allowances]
        free = (self._next.get(key, 0.0) + left_over for key in keys)
        return max(*free, *(self._halted.get(key, 0.0) for key in (*keys, ACCOUNT)))

    def _take(self, allowances: Iterable[Allowance], now: float) -> None:
        for one in allowances:
            # ``_next`` is when the scope is free again; slack lets it lie in the past.
            base = max(self._next.get(one.scope, 0.0), now - one.slack)
            self._next[one.scope] = base + one.interval

    def _halt(self, key: ScopeKey, until: float) -> None:
        self._halted[key] = max(until, self._halted.get(key, 0.0))


def _chat(row: Outgoing) -> ScopeKey:
    """The chat with all its threads: that is what platforms count."""
    return ("chat", row.address.chat)
