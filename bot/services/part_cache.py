"""Rendered parts for the next reader of the same, in bounded memory.

Parts hold files as text, and a file that everybody gets is the same string in each of them:
it is counted once, by what it is and not by how many parts show it.
"""

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from bot.adapters.base import Part
from bot.domain.message import ATTACHMENT_BYTES

K = TypeVar("K")
CACHED = 256
CACHED_BYTES = 2 * ATTACHMENT_BYTES * 4 // 3
"""Characters of base64: the files of two announcements, or of a letter and another."""
Parts = tuple[Part, ...]


class PartCache(Generic[K]):
    """Keeps parts by key, and lets all of them go when it is full."""

    def __init__(self, most: int = CACHED, most_bytes: int = CACHED_BYTES) -> None:
        """Hold ``most`` entries and about ``most_bytes`` of text; one entry always fits."""
        self._most, self._most_bytes = most, most_bytes
        self._kept: dict[K, Parts] = {}
        self._texts: dict[int, int] = {}
        self._size = 0

    def get(self, key: K) -> Parts | None:
        """Return the parts under ``key``, or None."""
        return self._kept.get(key)

    def put(self, key: K, parts: Parts) -> None:
        """Keep ``parts``; a string is known by its identity, for as long as it is held here."""
        texts = {id(text): len(text) for part in parts for text in _texts(part.payload)}
        new = {one: size for one, size in texts.items() if one not in self._texts}
        if len(self._kept) >= self._most or self._size + sum(new.values()) > self._most_bytes:
            self._kept.clear()
            self._texts.clear()
            self._size, new = 0, texts
        self._kept[key] = parts
        self._texts |= new
        self._size += sum(new.values())


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)
