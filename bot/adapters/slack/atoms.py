"""The smallest pieces of a ``rich_text`` block, and how large Slack finds them.

Slack's real limit of a message is not documented: posts fail with ``msg_blocks_too_long``
at about 13,200 "characters", a bare divider counting for 125 of them
(slackapi/bolt-js#2509). It evidently counts its own serialised form. So sizes here are
those of the JSON, in UTF-16 units, which is the larger of the ways to count.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.domain.message import Bold, Code, Inline, Italic, Line, Link, Mention, Text, When
from bot.domain.reader import Reader
from bot.i18n import clocks_differ, venue_text, when_text

Element = dict[str, Any]

DATE_FORMAT = "{date_long_pretty} {time}"
"""Slack's tokens: the day ("tomorrow" where it is) and the clock, in the reader's own way."""

URL_LENGTH = 3000
"""Characters of an address that can be a link, as Slack documents it for buttons."""

_MEMBER = re.compile(r"[UW][A-Z0-9]{2,}")
_JOINERS = "\u200d\ufe0f\ufe0e"
_ESCAPED_SHORT = frozenset('"\\\n\r\t\b\f')


@dataclass(frozen=True, slots=True)
class Atom:
    """A native element with the characters that a person reads of it.

    Attributes:
        whole: True where it cannot be cut in two, as a date.
    """

    element: Element
    shown: str
    whole: bool = False

    @property
    def cost(self) -> int:
        """Size of the element in Slack's serialised form, in UTF-16 units."""
        return serialised_size(self.element)

    def with_text(self, text: str) -> "Atom":
        """Return the same element around other characters."""
        return Atom({**self.element, "text": text}, text)


def serialised_size(value: object) -> int:
    """Return the size of ``value`` as JSON, in UTF-16 units."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def text_size(text: str) -> int:
    """Return the size of ``text`` inside JSON, in UTF-16 units."""
    return serialised_size(text) - 2


def lines_of_atoms(lines: tuple[Line, ...], reader: Reader) -> Iterator[tuple[Atom, ...]]:
    """Yield the atoms of each line; a line break inside a text begins a line too."""
    for line in lines:
        current: list[Atom] = []
        for part in line:
            for atom in _atoms(part, reader):
                first, *others = [atom.shown] if atom.whole else atom.shown.split("\n")
                current += [atom.with_text(first)] if first and not atom.whole else []
                current += [atom] if atom.whole else []
                for text in others:
                    yield tuple(current)
                    current = [atom.with_text(text)] if text else []
        yield tuple(current)


def _atoms(part: Inline, reader: Reader) -> Iterator[Atom]:
    match part:
        case Text(text=text):
            yield _text(text)
        case Bold(text=text):
            yield _text(text, "bold")
        case Italic(text=text):
            yield _text(text, "italic")
        case Code(text=text):
            yield _text(text, "code")
        case Link(text=text, url=url):
            shown = text or url
            if len(url) > URL_LENGTH:
                yield _text(f"{shown} ({url})" if text else url)
            else:
                yield Atom({"type": "link", "url": url, "text": shown}, shown)
        case Mention(user=user, name=name):
            if _MEMBER.fullmatch(user):
                yield Atom({"type": "user", "user_id": user}, f"@{name}", whole=True)
            else:
                yield _text(f"@{name}", "bold")
        case When():
            yield from _when(part, reader)


def _text(text: str, style: str = "") -> Atom:
    styled = {"style": {style: True}} if style else {}
    return Atom({"type": "text", "text": text, **styled}, text)


def _when(when: When, reader: Reader) -> Iterator[Atom]:
    """The reader's clock natively, the venue's beside it.

    A bare day is the venue's and stays text: a client would move it to the reader's zone,
    where it can be the day before.
    """
    if when.date_only:
        yield _text(when_text(when.instant, when.zone, reader, date_only=True))
        return
    try:
        own = when_text(when.instant, reader.zone, reader)
        beside = venue_text(when.instant, when.zone, reader.language, beside=reader.zone)
    except ValueError:  # the reader's zone is none: only the venue's time is sure
        yield _text(when_text(when.instant, when.zone, reader))
        return
    timestamp = int(when.instant.timestamp())
    date = {"type": "date", "timestamp": timestamp, "format": DATE_FORMAT, "fallback": own}
    yield Atom(date, own, whole=True)
    if clocks_differ(when.instant, when.zone, reader.zone):
        yield _text(f" · {beside}")


def cut_atom(atom: Atom, room: int) -> tuple[Atom | None, Atom | None]:
    """Return the part of ``atom`` that fits in ``room`` and the rest, cut at a word's end.

    ``(None, atom)`` means that nothing of it fits, or that it cannot be cut.
    """
    text = atom.shown
    if text_size(text) <= room:
        return atom, None
    if atom.whole:
        return None, atom
    end = _fitting(text, room)
    space = text.rfind(" ", 0, end) + 1
    end = space or _between_characters(text, end)
    if end <= 0:
        return None, atom
    return atom.with_text(text[:end]), atom.with_text(text[end:])


def hard_cut(atom: Atom, room: int) -> tuple[Atom, Atom]:
    """Cut ``atom`` where it must be, at least one character in."""
    end = max(1, _fitting(atom.shown, room))
    return atom.with_text(atom.shown[:end]), atom.with_text(atom.shown[end:])


def _fitting(text: str, room: int) -> int:
    """Return how many characters of ``text`` fit in ``room``."""
    used = 0
    for index, character in enumerate(text):
        used += _unit_size(character)
        if used > room:
            return index
    return len(text)


def _unit_size(character: str) -> int:
    if character in _ESCAPED_SHORT or character > "\uffff":
        return 2
    return 6 if character < " " else 1


def _between_characters(text: str, end: int) -> int:
    """Return the last place up to ``end`` that is not inside a joined emoji or an accent."""
    while end > 0 and (text[end] in _JOINERS or text[end - 1] == "\u200d" or _combines(text[end])):
        end -= 1
    return end


def _combines(character: str) -> bool:
    return "\u0300" <= character <= "\u036f" or "\U0001f3fb" <= character <= "\U0001f3ff"
