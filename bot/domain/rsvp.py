"""Answers to an invitation, and seats.

::

    rsvp:   (none) → going | maybe | declined, any to any until the deadline
    seats:  confirmed | waitlisted → confirmed

A seat is held by an answer ``going`` only. When seats are taken, ``going`` waits: first
come, first served, by the place number that the event's counter row hands out.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Answer(StrEnum):
    """What a person answered."""

    GOING = "going"
    MAYBE = "maybe"
    DECLINED = "declined"


class SeatState(StrEnum):
    """What an answer holds."""

    NONE = "none"
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"


@dataclass(frozen=True, slots=True)
class Rsvp:
    """One person's answer to one event.

    Attributes:
        seats: How many seats the answer asks for.
        place: Number in the waiting list's order, rising; None if not waiting.
        ahead: How many wait before this one; None if not waiting.
        answered_at: Aware UTC.
    """

    event_id: int
    person_id: int
    answer: Answer
    seat: SeatState
    seats: int = 1
    place: int | None = None
    ahead: int | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seats:
    """The event's counter: ``taken`` never exceeds ``capacity`` (None: no limit)."""

    capacity: int | None
    taken: int
    waiting: int = 0

    @property
    def free(self) -> int | None:
        """Seats left, or None for no limit; never negative, also after a cut."""
        return None if self.capacity is None else max(0, self.capacity - self.taken)

    def fits(self, seats: int) -> bool:
        """Return whether ``seats`` more can be taken."""
        return self.capacity is None or self.taken + seats <= self.capacity
