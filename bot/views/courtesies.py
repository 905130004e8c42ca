"""Which kind of courtesy somebody wrote, so that the one line back fits it."""

import re
from functools import cache

from bot.i18n import languages, texts_for

KINDS = ("new-year", "thanks", "greeting", "farewell")
"""In order: "thanks, and a happy new year" is about the new year."""


def courtesy_kind(text: str) -> str:
    """Return the kind of ``text``, ``other`` for an emoji and everything unknown.

    All languages are tried: many write a short thanks in another one than their own.
    """
    return next((kind for kind in KINDS if _pattern(kind).search(text.casefold())), "other")


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    words: list[str] = []
    for language in languages():
        for word in texts_for(language)(f"courtesy-words.{kind}").split(","):
            escaped = re.escape(word.strip().casefold())
            # "hi" must not be found in "which"; Chinese has no gaps between words.
            words.append(rf"\b{escaped}\b" if word.strip().isascii() else escaped)
    return re.compile("|".join(words))
