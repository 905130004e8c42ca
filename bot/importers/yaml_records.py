"""YAML as a list of records that know their lines, so that a mistake can be shown.

Each value is built by itself: an impossible date spoils its own field and no other.
Anchors and aliases are refused, because a few lines of them can stand for gigabytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from bot.domain.people import Problem
from bot.importers.reading import Problems

MAX_RECORDS = 5_000
MAX_DEPTH = 20
MAX_TEXT = 500_000
"""Characters; the largest real file has 1200."""


@dataclass(slots=True)
class Record:
    """One mapping of the file.

    Attributes:
        place: File and line of its start.
        values: What could be read, by key.
        lines: Line of each key, 1 is the first.
    """

    place: str
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


def read_records(text: str, name: str, problems: Problems) -> tuple[Record, ...]:
    """Return the mappings of a YAML list, or the one mapping of the file."""
    try:
        root = compose(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{name} line {mark.line + 1}" if mark else name
        what = getattr(error, "problem", None) or "broken"
        problems.append(Problem(place, f"is not YAML ({what}): check indents, colons and quotes"))
        return ()
    nodes = root.value if isinstance(root, yaml.SequenceNode) else [root] if root else []
    if len(nodes) > MAX_RECORDS:
        problems.append(Problem(name, f"only the first {MAX_RECORDS} records are read"))
    return tuple(_records(nodes[:MAX_RECORDS], name, problems))


def compose(text: str) -> yaml.Node | None:
    """Return the tree of a YAML text, or None of an empty one.

    Raises:
        yaml.YAMLError: it is not YAML, or larger, deeper or more entangled than data is.
            Those are refused before the parser, whose time grows with their square.
    """
    if len(text) > MAX_TEXT:
        raise yaml.MarkedYAMLError(problem=f"more than {MAX_TEXT} characters")
    depth = 0
    try:
        for event in yaml.parse(text, yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH or isinstance(event, yaml.AliasEvent):
                what = "nested too deep" if depth > MAX_DEPTH else "aliases are not read"
                mark = getattr(event, "start_mark", None)
                raise yaml.MarkedYAMLError(problem=what, problem_mark=mark)
        return yaml.compose(text, yaml.SafeLoader)
    except (ValueError, RecursionError) as error:
        raise yaml.MarkedYAMLError(problem=type(error).__name__) from None


def _records(nodes: list[yaml.Node], name: str, problems: Problems) -> Iterator[Record]:
    for node in nodes:
        place = f"{name} line {node.start_mark.line + 1}"
        if not isinstance(node, yaml.MappingNode):
            problems.append(Problem(place, "must be `key: value` lines that begin with an id"))
            continue
        record = Record(place)
        for key_node, value_node in node.value:
            _add(record, key_node, value_node, name, problems)
        yield record


def _add(
    record: Record, key_node: yaml.Node, value_node: yaml.Node, name: str, problems: Problems
) -> None:
    line = key_node.start_mark.line + 1
    place = f"{name} line {line}"
    if not isinstance(key_node, yaml.ScalarNode):
        problems.append(Problem(place, "a key must be a word: this field is left out"))
        return
    key = str(key_node.value)
    if key in record.values:
        problems.append(Problem(place, f"{key} stands twice: the first one counts"))
        return
    try:
        record.values[key] = build(value_node)
        record.lines[key] = line
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError, TypeError):
        problems.append(Problem(place, f"{key} has an impossible value: it is left out"))


def build(node: yaml.Node) -> Any:
    """Return the plain value of a tree.

    Raises:
        ValueError: a scalar looks like a date and is none.
        yaml.YAMLError: a tag asks for something that is no plain value.
    """
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def plain_value(value: Any) -> Any:
    """Return ``value`` as what JSON can hold: dates become ISO text, other things text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain_value(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain_value(one) for one in value]
    if isinstance(value, float) and value - value == 0:
        return value
    return str(value)
