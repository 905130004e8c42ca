"""Telegram's HTML mode: from markup to the characters a person reads, and entities.

Follows ``parse_html`` and ``clean_input_string`` of tdlib (``MessageEntity.cpp``,
``misc.cpp``), which the Bot API server runs: which tags exist, which errors they give,
and which characters are replaced before anything else.
"""

import html
import re
from dataclasses import dataclass

TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
    "blockquote": "blockquote",
}
_TAG = re.compile(r"<(/?)([^\s>]*)([^>]*)>")
_ATTRIBUTE = re.compile(r"""\s+([a-zA-Z-]+)(?:=("[^"]*"|'[^']*'|[^\s>]+))?""")
_REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
_TIME_FORMAT = re.compile(r"r|w?[dD]?[tT]?")
_CONTROLS = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
_DROPPED = re.compile("[\r\u2028-\u202e]")


class MarkupError(ValueError):
    """The text cannot be parsed; the message is the one behind "can't parse entities: "."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A styled stretch; offset and length count UTF-16 units."""

    type: str
    offset: int
    length: int
    extra: tuple[tuple[str, str], ...] = ()


def units(text: str) -> int:
    """Return the length of ``text`` in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def clean(text: str) -> str:
    """Return ``text`` with what Telegram replaces or drops before it stores it."""
    return _DROPPED.sub("", _CONTROLS.sub(" ", text))


def parse_html(source: str) -> tuple[str, tuple[Entity, ...]]:
    """Return the characters and the entities of ``source``.

    Raises:
        MarkupError: an unknown tag, or one that is not closed in order.
    """
    text, entities = "", []
    stack: list[tuple[str, int, tuple[tuple[str, str], ...]]] = []
    position = 0
    while (start := source.find("<", position)) >= 0:
        text += _decode(source[position:start])
        offset = len(source[:start].encode())
        match = _TAG.match(source, start)
        if match is None:
            raise MarkupError(f"Unclosed start tag at byte offset {offset}")
        closing, name, rest = match[1], match[2].lower(), match[3]
        position = match.end()
        if not closing:
            stack.append((name, units(text), _attributes(name, rest, offset)))
            continue
        entities += _close(stack, name, units(text), offset)
    text += _decode(source[position:])
    if stack:
        raise MarkupError(f'Can\'t find end tag corresponding to start tag "{stack[-1][0]}"')
    return text, tuple(sorted(entities, key=lambda one: (one.offset, -one.length)))


def _close(
    stack: list[tuple[str, int, tuple[tuple[str, str], ...]]], name: str, at: int, offset: int
) -> list[Entity]:
    if not stack:
        raise MarkupError(f"Unexpected end tag at byte offset {offset}")
    opened, start, extra = stack.pop()
    if name and name != opened:
        raise MarkupError(
            f'Unmatched end tag at byte offset {offset}, expected "</{opened}>", found "</{name}>"'
        )
    return [Entity(TYPES[opened], start, at - start, extra)] if at > start else []


def _attributes(name: str, rest: str, offset: int) -> tuple[tuple[str, str], ...]:
    if name not in TYPES:
        raise MarkupError(f'Unsupported start tag "{name}" at byte offset {offset}')
    found = {key.lower(): _decode(value.strip("\"'")) for key, value in _ATTRIBUTE.findall(rest)}
    if name == "span" and found.get("class") != "tg-spoiler":
        raise MarkupError(f'Tag "span" must have class "tg-spoiler" at byte offset {offset}')
    if name == "tg-time" and not (
        found.get("unix", "").isdigit() and _TIME_FORMAT.fullmatch(found.get("format", ""))
    ):
        raise MarkupError(f'Invalid attributes of the tag "tg-time" at byte offset {offset}')
    return tuple(sorted(found.items()))


def _decode(text: str) -> str:
    return _REFERENCE.sub(lambda match: html.unescape(match[0]), text)
