"""How one attempt at the platform ended. There are five ways and no exception."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.address import Address, MessageRef


class Scope(StrEnum):
    """What a platform's "slow down" applies to."""

    ACCOUNT = "account"
    CHAT = "chat"


class Reason(StrEnum):
    """Why a message can never be delivered; catalogs hold the sentence for each."""

    BLOCKED = "blocked"
    GONE = "gone"
    NOT_FOUND = "not_found"
    NOT_ALLOWED = "not_allowed"
    REFUSED = "refused"
    TOO_LONG = "too_long"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class Delivered:
    """The platform confirmed. ``ref`` is None for a delete of what was gone already."""

    ref: MessageRef | None


@dataclass(frozen=True, slots=True)
class Moved:
    """Certainly not delivered: the chat lives elsewhere now."""

    new_address: Address


@dataclass(frozen=True, slots=True)
class Later:
    """Certainly not delivered: try again after ``after`` seconds.

    Attributes:
        after: Seconds to wait, at least 0.
        scope: What must wait.
        detail: For staff and logs; no secrets.
    """

    after: float
    scope: Scope
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Never:
    """Certainly not delivered, and trying again is pointless."""

    why: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """It left us and was not confirmed: it may or may not have arrived."""

    reason: str


Outcome = Delivered | Moved | Later | Never | Unknown
