"""From a message to Telegram's HTML mode.

The tree is first laid out as one plain text and the stretches that are styled in it; a
part is a slice of both. So a cut can never fall into a tag, and what is escaped is
escaped once, at the very end.

Telegram changes some characters itself before it stores a text (tdlib,
``clean_input_string``): control characters become spaces, carriage returns and
directional overrides go. It is done here already, so that lengths, previews and what is
shown agree.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.adapters.base import Part
from bot.adapters.cutting import cut_before, prefix_end, units
from bot.adapters.encoded import as_text, identity
from bot.domain.message import (
    Attachment,
    Bold,
    Button,
    Code,
    Inline,
    Italic,
    Link,
    Mention,
    Message,
    Text,
    When,
)
from bot.domain.reader import Reader
from bot.domain.zoned import zone_named
from bot.i18n import venue_text, when_text

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
ENTITY_LIMIT = 100
ROW_LIMIT = 8
"""Buttons beside each other; more are unreadable on a phone, and clients wrap there."""
_TIME_FORMAT = "wDt"
"""Weekday, long date, short time, in the reader's own clock and language."""
_CONTROLS = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
_DROPPED = re.compile("[\r\u202a-\u202e]")
_SPACES = " \n"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters of one style.

    Attributes:
        text: The characters.
        tag: Name of the element, ``""`` for plain text.
        attributes: The element's attributes, escaped.
        whole: Whether it should not be cut.
    """

    text: str
    tag: str = ""
    attributes: str = ""
    whole: bool = False

    def markup(self, text: str) -> str:
        """Return ``text``, a piece of the stretch, with its tags."""
        escaped = html.escape(text, quote=False)
        return f"<{self.tag}{self.attributes}>{escaped}</{self.tag}>" if self.tag else escaped


@dataclass(frozen=True, slots=True)
class Placed:
    """A stretch at its place in the whole text."""

    start: int
    end: int
    stretch: Stretch


def render(message: Message, reader: Reader) -> tuple[Part, ...]:
    """Return ``message`` for ``reader`` in as few parts as Telegram takes; at least one."""
    placed = list(_place(_stretches(message, reader)))
    text = "".join(one.stretch.text for one in placed)
    slices = _slices(text, placed) or [(0, 0)]
    rows = _rows(message.buttons)
    parts = [Part({"html": _markup(placed, start, end)}, text[start:end]) for start, end in slices]
    if message.attachments:
        parts = _with_files(parts, message.attachments, message.files_first)
    payloads = [{**one.payload, "buttons": []} for one in parts]
    payloads[-1]["buttons"] = rows
    return tuple(Part(made, one.summary) for made, one in zip(payloads, parts, strict=True))


def _with_files(
    parts: list[Part], attachments: Sequence[Attachment], files_first: bool
) -> list[Part]:
    """Return one more part a file; a short text goes below the first file instead."""
    caption, before = Part({"html": ""}, ""), parts
    if files_first:
        return [*(Part({"html": "", "file": _file(one)}, "") for one in attachments), *parts]
    if len(parts) == 1 and units(parts[0].summary) <= CAPTION_LIMIT:
        caption, before = parts[0], []
    captions = [caption, *[Part({"html": ""}, "")] * (len(attachments) - 1)]
    return before + [
        Part({**said.payload, "file": _file(one)}, said.summary)
        for said, one in zip(captions, attachments, strict=True)
    ]


def _file(attachment: Attachment) -> dict[str, str]:
    return {
        "name": clean(attachment.name).strip() or "file",
        "media_type": attachment.media_type,
        "content": as_text(attachment),
        "is": identity(attachment),
    }


def clean(text: str) -> str:
    """Return ``text`` as Telegram will store it; broken surrogates become U+FFFD."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    lines = whole.replace("\r\n", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _DROPPED.sub("", _CONTROLS.sub(" ", lines))


def _stretches(message: Message, reader: Reader) -> Iterator[Stretch]:
    for number, line in enumerate(message.lines):
        if number:
            yield Stretch("\n")
        for part in line:
            yield from _inline(part, reader)


def _inline(part: Inline, reader: Reader) -> Iterator[Stretch]:
    match part:
        case Text(text):
            yield Stretch(clean(text))
        case Bold(text):
            yield Stretch(clean(text), "b")
        case Italic(text):
            yield Stretch(clean(text), "i")
        case Code(text):
            yield Stretch(clean(text), "code")
        case Link(text, url):
            yield from _link(clean(text), clean(url))
        case Mention(user, name):
            yield (
                _anchor(clean(name), f"tg://user?id={user}")
                if user.isdigit()
                else Stretch(clean(name))
            )
        case When():
            yield from _when(part, reader)


def _anchor(text: str, url: str) -> Stretch:
    return Stretch(text, "a", f' href="{html.escape(url)}"')


def _link(text: str, url: str) -> Iterator[Stretch]:
    """Yield a link, or the address itself where Telegram knows no link of that kind.

    ``mailto:`` and ``tel:`` are dropped from HTML without a word (tdlib,
    ``get_checked_link``), but an address in plain text is found and can be tapped.
    """
    scheme, _, address = url.partition(":")
    if scheme.lower() in ("http", "https"):
        yield _anchor(text or url, url)
        return
    yield Stretch(text if address in text else f"{text} ({address})".strip())


def _when(when: When, reader: Reader) -> Iterator[Stretch]:
    """Yield an instant: a native one in the reader's clock, then the venue's time.

    Clients that know no native dates show what is inside. There the day alone stands
    where both clocks agree: the venue's time beside it says the rest. A bare date is
    plain text, because a native one would become the day before for a reader far west.
    """
    if when.date_only:
        yield Stretch(when_text(when.instant, when.zone, reader, date_only=True))
        return
    unix = int(when.instant.timestamp())
    zone = when.zone if _same_clock(when, reader.zone) else reader.zone
    inside = when_text(
        when.instant, zone, Reader(reader.language, zone), date_only=zone == when.zone
    )
    yield Stretch(inside, "tg-time", f' unix="{unix}" format="{_TIME_FORMAT}"', whole=True)
    yield Stretch(f" · {venue_text(when.instant, when.zone, reader.language, beside=zone)}")


def _same_clock(when: When, zone: str) -> bool:
    """Whether ``zone`` reads the same as the venue's; a zone that nobody knows does."""

    def offset(name: str) -> timedelta | None:
        return when.instant.astimezone(zone_named(name)).utcoffset()

    try:
        return offset(zone) == offset(when.zone)
    except ValueError:
        return True


def _place(stretches: Iterator[Stretch]) -> Iterator[Placed]:
    start = 0
    for stretch in stretches:
        if stretch.text:
            yield Placed(start, start + len(stretch.text), stretch)
            start += len(stretch.text)


def _slices(text: str, placed: Sequence[Placed]) -> list[tuple[int, int]]:
    """Return the bounds of the parts; white space at a part's ends is left out."""
    whole = [(one.start, one.end) for one in placed if one.stretch.whole]
    styled = [one.start for one in placed if one.stretch.tag]
    found = []
    start = _skip(text, 0)
    while start < len(text):
        end = min(prefix_end(text, start, TEXT_LIMIT), _entity_end(placed, styled, start, text))
        end = cut_before(text, start, end, whole)
        found.append((start, start + len(text[start:end].rstrip(_SPACES))))
        start = _skip(text, end)
    return found


def _entity_end(placed: Sequence[Placed], styled: list[int], start: int, text: str) -> int:
    """Return where the entity begins that would be one too many for a part from ``start``."""
    begun = any(one.stretch.tag and one.start < start < one.end for one in placed)
    ahead = [place for place in styled if place >= start]
    room = ENTITY_LIMIT - begun
    return ahead[room] if len(ahead) > room else len(text)


def _skip(text: str, start: int) -> int:
    while start < len(text) and text[start] in _SPACES:
        start += 1
    return start


def _markup(placed: Sequence[Placed], start: int, end: int) -> str:
    return "".join(
        one.stretch.markup(one.stretch.text[max(0, start - one.start) : end - one.start])
        for one in placed
        if one.start < end and one.end > start
    )


def _rows(rows: Sequence[Sequence[Button]]) -> list[list[dict[str, str]]]:
    return [
        [{"text": clean(one.label), "data": one.data} for one in row[at : at + ROW_LIMIT]]
        for row in rows
        for at in range(0, len(row), ROW_LIMIT)
    ]
