"""What reaches us from a platform, in the words of no platform.

``delivery_id`` is the platform's own id of the update. It is unique for an account,
and the inbox refuses a second row with the same one: that is what makes an update
handled once, however often the platform sends it.
"""

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.address import AccountRef, Address, MessageRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What every update carries.

    Attributes:
        delivery_id: The platform's id of this update.
        at: When it happened, aware UTC.
        where: The conversation; for a direct chat, ``chat`` is the person's id.
        who: The account that acted.
        is_direct: True in a chat of that person and the bot alone.
        locale: The language that the platform reports for the person, or ``""``.
        name: The person's name as the platform shows it, or ``""``; never trusted.
    """

    delivery_id: str
    at: datetime
    where: Address
    who: AccountRef
    is_direct: bool
    locale: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Update):
    """The person wrote something that is no command; ``ref`` is their message."""

    text: str
    ref: MessageRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanded(Update):
    """The person gave a command: ``name`` without its slash, in lower case."""

    command: str
    argument: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed(Update):
    """The person pressed a button of the message ``ref``; action and value may be forged."""

    action: str
    value: str
    ref: MessageRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(Update):
    """The person sent a form; ``values`` by field name."""

    form: str
    values: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Update):
    """The person opened the bot's own page or chat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited(Update):
    """The person changed a message that they had sent."""

    text: str
    ref: MessageRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(Update):
    """The person, or the bot itself, came (back) into the chat; also an unblocked bot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Update):
    """The person, or the bot itself, left the chat; also a blocked bot."""


Incoming = Said | Commanded | Pressed | Submitted | Opened | Edited | Joined | Left
