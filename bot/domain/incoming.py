"""What reaches us from a platform, in the words of no platform.

``delivery_id`` is the platform's own id of the update. It is unique for an account,
and the inbox refuses a second row with the same one: that is what makes an update
handled once, however often the platform sends it.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.address import AccountRef, Address, MessageRef
from bot.domain.sent_file import SentFile


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
        room: The title of the group or channel as the platform shows it, or ``""``.
    """

    delivery_id: str
    at: datetime
    where: Address
    who: AccountRef
    is_direct: bool
    locale: str = ""
    name: str = ""
    room: str = ""

    @property
    def own_chat(self) -> Address:
        """The direct chat of whoever acted, also where they did so in a room."""
        return Address(self.who.platform, self.who.account, self.who.user)

    @property
    def trace(self) -> str:
        """The id under which the logs tell of this update, from its arrival to its replies."""
        known = "|".join((self.where.platform, self.where.account, self.delivery_id))
        return hashlib.sha256(known.encode("utf-8", "surrogatepass")).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Update):
    """The person wrote something that is no command; ``ref`` is their message.

    Attributes:
        reply_to: The message that they say they answer: quoted on Telegram, the first of
            the thread on Slack. A client's word; it may be anybody's message, or gone.
        files: Pictures and files that came with it, not fetched yet.
    """

    text: str
    ref: MessageRef | None = None
    reply_to: MessageRef | None = None
    files: tuple[SentFile, ...] = ()


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
    """The person sent a form; ``values`` by field name, ``where`` is their direct chat.

    Attributes:
        context: What the form carried (``Form.context``); like the values, a client's word.
    """

    form: str
    values: tuple[tuple[str, str], ...] = field(default=())
    context: str = ""


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
    """The person, or the bot itself, came (back) into the chat; also an unblocked bot.

    Attributes:
        is_bot: It was the bot that came: into a room, ``who`` let it in.
        moved_from: Where the room was before, if it only changed its address (on Telegram
            a group that became a supergroup).
    """

    is_bot: bool = False
    moved_from: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Update):
    """The person, or the bot itself, left the chat; also a blocked bot.

    Attributes:
        is_bot: It was the bot that left, or was removed by ``who``.
    """

    is_bot: bool = False


Incoming = Said | Commanded | Pressed | Submitted | Opened | Edited | Joined | Left
