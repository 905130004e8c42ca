"""From a message to lines of text.

Every line that a message can fill begins with a bar, every button and file with another
sign: whatever somebody wrote, it cannot pass for a button. Control characters are taken
out, because a terminal would obey them.
"""

import re
from collections.abc import Iterator
from typing import Any

from bot.adapters.base import Part
from bot.adapters.cutting import cut_before, prefix_end
from bot.adapters.encoded import as_text
from bot.domain.message import Inline, Link, Mention, Message, When
from bot.domain.reader import Reader
from bot.i18n import when_text

TEXT_LIMIT = 4000
"""Characters of one part: more than a screen is hard to read at once."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def render(message: Message, reader: Reader) -> tuple[Part, ...]:
    """Return ``message`` in parts that fit a screen; buttons and files are in the last."""
    text = "\n".join("".join(_shown(part, reader) for part in one) for one in message.lines)
    pieces = list(_cut(text))
    buttons = [[one.label, one.data] for row in message.buttons for one in row]
    files = [{"name": one.name, "content": as_text(one)} for one in message.attachments]
    return tuple(
        Part(_payload(piece, buttons, files) if last else _payload(piece), piece)
        for piece, last in zip(pieces, [False] * (len(pieces) - 1) + [True], strict=True)
    )


def clean(text: str) -> str:
    """Return ``text`` without what a terminal would obey instead of show."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROLS.sub("", whole.replace("\r\n", "\n").replace("\t", "    "))


def _payload(
    text: str, buttons: list[list[str]] | None = None, files: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    return {"text": text, "buttons": buttons or [], "files": files or []}


def _shown(part: Inline, reader: Reader) -> str:
    match part:
        case When(instant, zone, date_only):
            return when_text(instant, zone, reader, date_only)
        case Mention(name=name):
            return clean(name)
        case Link(text, url):
            address = url.removeprefix("mailto:").removeprefix("tel:")
            return clean(text if text in (url, address) else f"{text} ({address})")
        case _:
            return clean(part.text)


def _cut(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > TEXT_LIMIT:
        end = cut_before(text, start, prefix_end(text, start, TEXT_LIMIT), ())
        yield text[start:end].rstrip("\n ")
        start = end + (len(text[end:]) - len(text[end:].lstrip("\n ")))
    yield text[start:]
