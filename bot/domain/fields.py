"""Fields in the words of an announcement, such as ``{name}``: each reader reads their own.

Two braces stand for one: ``{{name}}`` is read as ``{name}``.
"""

import re

PERSONAL = ("name", "organisation")
EVENT = ("event", "event_date", "event_place")
KNOWN = (*PERSONAL, *EVENT)
FIELD = re.compile(r"\{\{|\}\}|\{(\w+)\}", re.ASCII)
PERSONAL_LENGTH = 2500
"""Characters of words with personal fields: they must stay one message for every reader."""


def fields_in(text: str) -> tuple[str, ...]:
    """Return the names of the fields in ``text``, each once, in their order."""
    return tuple(dict.fromkeys(hit[1] for hit in FIELD.finditer(text) if hit[1]))


def is_personal(text: str) -> bool:
    """Return whether two readers of one language may read different words."""
    return any(name in PERSONAL for name in fields_in(text))
