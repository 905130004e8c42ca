"""CommonMark → lines of inline parts.

The secretariat writes Markdown; members read native formatting. Bare HTML is shown as it
was typed, and an address that a client could execute never becomes a link.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.domain.message import Bold, Code, Inline, Italic, Line, Link, Text

Style = Callable[[str], Inline]

_PARSER = MarkdownIt("commonmark", {"html": False})
_LINKED = re.compile(r"(https?://|mailto:|tel:)", re.IGNORECASE)
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
"""Characters between which a line break in the source is no space."""


def markdown_lines(text: str) -> tuple[Line, ...]:
    """Return ``text`` as lines, with an empty line between its blocks."""
    # Nested deeper than anybody means it, the parser gives up or drops the text; we show it.
    try:
        lines = _apart(SyntaxTreeNode(_PARSER.parse(text)).children)
    except RecursionError:
        lines = []
    return tuple(lines or [(Text(one),) for one in text.split("\n") if one.strip()])


def _apart(nodes: Iterable[SyntaxTreeNode]) -> list[Line]:
    lines: list[Line] = []
    for node in nodes:
        block = _block(node)
        lines += [(), *block] if lines and block else block
    return lines


def _block(node: SyntaxTreeNode) -> list[Line]:
    match node.type:
        case "paragraph" | "heading":
            return _inline_lines(node, Bold if node.type == "heading" else Text)
        case "bullet_list" | "ordered_list":
            return _list(node)
        case "blockquote":
            return [(Text("│ "), *one) for one in _apart(node.children)]
        case "fence" | "code_block":
            return [(Code(one),) if one else () for one in node.content.rstrip().split("\n")]
        case "hr":
            return [(Text("———"),)]
        case _:
            return [(Text(one),) for one in node.content.splitlines()]


def _list(node: SyntaxTreeNode) -> list[Line]:
    first = int(node.attrs.get("start", 1))
    ordered = node.type == "ordered_list"
    lines: list[Line] = []
    for number, item in enumerate(node.children, first):
        mark = f"{number}. " if ordered else "• "
        inside = [one for child in item.children for one in _block(child)] or [()]
        lines.append((Text(mark), *inside[0]))
        lines += [(Text(" " * len(mark)), *one) for one in inside[1:]]
    return lines


def _inline_lines(node: SyntaxTreeNode, style: Style) -> list[Line]:
    parts: list[Inline | None] = []
    for child in node.children:
        parts += _inline(child.children, style)
    lines: list[list[Inline]] = [[]]
    for part in parts:
        if part is None:
            lines.append([])
        else:
            lines[-1].append(part)
    return [_merged(one) for one in lines]


def _inline(nodes: Sequence[SyntaxTreeNode], style: Style) -> list[Inline | None]:
    """Return the parts of ``nodes``; None stands for a line break."""
    parts: list[Inline | None] = []
    for index, node in enumerate(nodes):
        match node.type:
            case "text" | "text_special":
                parts.append(style(node.content))
            case "code_inline":
                parts.append(Code(node.content))
            case "strong":
                parts += _inline(node.children, Bold)
            case "em":
                parts += _inline(node.children, style if style is Bold else Italic)
            case "link":
                parts += _link(_words(node.children), str(node.attrs.get("href", "")), style)
            case "image":
                parts += _link(_words(node.children), str(node.attrs.get("src", "")), style)
            case "hardbreak":
                parts.append(None)
            case "softbreak":
                parts.append(style(_gap(nodes, index)))
            case _:
                parts.append(style(node.content))
    return parts


def _link(words: str, url: str, style: Style) -> list[Inline | None]:
    if _LINKED.match(url):
        return [Link(words or url, url)]
    # A relative address leads nowhere from a chat, so it is shown rather than linked.
    return [style(f"{words} ({url})" if url and words != url else words)]


def _words(nodes: Iterable[SyntaxTreeNode]) -> str:
    return "".join(
        " " if "break" in one.type else one.content or _words(one.children) for one in nodes
    )


def _gap(nodes: Sequence[SyntaxTreeNode], index: int) -> str:
    before = _words(nodes[index - 1 : index])[-1:] if index else ""
    after = _words(nodes[index + 1 : index + 2])[:1]
    return "" if _WIDE.match(before) and _WIDE.match(after) else " "


def _merged(parts: Iterable[Inline]) -> Line:
    """Join neighbours of one kind, and leave out what is empty."""
    merged: list[Inline] = []
    for kind, same in groupby(parts, key=type):
        group = list(same)
        if kind in (Text, Bold, Italic):
            words = "".join(part.text for part in group if isinstance(part, Text | Bold | Italic))
            merged += [kind(words)] if words else []
        else:
            merged += group
    return tuple(merged)
