"""A short name made from a longer one, for addresses and audience expressions.

Latin letters lose their accents; letters of other scripts stay as they are, because a
transliteration would make different names equal. So names with the same slug differ in
capitals, accents and punctuation at most; a name that is a slug already stays itself.
"""

import unicodedata

_LATIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
)


def slug(name: str) -> str:
    """Return the slug, such as ``max-planck-institut`` or ``中国科学院``, or ``""``."""
    letters = unicodedata.normalize("NFKD", name.casefold()).casefold().translate(_LATIN)
    kept: list[str] = []
    base = ""
    for char in letters:
        kind = unicodedata.category(char)[0]
        if kind == "M":
            kept.append("" if base.isascii() else char)
            continue
        base = char if kind in "LN" else ""  # a mark on anything else is none of a name
        kept.append(char if kind in "LN" else "" if char in "'’" else " ")
    return "-".join(unicodedata.normalize("NFC", "".join(kept)).split())
