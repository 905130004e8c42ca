"""Markdown pages become entries: each heading is one, named by GitHub's slug of it.

A CommonMark parser finds the headings, because a line with ``#`` inside fenced code is
none. The rule for slugs is GitHub's (the gem html-pipeline, ``TableOfContentsFilter``):
lower case; letters, marks, digits, ``_``, ``-`` and spaces stay; spaces become ``-``.
"""

import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.domain.event import Entry
from bot.domain.people import Problem
from bot.importers.reading import Problems, language_tag, one_line, read_text
from bot.importers.yaml_records import build, compose

TOP = "top"
_PARSER = MarkdownIt("commonmark").enable("table")
_WORD = {"Nd", "Nl", "Pc"}


def github_slug(heading: str) -> str:
    """Return the anchor that GitHub gives the plain text of a heading."""
    kept = (c for c in heading.strip().lower() if _stays(c))
    return "".join(kept).replace(" ", "-")


def _stays(char: str) -> bool:
    category = unicodedata.category(char)
    return char in "- " or category[0] in "LM" or category in _WORD


class Slugs:
    """Hands out unique anchors of one page: a repeated heading gets ``-1``, ``-2``."""

    def __init__(self) -> None:
        """Start with no anchor taken."""
        self._seen: dict[str, int] = {}

    def take(self, slug: str) -> str:
        """Return ``slug``, or the first numbered form that is free."""
        unique = slug
        while unique in self._seen:
            self._seen[slug] += 1
            unique = f"{slug}-{self._seen[slug]}"
        self._seen[unique] = 0
        return unique


def read_page(path: Path, conference: str, problems: Problems) -> tuple[Entry, ...]:
    """Return the entries of one page, in order."""
    text = read_text(path, problems)
    if text is None:
        return ()
    meta, body = _split_front_matter(text, path.name, problems)
    language = _language(path, meta, problems)
    title = one_line(meta.get("title")) or _stem(path)
    entries = [
        Entry(f"{conference}/{path.name}#{slug}", conference, headings, passage, language)
        for slug, headings, passage in _sections(body, title)
    ]
    if not entries:
        problems.append(Problem(path.name, "holds no text: nothing is imported from it"))
    return tuple(entries)


def _split_front_matter(text: str, name: str, problems: Problems) -> tuple[dict[str, Any], str]:
    """Return the front matter and the rest; without a closing ``---`` there is none."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return {}, text
    ends = [at for at, one in enumerate(lines[1:], 1) if one.rstrip() in ("---", "...")]
    if not ends:
        problems.append(Problem(f"{name} line 1", "front matter is not closed: add a line ---"))
        return {}, text
    rest = "\n".join(lines[ends[0] + 1 :])
    try:
        root = compose("\n".join(lines[1 : ends[0]]))
        meta = build(root) if root else None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        problems.append(
            Problem(f"{name} line {line}", "front matter is not YAML: put quotes around the value")
        )
        return {}, rest
    if meta is not None and not isinstance(meta, dict):
        problems.append(Problem(f"{name} line 2", "front matter must be lines of `key: value`"))
    return (meta, rest) if isinstance(meta, dict) else ({}, rest)


def _stem(path: Path) -> str:
    """Return the file's name without ``.md`` and without a language."""
    stem, _, suffix = path.stem.rpartition(".")
    return stem if stem and language_tag(suffix) else path.stem


def _language(path: Path, meta: dict[str, Any], problems: Problems) -> str:
    """Return the language of front matter, else of a name like ``faq.zh.md``, else ``""``."""
    given = meta.get("language") or meta.get("lang")
    if given:
        known = language_tag(str(given))
        if known:
            return known
        problems.append(
            Problem(path.name, f"unknown language {str(given)!r}: write it as `language: zh`")
        )
    stem, _, suffix = path.stem.rpartition(".")
    return (language_tag(suffix) or "") if stem else ""


def _sections(body: str, title: str) -> Iterable[tuple[str, tuple[str, ...], str]]:
    """Yield anchor, headings and passage of each section, ``top`` first where it has text."""
    lines = body.split("\n")
    heads = _headings(_PARSER.parse(body))
    slugs = Slugs()
    before = "\n".join(lines[: heads[0].start] if heads else lines).strip()
    if before:
        yield slugs.take(TOP), (title,), before
    above: list[tuple[int, str]] = []
    for at, head in enumerate(heads):
        slug = slugs.take(github_slug(head.text))
        if head.nested:
            continue
        above = [one for one in above if one[0] < head.level] + [(head.level, head.text)]
        following = next((one.start for one in heads[at + 1 :] if not one.nested), len(lines))
        passage = "\n".join(lines[head.end : following]).strip()
        yield slug, _without_repeats([title, *(text for _, text in above)]), passage


def _without_repeats(headings: list[str]) -> tuple[str, ...]:
    """Drop a heading that only repeats the one above, as ``title`` and ``# title`` do."""
    return tuple(
        text for at, text in enumerate(headings) if text and (at == 0 or text != headings[at - 1])
    )


class _Heading:
    """One heading: its level, first line, line after it, plain text; nested in a list or quote."""

    def __init__(self, opening: Token, inline: Token) -> None:
        """Read the parser's two tokens of a heading."""
        first, after = opening.map or [0, 0]
        self.start, self.end = first, after
        self.level = int(opening.tag[1:])
        self.nested = opening.level > 0
        self.text = _plain(inline.children or []).strip()


def _headings(tokens: list[Token]) -> list[_Heading]:
    return [
        _Heading(token, tokens[at + 1])
        for at, token in enumerate(tokens)
        if token.type == "heading_open"
    ]


def _plain(tokens: list[Token]) -> str:
    """Return the characters a reader sees: no markup, no HTML, no image."""
    shown = {"text", "code_inline", "text_special"}
    return "".join(
        token.content if token.type in shown else " " if token.type.endswith("break") else ""
        for token in tokens
    )
