"""What we say, before any platform's markup.

A message is a tree: lines of inline parts, rows of buttons, attachments. Text is
always literal; nothing in it is ever read as markup, so what a member typed can be
quoted safely. Adapters turn the tree into their platform's native form.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

BUTTON_DATA_BYTES = 64
"""Telegram's limit for callback data; its SDK does not check it (FACTS, "Sizes")."""


@dataclass(frozen=True, slots=True)
class Text:
    """Plain characters."""

    text: str


@dataclass(frozen=True, slots=True)
class Bold:
    """Characters that stand out."""

    text: str


@dataclass(frozen=True, slots=True)
class Italic:
    """Characters that are set apart, such as a source."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Characters to be copied as they are, such as a command."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """Characters that lead to an ``http``, ``https``, ``mailto`` or ``tel`` address."""

    text: str
    url: str

    def __post_init__(self) -> None:
        """Refuse an address that a client could execute instead of open."""
        if not self.url.lower().startswith(("http://", "https://", "mailto:", "tel:")):
            raise ValueError(f"a link needs an http, https, mailto or tel address: {self.url!r}")


@dataclass(frozen=True, slots=True)
class Mention:
    """A person's name that notifies them on their own platform.

    Attributes:
        user: The person's id on the platform that the message goes to.
        name: What is shown where the platform cannot resolve the id.
    """

    user: str
    name: str


@dataclass(frozen=True, slots=True)
class When:
    """An instant, shown natively in the reader's time with the venue's time beside it.

    Attributes:
        instant: Aware datetime.
        zone: IANA name of the venue's zone.
        date_only: Show the day without the clock.
    """

    instant: datetime
    zone: str
    date_only: bool = False

    def __post_init__(self) -> None:
        """Refuse a naive datetime: it would be read in the machine's own zone."""
        if self.instant.tzinfo is None:
            raise ValueError("an instant needs a time zone")


Inline = Text | Bold | Italic | Code | Link | Mention | When
Line = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press.

    What comes back when it is pressed comes from the person's client and can be
    forged: a handler authorises by the sender and by the stored state, never by what
    the button says.

    Attributes:
        label: What is shown.
        action: Name of the route, such as ``rsvp``; no colon.
        value: What the route needs to know, such as ``12:going``.
    """

    label: str
    action: str
    value: str = ""

    def __post_init__(self) -> None:
        """Refuse what a platform would refuse or cut off later."""
        if not self.label or not self.action or ":" in self.action:
            raise ValueError("a button needs a label, and an action without a colon")
        size = len(self.data.encode())
        if size > BUTTON_DATA_BYTES:
            raise ValueError(f"button data is {size} bytes, at most {BUTTON_DATA_BYTES}")

    @property
    def data(self) -> str:
        """Action and value as one string, as the platforms carry it."""
        return f"{self.action}:{self.value}"


def split_button_data(data: str) -> tuple[str, str]:
    """Return action and value of :attr:`Button.data`; the value may be empty."""
    action, _, value = data.partition(":")
    return action, value


ATTACHMENT_BYTES = 5 * 1024 * 1024
"""It stands in the ledger until it is sent, and a request with it must end within a lease."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message.

    Attributes:
        name: File name as shown.
        media_type: IANA media type.
        content: The bytes.
        is_shared: The same file goes to several people, so a platform's name for it may be
            kept; what is one person's own leaves no trace.
    """

    name: str
    media_type: str
    content: bytes = field(repr=False)
    is_shared: bool = False

    def __post_init__(self) -> None:
        """Refuse a file that no platform could be given in time."""
        if len(self.content) > ATTACHMENT_BYTES:
            raise ValueError(
                f"{self.name} has {len(self.content)} bytes, at most {ATTACHMENT_BYTES}"
            )


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message. An empty line stands for a gap between paragraphs.

    Attributes:
        files_first: Where files and words come in messages of their own, the files come
            first, none with words below it: the words can then be changed by themselves,
            and how many messages there are does not depend on how long they are.
    """

    lines: tuple[Line, ...]
    buttons: tuple[tuple[Button, ...], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    files_first: bool = False


def line(*parts: Inline | str) -> Line:
    """Return a line; bare strings become :class:`Text`."""
    return tuple(Text(part) if isinstance(part, str) else part for part in parts)


def plain(*texts: str) -> Message:
    """Return a message of plain lines without buttons."""
    return Message(tuple(line(text) for text in texts))


def text_of(lines: Iterable[Line]) -> str:
    """Return the characters of ``lines`` alone, for logs, previews and searches."""

    def show(part: Inline) -> str:
        match part:
            case When(instant=instant):
                return instant.isoformat(timespec="minutes")
            case Mention(name=name):
                return name
            case _:
                return part.text

    return "\n".join("".join(show(part) for part in one) for one in lines)
