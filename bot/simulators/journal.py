"""What a person would see in each chat: the simulators' own record.

Claims about delivery are checked against this journal and never against our database.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

BOT = "bot"


@dataclass(slots=True)
class SeenButton:
    """A button below a message. ``data`` is what comes back when it is pressed."""

    label: str
    data: str


@dataclass(slots=True)
class SeenFile:
    """A file below a message."""

    name: str
    size: int


@dataclass(slots=True)
class SeenMessage:
    """One message in a chat, as it looks now.

    Attributes:
        id: The platform's id, unique in its chat.
        author: :data:`BOT` or the person's id.
        text: The characters that a person reads, markup resolved.
        buttons: Buttons in reading order.
        native: The request's payload as it arrived, for tests of the rendering.
        history: Earlier texts, oldest first; one more for each change.
        files: Files that hang on it.
        deleted: Whether it has been removed.
        at: Monotonic seconds of its arrival.
    """

    id: str
    author: str
    text: str
    buttons: tuple[SeenButton, ...] = ()
    files: tuple[SeenFile, ...] = ()
    native: dict[str, Any] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)
    deleted: bool = False
    at: float = 0.0


@dataclass(slots=True)
class Request:
    """One request as the platform received it, whatever was answered.

    Attributes:
        at: Monotonic seconds.
        method: Such as ``sendMessage`` or ``chat.postMessage``.
        chat: The chat it was about, or ``""``.
        status: What was answered: ``ok``, an error's code, or ``lost``.
    """

    at: float
    method: str
    chat: str
    status: str


class Journal:
    """Chats and requests in the order in which they came."""

    def __init__(self) -> None:
        """Start empty."""
        self.requests: list[Request] = []
        self._chats: dict[str, list[SeenMessage]] = defaultdict(list)
        self._notices: dict[str, list[str]] = defaultdict(list)

    def add(self, chat: str, message: SeenMessage) -> None:
        """Put ``message`` at the end of ``chat``."""
        self._chats[chat].append(message)

    def notice(self, user: str, text: str) -> None:
        """Record the short notice that answered a press of ``user``; ``""`` is a bare stop."""
        self._notices[user].append(text)

    def chats(self) -> Iterator[str]:
        """Yield the chats in which anything was ever written."""
        yield from list(self._chats)

    def messages(self, chat: str) -> list[SeenMessage]:
        """Return everything ever written in ``chat``, deleted messages included."""
        return list(self._chats.get(chat, ()))

    def from_bot(self, chat: str) -> list[SeenMessage]:
        """Return what the bot wrote in ``chat`` and has not removed."""
        return [one for one in self.messages(chat) if one.author == BOT and not one.deleted]

    def notices(self, user: str) -> list[str]:
        """Return the notices that ``user`` was shown."""
        return list(self._notices.get(user, ()))

    def find(self, chat: str, message_id: str) -> SeenMessage | None:
        """Return the message with ``message_id`` in ``chat``, or None."""
        return next((one for one in self._chats.get(chat, ()) if one.id == message_id), None)
