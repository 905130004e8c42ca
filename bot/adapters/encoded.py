"""Files as text: parts wait in a ledger that holds JSON."""

import base64
from functools import lru_cache
from hashlib import sha256

from bot.domain.announcement import MOST_FILES
from bot.domain.message import Attachment

KEPT = MOST_FILES
"""Shared files whose text is kept: all of the announcement that is being sent.

With fewer, every reader's copy would hold a text of its own.
"""


def as_text(file: Attachment) -> str:
    """Return the bytes in base64; of a shared file the same string for everybody."""
    return _kept_text(file.content) if file.is_shared else _text(file.content)


def identity(file: Attachment) -> str:
    """Return what names a shared file, ``""`` for one person's own.

    The name counts: two letters may hold the same words, and each shows whose it is.
    """
    return _kept_identity(file.name, file.media_type, file.content) if file.is_shared else ""


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


_kept_text = lru_cache(maxsize=KEPT)(_text)


@lru_cache(maxsize=KEPT)
def _kept_identity(name: str, media_type: str, content: bytes) -> str:
    return sha256(f"{name}\0{media_type}\0".encode() + content).hexdigest()
