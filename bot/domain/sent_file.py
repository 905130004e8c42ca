"""Files that a person sent us: named when they arrive, fetched when somebody needs the bytes.

Until then a file is what its platform calls it. In a form's value several stand as JSON.
"""

import json
import mimetypes
from collections.abc import Iterable
from dataclasses import asdict, dataclass

ANYTHING = "application/octet-stream"
NAME_LENGTH = 120


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it was announced to us.

    Attributes:
        id: The platform's own name for it; means nothing anywhere else.
        name: File name as the sender has it; never trusted as a path.
        media_type: As the platform says, or ``""``.
        size: Bytes as the platform says; 0 where it does not.
    """

    id: str
    name: str
    media_type: str = ""
    size: int = 0


def files_to_text(files: Iterable[SentFile]) -> str:
    """Return ``files`` as the value of a form's field; ``""`` for none."""
    found = [asdict(one) for one in files]
    return json.dumps(found, ensure_ascii=False) if found else ""


def files_from_text(value: str) -> tuple[SentFile, ...]:
    """Return the files in a form's value; what we have not written ourselves is none."""
    try:
        return tuple(SentFile(**one) for one in json.loads(value or "[]"))
    except (ValueError, TypeError):
        return ()


def plain_name(name: str, other: str) -> str:
    """Return a file name without folders and of bearable length; ``other`` where it is empty."""
    bare = name.replace("\\", "/").rpartition("/")[2].strip()
    if len(bare) <= NAME_LENGTH:
        return bare or other
    stem, dot, ending = bare.rpartition(".")
    ending = f"{dot}{ending}" if stem and len(ending) < 10 else ""
    return bare[: NAME_LENGTH - len(ending)] + ending


def media_type_of(name: str, said: str = "") -> str:
    """Return the media type to pass on: as it was said, else as the name's ending says."""
    found = said or mimetypes.guess_type(name)[0] or ANYTHING
    if found.startswith(("message/", "multipart/")):  # a mail would read it as its own
        return ANYTHING
    return found
