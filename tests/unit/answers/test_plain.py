"""Markdown as plain lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.plain import plain_lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("**bold** and *thin*\nnext `code`", ("bold and thin next code",)),
        ("- a\n- b\n\n  more", ("• a", "• b", "more")),
        ("3. a\n4. b", ("3. a", "4. b")),
        ("|a|b|\n|-|-|\n|1||", ("a | b", "1")),
        ("[page](/tickets) [out](https://x.org)", ("page out (https://x.org)",)),
        ("<https://x.org> <a@x.org>", ("https://x.org a@x.org",)),
        ("[mail us](mailto:a@x.org)", ("mail us (a@x.org)",)),
        ("[x](javascript:alert)", ("[x](javascript:alert)",)),
        ("<script>alert(1)</script>\n\ntext <b>x</b>", ("text x",)),
        ("![logo](https://x.org/a.png)", ()),
        ("```\n# code\n```", ("# code",)),
        ("> quoted", ("quoted",)),
        ("", ()),
    ],
)
def test_lines(text: str, lines: tuple[str, ...]) -> None:
    assert plain_lines(text) == lines


@given(st.text(st.sampled_from("*_`[]()<>|-#!:\n \\ax1.")))
def test_no_markup_raises(text: str) -> None:
    plain_lines(text)
