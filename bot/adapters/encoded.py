"""Files as text: parts wait in a ledger that holds JSON."""

import base64
from functools import lru_cache
from hashlib import sha256

KEPT = 4
"""Files whose text is kept: those of the announcement that is being sent."""


@lru_cache(maxsize=KEPT)
def as_text(content: bytes) -> str:
    """Return ``content`` in base64, the same string for everybody who gets the file."""
    return base64.b64encode(content).decode()


@lru_cache(maxsize=KEPT)
def fingerprint(content: bytes) -> str:
    """Return what names a file by its bytes alone."""
    return sha256(content).hexdigest()
