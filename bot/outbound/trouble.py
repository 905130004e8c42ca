"""What keeps a whole account from sending is said once, not at each attempt, and not never.

A refused token makes every row wait, for as long as it takes: nothing fails, so nothing
but this line tells whoever runs the service.
"""

import logging
import re

from bot.domain.outcome import Later, Outcome, Scope

SAME_SECONDS = 900.0
"""Trouble that was away for longer than this is new trouble."""
log = logging.getLogger(__name__)


class AccountTrouble:
    """The last trouble of one account."""

    def __init__(self, name: str) -> None:
        """Speak of the account as ``name``."""
        self._name = name
        self._last = ""
        self._until = 0.0

    def note(self, outcome: Outcome, now: float) -> None:
        """Log ``outcome`` if it is account-wide trouble that was not there before."""
        if not isinstance(outcome, Later) or outcome.scope is not Scope.ACCOUNT:
            return
        kind = re.sub(r"\d+", "…", outcome.detail)  # only the seconds to wait may differ
        if kind != self._last or now > self._until:
            log.warning("%s: nothing can be sent for now: %s", self._name, outcome.detail)
        self._last, self._until = kind, now + outcome.after + SAME_SECONDS
