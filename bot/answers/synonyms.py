"""A few words that mean the same at a conference; a glossary is a matter of its own."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.answers.words import stem

_GROUPS = (
    "price cost fee expensive",
    "refund money",
    "hotel accommodation stay",
    "talk speak speaker session presentation",
    "food meal eat catering",
    "dinner supper",
    "party social",
    "stream streamed livestream online remote",
    "kid child children",
    "register registration signup",
    "chair chairman chairmen chaired president",
    "lead leader chairman chair",
    "organise organize organiser organizer",
)


def _groups() -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for group in _GROUPS:
        members = frozenset(stem(word) for word in group.split())
        for word in members:
            found[word] = found.get(word, frozenset()) | (members - {word})
    return MappingProxyType(found)


_ALIKE = _groups()


def alike(term: str) -> frozenset[str]:
    """Return the stems that may stand for ``term``."""
    return _ALIKE.get(term, frozenset())
