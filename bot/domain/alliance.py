"""The alliance's name as it stands in a sentence, and alone.

It is given as people say it, with its article: *the Alliance*, *l’Alliance*, *der Allianz*.
Texts speak of its secretariat only, so one form a language is enough: English and Chinese
texts write the word between themselves, French contracts it with the article, and German
takes the genitive, or *von* before a name that has none.
"""

import re

_ARTICLE = re.compile(r"(?:the|der|die|das|des|la|le|les)\s+|l['’]", re.IGNORECASE)
_GERMAN_GENITIVE = re.compile(r"(?:der|des)\s", re.IGNORECASE)
_FRENCH = (("les ", "des "), ("le ", "du "))


def of_alliance(name: str, language: str) -> str:
    """Return ``name`` as it stands behind *the secretariat* in texts of ``language``."""
    if language == "de":
        return name if _GERMAN_GENITIVE.match(name) else f"von {name}"
    if language == "fr":
        for article, contracted in _FRENCH:
            if name.casefold().startswith(article):
                return contracted + name[len(article) :]
        return f"de {name}"
    return name


def without_article(name: str) -> str:
    """Return ``name`` for a title: *Alliance*."""
    article = _ARTICLE.match(name)
    return name[article.end() :] if article else name
