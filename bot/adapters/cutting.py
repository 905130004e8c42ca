"""Where a text that is too long is cut: after a line, else a word, else a whole character.

Lengths are UTF-16 units, which is never too generous: Telegram counts code points for its
limit and UTF-16 units for entities. Python has no grapheme segmentation, so what a
reader sees as one character is approximated: marks, joiners, variation selectors, skin
tones and pairs of flag letters stay together. The only cost of a miss is an odd break.
"""

import unicodedata
from collections.abc import Sequence

LOOK_BACK = 64
"""Characters that a cut moves back at most to keep a cluster whole."""
_JOINER = "\u200d"
_SPACES = " \n"


def units(text: str) -> int:
    """Return the length of ``text`` in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def prefix_end(text: str, start: int, limit: int) -> int:
    """Return the largest end for which ``text[start:end]`` has at most ``limit`` units."""
    end = min(len(text), start + limit)
    while units(text[start:end]) > limit:
        end -= max(1, (units(text[start:end]) - limit) // 2)
    return end


def cut_before(text: str, start: int, end: int, whole: Sequence[tuple[int, int]]) -> int:
    """Return a good place to cut ``text`` in ``(start, end]``.

    Args:
        text: The whole text; ``end`` is the last place where the part still fits.
        start: Where the part begins.
        end: Hard limit.
        whole: Stretches that are kept in one piece if they fit a part at all.
    """
    if end >= len(text):
        return len(text)
    middle = start + (end - start) // 2
    for mark, least in (("\n", middle), (" ", middle), ("\n", start), (" ", start)):
        found = text.rfind(mark, least + 1, end + 1)
        if found > start and text[start:found].strip(_SPACES):
            return _outside(found, start, whole)
    return _outside(_cluster_start(text, start, end), start, whole)


def _outside(place: int, start: int, whole: Sequence[tuple[int, int]]) -> int:
    """Move ``place`` before the stretch that it falls into, unless that leaves nothing."""
    return next((low for low, high in whole if start < low < place < high), place)


def _cluster_start(text: str, start: int, end: int) -> int:
    for place in range(end, max(start, end - LOOK_BACK), -1):
        if not _continues(text, place):
            return place
    return end


def _continues(text: str, place: int) -> bool:
    """Whether the character at ``place`` belongs to the one before it."""
    here, before = text[place], text[place - 1]
    if _JOINER in (here, before) or unicodedata.category(here).startswith("M"):
        return True
    if "\U0001f3fb" <= here <= "\U0001f3ff" or "\U000e0020" <= here <= "\U000e007f":
        return True
    return _is_flag(here) and _flags_before(text, place) % 2 == 1


def _is_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flags_before(text: str, place: int) -> int:
    count = 0
    while place - count > 0 and _is_flag(text[place - count - 1]):
        count += 1
    return count
