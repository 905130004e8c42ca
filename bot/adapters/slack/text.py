"""Slack's text: three escaped characters, and everything special in angle brackets."""

import re

_ENTITY = re.compile(r"&(amp|lt|gt);")
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">"}
_SPECIAL = re.compile(r"<([^<>]*)>")
_SCHEME = re.compile(r"^(?:https?://|mailto:|tel:)")


def escape(text: str) -> str:
    """Return ``text`` so that Slack reads none of it as a mention, a link or an entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(escaped: str, limit: int) -> str:
    """Return at most ``limit`` characters of escaped text, no entity broken."""
    if len(escaped) <= limit:
        return escaped
    short = escaped[: limit - 1]
    start = short.rfind("&")
    whole = short if start < 0 or ";" in short[start:] else short[:start]
    return whole + "…"


def readable(text: str) -> str:
    """Return the characters that the person sees of ``text`` as Slack sends it."""
    pieces = _SPECIAL.split(text)  # outside, inside, outside …
    return "".join(
        _unescape(_resolve(piece) if index % 2 else piece) for index, piece in enumerate(pieces)
    )


def without_mention(text: str, user: str) -> str:
    """Return ``text``, still as Slack sends it, without the mention of ``user`` in front."""
    return re.sub(rf"^\s*<@{re.escape(user)}(?:\|[^<>]*)?>[\s:,]*", "", text) if user else text


def _unescape(text: str) -> str:
    return _ENTITY.sub(lambda found: _CHARACTERS[found[1]], text)


def _resolve(inside: str) -> str:
    """Return the characters of a mention, a channel, a date, a command or a link."""
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return f"@{label or target[1:]}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    bare = _SCHEME.sub("", target)
    if not label:
        return target
    return label if label in (target, bare, bare.rstrip("/")) else f"{label} ({target})"
