"""Tables and paragraphs with letters of every width."""

import pytest

from bot.demo import screen


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("中文", 4), ("é", 1), ("अनन्या", 5)])
def test_width(text: str, columns: int) -> None:
    assert screen.width(text) == columns
    assert screen.width(screen.padded(text, 10)) == 10


def test_what_is_too_long_is_cut_with_a_mark() -> None:
    assert screen.padded("abcdef", 4) == "abc…"
    assert screen.padded("中文字符", 4) == "中… "


def test_a_table_is_aligned() -> None:
    lines = screen.table(("name", "city"), [("林晓岚", "上海"), ("Ana", "Porto")])
    starts = [
        screen.width(line[: line.index(word)])
        for line, word in zip(lines[2:], ("上海", "Porto"), strict=True)
    ]
    assert starts == [8, 8]


@pytest.mark.parametrize(
    "text", ["short", "many words " * 30, "没有空格的一段话" * 20, "x" * 200, ""]
)
def test_wrapping_keeps_every_letter(text: str) -> None:
    lines = screen.wrapped(text, 62)
    assert all(screen.width(line) <= 62 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
