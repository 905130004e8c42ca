"""What a person reads in a native Slack message: the blocks resolved to characters."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.simulators.base import SimulatedPerson
from bot.simulators.journal import SeenButton

People = Mapping[str, SimulatedPerson]

_ENTITY = re.compile(r"&(amp|lt|gt);")
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">"}


def escape(text: str) -> str:
    """Return ``text`` as Slack carries it: ``&``, ``<`` and ``>`` as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Return the characters behind Slack's three entities, each resolved once."""
    return _ENTITY.sub(lambda found: _CHARACTERS[found[1]], text)


def read_message(message: Mapping[str, Any], people: People) -> tuple[str, tuple[SeenButton, ...]]:
    """Return the characters and the buttons of ``message``; blocks hide its ``text``."""
    blocks = message.get("blocks") or []
    buttons = tuple(button for block in blocks for button in _buttons(block))
    if not blocks:
        return unescape(str(message.get("text", ""))), buttons
    texts = (_block(block, people) for block in blocks)
    return "\n".join(text for text in texts if text is not None), buttons


def _buttons(block: Mapping[str, Any]) -> Iterator[SeenButton]:
    accessory = [block["accessory"]] if "accessory" in block else []
    for element in [*block.get("elements", ()), *accessory]:
        if element.get("type") == "button":
            yield SeenButton(element["text"]["text"], element.get("value", element.get("url", "")))


def _block(block: Mapping[str, Any], people: People) -> str | None:
    match block["type"]:
        case "rich_text":
            return "\n".join(_rich(element, people) for element in block["elements"])
        case "section" | "header":
            return unescape(str(block.get("text", {}).get("text", "")))
        case "context":
            return " ".join(unescape(str(one.get("text", ""))) for one in block["elements"])
        case "markdown":
            return str(block["text"])
        case _:
            return None


def _rich(element: Mapping[str, Any], people: People) -> str:
    inner = element["elements"]
    if element["type"] == "rich_text_list":
        return "\n".join("• " + _rich(one, people) for one in inner)
    return "".join(_inline(one, people) for one in inner)


def _inline(element: Mapping[str, Any], people: People) -> str:
    kind = element["type"]
    if kind == "user":
        person = people.get(element["user_id"])
        return f"@{person.name if person else element['user_id']}"
    if kind == "text":
        return str(element["text"])
    if kind == "link":
        return str(element.get("text") or element["url"])
    if kind == "date":
        # A client formats the date in its own language and zone; the fallback is the
        # nearest thing to it that needs no client.
        return str(element.get("fallback") or element["timestamp"])
    named = element.get("name") or element.get("range") or element.get(f"{kind}_id")
    return f":{named}:" if kind == "emoji" else f"@{named}"
