"""Markdown becomes lines of plain text; a link keeps its address: ``the list (https://…)``.

A paragraph, a list item and a table row is one line each, so that a few can be chosen.
"""

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark").enable("table")
_SHOWN = ("http://", "https://", "mailto:", "tel:")


def plain_lines(text: str) -> tuple[str, ...]:
    """Return the lines that a reader sees, without markup and without HTML."""
    return tuple(line for line in _lines(_PARSER.parse(text)) if line.strip())


def _lines(tokens: list[Token]) -> Iterator[str]:
    bullet = ""
    numbers: list[int] = []
    cells: list[str] | None = None
    for token in tokens:
        match token.type:
            case "ordered_list_open":
                numbers.append(int(token.attrGet("start") or 1))
            case "bullet_list_open":
                numbers.append(0)
            case "ordered_list_close" | "bullet_list_close":
                numbers.pop()
            case "list_item_open":
                bullet = f"{numbers[-1]}. " if numbers[-1] else "• "
                numbers[-1] += 1 if numbers[-1] else 0
            case "tr_open":
                cells = []
            case "tr_close":
                yield " | ".join(cell for cell in cells or () if cell)
                cells = None
            case "inline" if cells is not None:
                cells.append(inline_text(token.children or []))
            case "inline":
                yield bullet + inline_text(token.children or [])
                bullet = ""
            case "fence" | "code_block":
                yield from token.content.splitlines()


def inline_text(tokens: list[Token]) -> str:
    """Return the characters of inline tokens on one line."""
    parts: list[str] = []
    open_links: list[tuple[str, int]] = []
    for token in tokens:
        match token.type:
            case "text" | "code_inline" | "text_special":
                parts.append(token.content)
            case "softbreak" | "hardbreak":
                parts.append(" ")
            case "link_open":
                open_links.append((str(token.attrGet("href") or ""), len(parts)))
            case "link_close":
                href, start = open_links.pop()
                parts.append(_address(href, "".join(parts[start:])))
    return " ".join("".join(parts).split())


def _address(href: str, words: str) -> str:
    """Return what stands behind a link's words: nothing where they are the address."""
    bare = href.removeprefix("mailto:").removeprefix("tel:")
    if not href.startswith(_SHOWN) or bare.rstrip("/") == words.strip().rstrip("/"):
        return ""
    return f" ({bare})"
