"""Rooms: groups and channels that the bot was let into, and the card that stands in one.

A room is active while the bot is in it::

    (unknown) → active ⇄ left

The card of an event in a room, of which there is one::

    (none) → posting → standing ⇄ refreshing
    posting → (none)       it did not arrive
    refreshing → (none)    the message is gone: somebody removed it
    standing → posting     asked for again, later or elsewhere in the room; the old message
                           loses its buttons

A card is *dirty* when an answer has changed since it was last rendered. It is refreshed
while it stands, and its room at most every :data:`REFRESH_SECONDS`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.address import Address
from bot.domain.delivery import FINISHED, DeliveryState, Kind
from bot.domain.slug import slug

REFRESH_SECONDS = 5.0
"""Real seconds between two refreshes in one room, whatever happens in it."""
RECENT_SECONDS = 600.0
"""A card that was posted in the same place this short ago is pointed to, not posted again."""
RETRY_SECONDS = 60.0
"""A refresh whose fate is unknown is made again after this long."""
HELLO_AGAIN = timedelta(days=1)
"""A room that let us out and in again within this time has not forgotten who we are."""
NAME_LENGTH = 60
LEFT_BY_STAFF = "room_left"
"""Why nothing is sent to a room that staff made us leave, whether the platform lets us or not."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room.

    Attributes:
        address_id: Row id of ``address``, which names no thread.
        name: Its name in audiences, ours: it stays when the title changes.
        title: As the platform shows it; never trusted.
        language: In which all of it is spoken to, or ``""`` for the default.
        introduced_at: When it was last told who we are.
        unreachable: Why nothing can be sent there, or ``""``.
    """

    id: int
    address_id: int
    address: Address
    name: str
    title: str
    language: str = ""
    active: bool = True
    introduced_at: datetime | None = None
    unreachable: str = ""

    def knows_us(self, now: datetime) -> bool:
        """Return whether it was told who we are not long ago."""
        return self.introduced_at is not None and now - self.introduced_at < HELLO_AGAIN


def room_name(title: str) -> str:
    """Return the name that a title makes, as it is written in audiences; never ``""``."""
    return slug(title[: 4 * NAME_LENGTH])[:NAME_LENGTH].strip("-") or "room"


class CardState(StrEnum):
    """Where a card stands; ``none`` also for one that was there once."""

    NONE = "none"
    POSTING = "posting"
    STANDING = "standing"
    REFRESHING = "refreshing"


@dataclass(frozen=True, slots=True)
class LastRow:
    """The ledger row that showed a card last."""

    id: int
    kind: Kind
    state: DeliveryState
    message_id: str
    reason: str

    @property
    def finished(self) -> bool:
        """Whether nothing more happens to it by itself."""
        return self.state in FINISHED


@dataclass(frozen=True, slots=True)
class Card:
    """The card of an event in a room; see the columns of ``room_card``."""

    id: int
    room: Room
    event_id: int
    thread: str
    message_id: str
    changed: int
    shown: int
    shown_epoch: float
    posted_epoch: float
    last: LastRow | None = None

    @property
    def state(self) -> CardState:
        """Return where it stands, by its message and its last row."""
        last = self.last
        if last is not None and last.kind is Kind.SEND and not self.message_id:
            return CardState.NONE if last.finished else CardState.POSTING
        if not self.message_id:
            return CardState.NONE
        if last is not None and not last.finished:
            return CardState.REFRESHING
        return CardState.STANDING

    @property
    def address(self) -> Address:
        """Where in its room it stands."""
        room = self.room.address
        return Address(room.platform, room.account, room.chat, self.thread)

    def is_recent(self, thread: str, epoch: float) -> bool:
        """Return whether people in ``thread`` have it before their eyes."""
        if self.state is CardState.POSTING:
            return True
        here = self.state is not CardState.NONE and self.thread == thread
        return here and 0.0 <= epoch - self.posted_epoch < RECENT_SECONDS


@dataclass(frozen=True, slots=True)
class OrganisationAnswers:
    """How people of one organisation answered in a room; seats for ``going`` and ``waitlisted``.

    Attributes:
        names: Of the organisation, by language; empty for people without one.
    """

    names: dict[str, str]
    going: int = 0
    waitlisted: int = 0
    maybe: int = 0
    declined: int = 0

    def name(self, language: str) -> str:
        """Return the name in ``language``, else as the roster gives it, else ``""``."""
        return self.names.get(language) or self.names.get("", "")
