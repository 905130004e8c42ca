"""Abstracts that were written in a web form: HTML becomes plain lines, Markdown stays."""

import re
from html.parser import HTMLParser

_TAG = re.compile(
    r"</?(p|br|ul|ol|li|div|span|strong|em|b|i|u|a|h[1-6]|table|tr|td|code|pre|blockquote)\b[^<>]*>",
    re.IGNORECASE,
)
_BLOCKS = frozenset(
    {"p", "div", "ul", "ol", "table", "tr", "pre", "blockquote", *(f"h{n}" for n in range(1, 7))}
)
_SILENT = frozenset({"script", "style", "head", "title"})


def plain_text(text: str) -> str:
    """Return ``text`` without HTML; what holds no tag that authors write stays as it is.

    A link keeps its address behind its words. Nothing here makes text safe to show as
    HTML: Convoke never does.
    """
    if not _TAG.search(text):
        return text.strip()
    reader = _Reader()
    reader.feed(text)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    """Keeps words, and where lines end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0
        self._link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a":
            address = dict(attrs).get("href") or ""
            self._link = address if address.startswith(("http://", "https://")) else ""

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a" and self._link:
            self.parts.append(f" ({self._link})")
            self._link = ""

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))
