"""How somebody becomes known: an invitation, a request that staff decide, a second messenger.

::

    invitation    open → used (once)     open → expired | revoked (a newer one is made)
    join request  waiting → approved | refused, by whoever of the staff is first
    link code     shown → claimed (typed elsewhere) → ended (confirmed, refused, expired)
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.people import Organisation, Person

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""32 characters that nobody confuses: no I, O, 0, 1."""
TOKEN_LENGTH = 28
"""Characters of an invitation: 140 bits, because it grants something by itself."""
CODE_LENGTH = 8
"""Characters of a link code: 40 bits, because it grants nothing before it is confirmed."""
CODE_LIFE = timedelta(minutes=10)
_TOKEN = re.compile(rf"[{ALPHABET}]{{{TOKEN_LENGTH}}}")
_CODE = re.compile(rf"[{ALPHABET}]{{{CODE_LENGTH}}}")


class RequestState(StrEnum):
    """Where a join request stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"


class InviteState(StrEnum):
    """What became of an invitation that somebody shows."""

    REDEEMED = "redeemed"
    USED = "used"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """What an unknown person said of themselves; nothing of it is proved.

    Attributes:
        platform, shown_name: Where they write from, and how the platform shows them.
        decided_by: Who of the staff decided, or ``""``.
    """

    id: int
    account_id: int
    platform: str
    shown_name: str
    name: str
    organisation: str
    email: str
    state: RequestState
    asked_at: datetime
    decided_by: str = ""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who the person of a request may be.

    Attributes:
        person: Whoever in the roster has that e-mail address.
        is_staff: The address is a member of staff's: then no approval links it.
        organisations: The most alike, best first.
    """

    person: Person | None
    is_staff: bool
    organisations: tuple[Organisation, ...]


@dataclass(frozen=True, slots=True)
class LinkCode:
    """A code that was shown to one account and perhaps typed by another."""

    id: int
    account_id: int
    claimed_by: int | None
    expires_at: datetime
    ended: bool


def new_token() -> str:
    """Return a fresh invitation; fits Telegram's deep link and can be typed."""
    return "".join(secrets.choice(ALPHABET) for _one in range(TOKEN_LENGTH))


def new_code() -> str:
    """Return a fresh link code."""
    return "".join(secrets.choice(ALPHABET) for _one in range(CODE_LENGTH))


def readable(token: str) -> str:
    """Return a token or code in groups of four, as people read it out."""
    return "-".join(token[at : at + 4] for at in range(0, len(token), 4))


def token_in(text: str) -> str:
    """Return the invitation that ``text`` is, or carries as a link; ``""`` if none."""
    return _found(_TOKEN, text)


def code_in(text: str) -> str:
    """Return the link code that ``text`` is, however it is grouped; ``""`` if it is none."""
    return _found(_CODE, text)


def hash_of(secret: str) -> str:
    """Return what is stored of a token or code; both are random, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _found(form: re.Pattern[str], text: str) -> str:
    words = text.strip()
    if "?start=" in words:
        words = words.rpartition("?start=")[2]
    plain = words.upper().replace("-", "").replace(" ", "")
    return plain if form.fullmatch(plain) else ""
