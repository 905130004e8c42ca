"""Headings, anchors, languages; GitHub's own behaviour is the measure."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.importers.markdown_pages import Slugs, github_slug, read_page
from bot.importers.reading import Problems

LIGHTHOUSE = Path(__file__).parents[2] / "data" / "conferences" / "lighthouse"


def page(tmp_path: Path, text: str, name: str = "p.md") -> tuple[dict[str, str], Problems]:
    (tmp_path / name).write_text(text, encoding="utf-8")
    problems: Problems = []
    entries = read_page(tmp_path / name, "c", problems)
    return {entry.source.removeprefix(f"c/{name}#"): entry.body for entry in entries}, problems


@pytest.mark.parametrize(
    ("heading", "slug"),
    [
        ("Refreshments & Meals", "refreshments--meals"),
        ("What is a “Sprint” ?", "what-is-a-sprint-"),
        ("[CLOSED] Travel/Accommodation", "closed-travelaccommodation"),
        ("前沿论坛什么时候举行？", "前沿论坛什么时候举行"),
        ("snake_case and dash-ed", "snake_case-and-dash-ed"),
        ("Python 🐍 days", "python--days"),
        ("Größe ÉTÉ", "größe-été"),
        ("हिन्दी", "हिन्दी"),
        ("x²", "x"),
    ],
)
def test_slugs_are_github_s(heading: str, slug: str) -> None:
    assert github_slug(heading) == slug


def test_repeated_headings_are_numbered_and_never_collide() -> None:
    slugs = Slugs()
    taken = [slugs.take(one) for one in ("a", "a", "a-1", "a", "top")]
    assert taken == ["a", "a-1", "a-1-1", "a-2", "top"]


@given(st.lists(st.text(max_size=4)))
def test_anchors_are_unique_whatever_the_headings(headings: list[str]) -> None:
    slugs = Slugs()
    taken = [slugs.take(github_slug(one)) for one in headings]
    assert len(taken) == len(set(taken))


def test_a_page_becomes_entries_with_inherited_headings() -> None:
    problems: Problems = []
    entries = read_page(LIGHTHOUSE / "faq.md", "lighthouse", problems)
    assert problems == []
    assert [(entry.source.partition("#")[2], entry.headings) for entry in entries] == [
        ("top", ("Questions",)),
        ("questions", ("Questions",)),
        ("q-are-there-stairs", ("Questions", "Q. Are there stairs?")),
        ("parking--boats", ("Questions", "Parking & Boats")),
        ("costs", ("Questions", "Parking & Boats", "Costs")),
        ("meals", ("Questions", "Meals")),
        ("costs-1", ("Questions", "Meals", "Costs")),
    ]
    assert "## not a heading" in entries[2].body
    assert entries[6].body == "None.\n\n> ## Quoted\n\nAfter."


def test_the_language_comes_from_the_name_or_the_front_matter(tmp_path: Path) -> None:
    problems: Problems = []
    (chinese, *_) = read_page(LIGHTHOUSE / "faq.zh.md", "lighthouse", problems)
    assert chinese.language == "zh"
    assert chinese.source == "lighthouse/faq.zh.md#常见问题第一部分"
    for name, text, language in (
        ("a.md", "---\nlanguage: pt_br\n---\nx", "pt-BR"),
        ("notes.old.md", "x", ""),
        ("plain.md", "x", ""),
    ):
        (tmp_path / name).write_text(text)
        assert read_page(tmp_path / name, "c", problems)[0].language == language
    assert problems == []


def test_broken_front_matter_is_a_problem_and_the_page_is_still_read(tmp_path: Path) -> None:
    entries, problems = page(tmp_path, "---\ntitle: a: b\n---\n# One\ntext")
    assert entries == {"one": "text"}
    assert problems[0].place == "p.md line 2"


@pytest.mark.parametrize(
    "text", ["---\ntitle: x\n\nno end", "---\n- 1\n---\nx", "---\nlanguage: klingon!\n---\nx"]
)
def test_front_matter_mistakes_are_said(tmp_path: Path, text: str) -> None:
    entries, problems = page(tmp_path, text)
    assert entries
    assert len(problems) == 1


def test_an_empty_page_is_a_problem(tmp_path: Path) -> None:
    assert page(tmp_path, "")[1]


def test_windows_line_ends_and_a_bom_are_understood(tmp_path: Path) -> None:
    (tmp_path / "w.md").write_bytes("\ufeff# One\r\n\r\ntext\r\n".encode())
    (entry,) = read_page(tmp_path / "w.md", "c", [])
    assert (entry.source, entry.body) == ("c/w.md#one", "text")


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    from bot.importers.markdown_pages import _sections  # the pure part, without a file

    anchors = [anchor for anchor, _, _ in _sections(text, "title")]
    assert len(anchors) == len(set(anchors))
