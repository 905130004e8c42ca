"""What Slack refuses in a message, with its own error codes.

Limits: Slack's Block Kit reference (50 blocks a message, 3000 characters a section, 150 a
header, 25 elements an actions block, 75 characters a button's text, 255 an ``action_id``,
2000 a ``value``). ``msg_blocks_too_long`` at about 13,000 characters is not documented:
slackapi/bolt-js#2509.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.simulators.slack.refusal import SlackRefusal

MAX_BLOCKS = 50
MAX_ALL = 13_000
MAX_TEXT = 40_000
MAX_UPDATED_TEXT = 4_000
"""``chat.update`` takes less text than ``chat.postMessage`` (its ``msg_too_long``)."""
MAX_METADATA = 15_000

_SIZES = {"section": 3000, "header": 150, "markdown": 12_000}
_BLOCKS = {*_SIZES, "actions", "context", "divider", "image", "input", "rich_text", "video", "file"}
_RICH = {"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"}
_NEEDS = {
    "text": ("text",),
    "link": ("url",),
    "user": ("user_id",),
    "date": ("timestamp", "format"),
    "emoji": ("name",),
    "channel": ("channel_id",),
    "usergroup": ("usergroup_id",),
    "broadcast": ("range",),
    "color": ("value",),
}


def check_message(arguments: Mapping[str, Any], max_text: int = MAX_TEXT) -> None:
    """Accept ``text``, ``blocks`` and ``metadata`` of a message.

    Raises:
        SlackRefusal: with the code and the messages that Slack would answer.
    """
    text, blocks = arguments.get("text") or "", arguments.get("blocks") or []
    if not isinstance(text, str) or not isinstance(blocks, list):
        raise SlackRefusal("invalid_blocks_format" if blocks else "no_text")
    if not text and not blocks and not arguments.get("attachments"):
        raise SlackRefusal("no_text")
    if len(text) > max_text:
        raise SlackRefusal("msg_too_long")
    problems = list(_problems(blocks))
    if problems:
        raise SlackRefusal("invalid_blocks", *(f"[ERROR] {problem}" for problem in problems))
    if len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > MAX_ALL:
        raise SlackRefusal("msg_blocks_too_long")
    _check_metadata(arguments.get("metadata"))


def _check_metadata(metadata: object) -> None:
    if metadata in (None, {}):
        return
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise SlackRefusal("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise SlackRefusal("invalid_metadata_schema")
    if len(json.dumps(metadata)) > MAX_METADATA:
        raise SlackRefusal("metadata_too_large")


def _problems(blocks: list[Any]) -> Iterator[str]:
    if len(blocks) > MAX_BLOCKS:
        yield f"no more than {MAX_BLOCKS} items allowed [json-pointer:/blocks]"
    action_ids: set[str] = set()
    for index, block in enumerate(blocks):
        for problem in block_problems(block, action_ids):
            yield f"{problem} [json-pointer:/blocks/{index}]"


def block_problems(block: object, action_ids: set[str]) -> Iterator[str]:
    """Yield what is wrong with a block; ``action_ids`` are those of the blocks before."""
    kind = block.get("type") if isinstance(block, dict) else None
    if not isinstance(block, dict) or kind not in _BLOCKS:
        yield f"unsupported type: {kind}"
        return
    if kind in _SIZES:
        text = block.get("text", "")
        size = len(text if isinstance(text, str) else text.get("text", ""))
        if not 0 < size <= _SIZES[kind] and not (kind == "section" and block.get("fields")):
            yield f"must be 1 to {_SIZES[kind]} characters"
    elif kind == "rich_text":
        yield from _rich_problems(block.get("elements"))
    elif kind == "actions":
        elements = block.get("elements") or []
        if not 0 < len(elements) <= 25:
            yield "must have 1 to 25 elements"
        for element in elements:
            yield from _button_problems(element, action_ids)


def _button_problems(element: Mapping[str, Any], action_ids: set[str]) -> Iterator[str]:
    if element.get("type") != "button":
        return
    text = element.get("text") or {}
    if text.get("type") != "plain_text" or not 0 < len(text.get("text", "")) <= 75:
        yield "button text must be plain_text of 1 to 75 characters"
    action_id = element.get("action_id", "")
    if len(action_id) > 255 or (action_id and action_id in action_ids):
        yield "action_id must be unique and at most 255 characters"
    action_ids.add(action_id)
    if "value" in element and not 0 < len(element["value"]) <= 2000:
        yield "value must be 1 to 2000 characters"


def _rich_problems(elements: object) -> Iterator[str]:
    if not isinstance(elements, list) or not elements:
        yield "missing required field: elements"
        return
    for element in elements:
        if not isinstance(element, dict) or element.get("type") not in _RICH:
            yield "unsupported rich text element"
        elif element["type"] == "rich_text_list":
            yield from _rich_problems(element.get("elements"))
        else:
            for inner in element.get("elements", ()):
                yield from _inline_problems(inner)


def _inline_problems(element: Mapping[str, Any]) -> Iterator[str]:
    needs = _NEEDS.get(element.get("type", ""))
    if needs is None:
        yield f"unsupported rich text element: {element.get('type')}"
        return
    for name in needs:
        if element.get(name) in (None, ""):
            yield f"missing required field: {name}"
    if element["type"] == "date" and type(element.get("timestamp")) is not int:
        yield "must provide an integer: timestamp"  # so Slack answers: soxtoby/SlackNet#239
