"""Slack's JSON, in which nothing is taken for granted.

A server may say less than Slack does, and over HTTP anybody may say anything before the
signature is looked at. So whatever is not of the expected kind counts as not being there.
"""

from collections.abc import Mapping
from typing import Any

Body = Mapping[str, Any]

ENVELOPE = "envelope_id"
"""Where a body carries the id of the envelope that it came in."""


def part(body: Body, *names: str) -> Body:
    """Return the object at ``names`` inside each other, or an empty one."""
    found: Any = body
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def text(body: Body, *names: str) -> str:
    """Return the characters at ``names`` inside each other, or ``""``."""
    *outer, last = names
    found = part(body, *outer).get(last)
    return found if isinstance(found, str) else ""


def first(body: Body, name: str) -> Body:
    """Return the first object of the list at ``name``, or an empty one."""
    found = body.get(name)
    if isinstance(found, list) and found and isinstance(found[0], Mapping):
        return found[0]
    return {}
