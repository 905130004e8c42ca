"""One message to one address: the ledger's row.

::

    pending → claimed → sending → delivered | failed | unconfirmed
    pending, claimed → skipped    cancelled, or its reader does not want it any more
    skipped → pending       they do again, while the announcement is being sent
    claimed → pending       the sender died, or gave it back
    sending → pending       only on ``Later`` or ``Moved``: certainly not delivered
    sending → unconfirmed   the sender died in between, or the answer was lost
    unconfirmed → delivered | pending   by reconciliation (Slack), or by a person
    skipped → pending       later parts of what a person has sent again
    delivered → pending     a correction had removed the part, and a newer one needs it again

A new message that is ``unconfirmed`` is never sent again by itself. A *change* of a
message can be repeated without harm, so a change that was ``sending`` when its sender
died goes back to ``pending``; so does a person's own page (:data:`REPEATABLE`).

A copy that waits for its reader's own hour is ``pending`` with that instant. If a downtime
made it late, the instant becomes :data:`HELD`, and only a person lets it go or leaves it out.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Any

from bot.domain.address import Address

HELD = datetime(9999, 1, 1, tzinfo=UTC)
"""Until when a copy waits that staff are asked about: no hour that comes by itself."""


class DeliveryState(StrEnum):
    """Where a ledger row stands."""

    PENDING = "pending"
    CLAIMED = "claimed"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    SKIPPED = "skipped"


_D = DeliveryState
MOVES = {
    _D.PENDING: frozenset({_D.CLAIMED, _D.SKIPPED}),
    _D.CLAIMED: frozenset({_D.PENDING, _D.SENDING, _D.SKIPPED}),
    _D.SENDING: frozenset({_D.DELIVERED, _D.FAILED, _D.UNCONFIRMED, _D.PENDING}),
    _D.UNCONFIRMED: frozenset({_D.DELIVERED, _D.PENDING}),
    _D.DELIVERED: frozenset({_D.PENDING}),
    _D.FAILED: frozenset(),
    _D.SKIPPED: frozenset({_D.PENDING}),
}

FINISHED = frozenset({_D.DELIVERED, _D.FAILED, _D.UNCONFIRMED, _D.SKIPPED})
"""States in which nothing more happens by itself."""


class Lane(IntEnum):
    """Who goes first. A person's conversation never waits behind a broadcast.

    What is done to the copies of an announcement has a lane of its own. A platform may let us
    edit at a tenth of the pace at which we may send, so in one lane a correction to hundreds
    would fill all that is claimed ahead, and no other announcement could begin.
    """

    CONVERSATION = 0
    BULK = 1
    CHANGES = 2


class Kind(StrEnum):
    """What is asked of the platform."""

    SEND = "send"
    EDIT = "edit"
    HOME = "home"
    """The person's own page of the bot; like a change, it can be repeated without harm."""
    DELETE = "delete"
    """A message of ours is removed; what is gone already counts as removed."""
    LEAVE = "leave"
    """The bot leaves the room; repeated without harm as well."""
    OPEN = "open"
    """A direct chat is opened ahead of the message that will need it; nobody sees anything."""


CHANGES = frozenset({Kind.EDIT, Kind.DELETE})
"""What is done to a message that stands in a chat already."""
REPEATABLE = frozenset({*CHANGES, Kind.HOME, Kind.LEAVE, Kind.OPEN})
"""What shows the same however often it is done: after a lost answer it is simply done again."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Deliveries of an announcement, counted by state."""

    total: int = 0
    pending: int = 0
    claimed: int = 0
    sending: int = 0
    delivered: int = 0
    failed: int = 0
    unconfirmed: int = 0
    skipped: int = 0

    @property
    def finished(self) -> bool:
        """Whether nothing more happens by itself."""
        return not (self.pending or self.claimed or self.sending)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A claimed ledger row, with what its sender needs.

    Attributes:
        address_id: Row id of ``address``, for bookkeeping.
        announcement_id: None for a reply or a notice.
        language: The body's language, for an announcement.
        zone: IANA name of the reader's zone.
        part: 1 is the first.
        payload: The rendered part of a reply; None for an announcement.
        target: The platform's id of the message to change.
        later_since: Epoch second since when the platform has said "later" of the chat; 0: no.
        moves: How often the chat turned out to live elsewhere.
        is_direct: Whether the address is a chat with one person.
        trace: The id of its cause in the logs.
        introduce: It is the first message there, so it says who writes and why.
        person_id: Whom it is meant for, where that is one person.
        change_id: The correction or recall that it belongs to.
        changes: The announcement whose copy that is about.
        revision: That of the announcement's words that it was claimed with.
    """

    id: int
    lane: Lane
    kind: Kind
    address: Address
    address_id: int
    announcement_id: int | None
    language: str
    zone: str
    part: int
    payload: dict[str, Any] | None
    summary: str = ""
    target: str = ""
    attempts: int = 0
    later_since: float = 0.0
    moves: int = 0
    is_direct: bool = True
    trace: str = ""
    introduce: bool = False
    person_id: int | None = None
    change_id: int | None = None
    changes: int | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """What becomes of a row after its attempt.

    Attributes:
        message_id: The platform's id of the message, where it is known.
        reason: Why, for anything but ``delivered``; a word, or the platform's own.
        later_since, moves: What the row shall remember for its next attempt.
    """

    row: Outgoing
    state: DeliveryState
    message_id: str = ""
    reason: str = ""
    later_since: float = 0.0
    moves: int = 0
