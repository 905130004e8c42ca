"""The one gate to the platforms: lease, lanes, pacing, outcome.

A ledger row goes ``pending → claimed → sending → …`` here (``bot.domain.delivery``). Per
platform account there is one sender, the holder of its lease. It claims a few rows ahead,
lets the pacer say which may go, marks just those as ``sending`` in one commit, makes one
attempt each, and records the results in batches. At most :data:`IN_FLIGHT` rows of a
process are ``sending`` at any moment: that is what a kill can leave unknown.
"""

from dataclasses import dataclass

IN_FLIGHT = 32
"""Rows that may be ``sending`` at once, unrecorded results included (DESIGN, section 3)."""

KEPT_FOR_CONVERSATIONS = 4
"""Of those, how many an announcement never uses: a reply need not wait for a slow request."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How many rows of one sender may be ``sending`` at once, and how many of them no bulk."""

    in_flight: int = IN_FLIGHT
    kept: int = KEPT_FOR_CONVERSATIONS

    def share(self, senders: int) -> "Budget":
        """Return what each of ``senders`` may use: a kill ends all of a process at once."""
        each = max(2, self.in_flight // max(1, senders))
        return Budget(each, max(1, self.kept // max(1, senders)))


WHOLE = Budget()
"""What a process may have under way altogether."""
