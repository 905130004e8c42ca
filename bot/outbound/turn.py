"""One turn of the sender's loop: everything that one commit writes."""

from collections import Counter
from dataclasses import dataclass, field

from bot.adapters.base import Part
from bot.domain.delivery import Lane, Outgoing, Result
from bot.domain.outcome import Moved, Outcome


@dataclass(slots=True)
class Turn:
    """What one turn of the loop writes.

    Attributes:
        came_back: What ``results`` was made of, to be kept if the turn cannot be written.
        leaving: Rows taken out of the queues in this turn.
    """

    came_back: list[tuple[Outgoing, Outcome]] = field(default_factory=list)
    leaving: list[Outgoing] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    moves: list[tuple[Outgoing, Moved]] = field(default_factory=list)
    release: list[tuple[Outgoing, Part | None]] = field(default_factory=list)
    room: dict[Lane, int] = field(default_factory=dict)
    claimed: list[Outgoing] = field(default_factory=list)
    marked: frozenset[int] = frozenset()

    @property
    def lane(self) -> Lane:
        """The lane in which it queues at the database: a person's row makes it urgent."""
        rows = [result.row for result in self.results] + [row for row, _part in self.release]
        bulk_only = rows and all(row.lane is not Lane.CONVERSATION for row in rows)
        return Lane.BULK if bulk_only else Lane.CONVERSATION

    def look_again(self) -> set[Lane]:
        """Return the lanes in which more may be claimed now that this is written.

        Those of which as much was claimed as there was room for, and those in which a result
        lets through what waited behind it; what is claimed in the same commit sees it already.
        """
        claimed = Counter(row.lane for row in self.claimed)
        full = {lane for lane, free in self.room.items() if claimed[lane] >= free}
        return full | {
            result.row.lane for result in self.results if result.row.lane not in self.room
        }
