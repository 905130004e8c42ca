"""Announcements in Markdown become message trees; hostile text stays text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.announcement import Body
from bot.domain.message import Bold, Code, Italic, Line, Link, Text, text_of
from bot.i18n import texts_for
from bot.views.announcements import announcement_message
from bot.views.markdown import markdown_lines


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("plain", [(Text("plain"),)]),
        ("a\nb", [(Text("a b"),)]),
        ("中文\n换行", [(Text("中文换行"),)]),
        ("a  \nb", [(Text("a"),), (Text("b"),)]),
        ("one\n\ntwo", [(Text("one"),), (), (Text("two"),)]),
        ("## Head *x*", [(Bold("Head x"),)]),
        ("**b** *i* `c`", [(Bold("b"), Text(" "), Italic("i"), Text(" "), Code("c"))]),
        ("***both***", [(Bold("both"),)]),
        ("[w *x*](https://e.org/a_b)", [(Link("w x", "https://e.org/a_b"),)]),
        ("<https://e.org>", [(Link("https://e.org", "https://e.org"),)]),
        ("<mail@e.org>", [(Link("mail@e.org", "mailto:mail@e.org"),)]),
        ("[rel](page.html)", [(Text("rel (page.html)"),)]),
        ("![alt](https://e.org/i.png)", [(Link("alt", "https://e.org/i.png"),)]),
        ("- a\n- b", [(Text("• a"),), (Text("• b"),)]),
        ("3. a\n4. b", [(Text("3. a"),), (Text("4. b"),)]),
        ("- a\n  - b", [(Text("• a"),), (Text("  • b"),)]),
        ("> quoted\n> text", [(Text("│ quoted text"),)]),
        ("```\nx = 1\n\ny\n```", [(Code("x = 1"),), (), (Code("y"),)]),
        ("<b>bare</b> <script>", [(Text("<b>bare</b> <script>"),)]),
        ("<div>\nblock\n</div>", [(Text("<div> block </div>"),)]),
        ("[x](javascript:alert(1))", [(Text("[x](javascript:alert(1))"),)]),
        ("AT&amp;T 2 * 3 * 4", [(Text("AT&T 2 * 3 * 4"),)]),
        ("a\n\n---\n\nb", [(Text("a"),), (), (Text("———"),), (), (Text("b"),)]),
        ("-", [(Text("• "),)]),
        ("", []),
    ],
)
def test_markdown(source: str, lines: list[Line]) -> None:
    assert joined(markdown_lines(source)) == lines


def joined(lines: tuple[Line, ...]) -> list[Line]:
    """Join neighbouring texts: how they are cut does not matter."""
    made: list[Line] = []
    for one in lines:
        parts: list[object] = []
        for part in one:
            last = parts[-1] if parts else None
            if isinstance(part, Text) and isinstance(last, Text):
                parts[-1] = Text(last.text + part.text)
            else:
                parts.append(part)
        made.append(tuple(parts))  # type: ignore[arg-type]  # parts come from lines
    return made


@given(st.text(alphabet="ab 中*_`[]()<>#-!\n\\&:/.1>", max_size=80))
def test_any_text_becomes_lines_without_line_breaks(source: str) -> None:
    for one in markdown_lines(source):
        assert "\n" not in text_of([one])


def test_deep_nesting_ends() -> None:
    assert markdown_lines(">" * 5000 + "x")
    assert markdown_lines("*" * 5000 + "x" + "*" * 5000)


def test_title_stands_once_and_buttons_only_with_an_event() -> None:
    texts = texts_for("en")
    plain = announcement_message(Body("en", "News", "# News\n\nText."), texts)
    assert text_of(plain.lines) == "News\n\nText."
    assert plain.buttons == ()
    invited = announcement_message(Body("en", "News", "Text."), texts, event_id=12)
    assert invited.lines[0] == (Bold("News"),)
    assert [one.data for one in invited.buttons[0]] == [
        "rsvp:12:going:a",
        "rsvp:12:maybe:a",
        "rsvp:12:declined:a",
    ]
