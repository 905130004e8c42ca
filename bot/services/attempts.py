"""How often an account may guess."""

from collections import deque
from datetime import datetime, timedelta

from bot.domain.refusal import Refusal

MOST, WITHIN = 5, timedelta(hours=1)
"""Guesses of an account. A code lives ten minutes and has 40 bits, and a right guess still
has to be confirmed: this keeps people from being asked again and again."""
KEPT = 10_000
"""Accounts that are remembered; the oldest are forgotten first."""


class Attempts:
    """Counts in the memory of this process: after a restart everybody begins anew."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._made: dict[int, deque[datetime]] = {}

    def check(self, account_id: int, now: datetime) -> None:
        """Count one guess.

        Raises:
            Refusal: there were too many within the hour.
        """
        made = self._made.pop(account_id, deque())
        self._made[account_id] = made
        while len(self._made) > KEPT:
            del self._made[next(iter(self._made))]
        while made and made[0] <= now - WITHIN:
            made.popleft()
        if len(made) >= MOST:
            raise Refusal("refusal.too-many-codes")
        made.append(now)
