"""Updates as JSON for the inbox, and back."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.domain import incoming as kinds
from bot.domain.address import AccountRef, Address, MessageRef
from bot.domain.incoming import Incoming
from bot.domain.sent_file import SentFile

_KINDS: dict[str, type[kinds.Update]] = {
    kind.__name__: kind
    for kind in (
        kinds.Said,
        kinds.Commanded,
        kinds.Pressed,
        kinds.Submitted,
        kinds.Opened,
        kinds.Edited,
        kinds.Joined,
        kinds.Left,
    )
}


def to_json(incoming: Incoming) -> dict[str, Any]:
    """Return ``incoming`` as JSON values."""
    values = asdict(incoming)
    values["at"] = incoming.at.isoformat()
    return {"kind": type(incoming).__name__, **values}


def from_json(stored: dict[str, Any]) -> Incoming:
    """Return the update that :func:`to_json` stored."""
    values = dict(stored)
    kind = _KINDS[values.pop("kind")]
    values["at"] = datetime.fromisoformat(values["at"])
    values["where"] = Address(**values["where"])
    values["who"] = AccountRef(**values["who"])
    for name in ("ref", "reply_to"):
        if values.get(name):
            values[name] = MessageRef(Address(**values[name]["address"]), values[name]["id"])
    if values.get("files"):
        values["files"] = tuple(SentFile(**one) for one in values["files"])
    if values.get("moved_from"):
        values["moved_from"] = Address(**values["moved_from"])
    if "values" in values:
        values["values"] = tuple((name, value) for name, value in values["values"])
    update: Incoming = kind(**values)  # type: ignore[assignment]  # the table above holds just these
    return update


def storable(value: Any) -> Any:
    """Return JSON ``value`` with text that every database and platform can take.

    PostgreSQL has no NUL character, and half a surrogate pair is no Unicode at all; both
    arrive from messengers, and one such message must not stop those that come with it.
    """
    match value:
        case str():
            return _storable_text(value)
        case dict():
            return {_storable_text(key): storable(one) for key, one in value.items()}
        case list() | tuple():
            return [storable(one) for one in value]
        case _:
            return value


def _storable_text(text: str) -> str:
    without_nul = text.replace("\x00", "")
    if without_nul.isascii():
        return without_nul
    return without_nul.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
