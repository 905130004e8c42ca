"""Rosters in workbooks, as spreadsheet programs save them, and as somebody might forge them."""

import zipfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from bot.domain.people import Problem, RosterRow
from bot.domain.refusal import Refusal
from bot.importers import roster_sheet
from bot.importers.roster_file import read_roster

HEADER = ("organisation", "name", "email", "telegram_id", "tags")
Read = tuple[tuple[RosterRow, ...], tuple[Problem, ...]]


def saved(folder: Path, rows: Iterable[Iterable[Any]], *more: Callable[[Any], None]) -> Path:
    book: Any = Workbook()
    for row in rows:
        book.active.append(list(row))
    for change in more:
        change(book)
    book.save(folder / "r.xlsx")
    return folder / "r.xlsx"


def read(folder: Path, *rows: Iterable[Any], header: tuple[Any, ...] = HEADER) -> Read:
    return read_roster(saved(folder, (header, *rows)))


def test_a_workbook_is_the_same_table_as_csv(tmp_path: Path) -> None:
    lines = [
        (*HEADER, "name_zh", "organisation_zh", "role"),
        ("Küstenamt", "Ann Lee", "Ann@x.org", "1001", "a;b", "安", "海岸局", "focal"),
        ("Küstenamt", "Bob", "b@x.org", "", "", "", "", ""),
        ("Fog", "Cem", "c@localhost", "", "", "", "", "boss"),
    ]
    (tmp_path / "r.csv").write_text("\n".join(",".join(one) for one in lines), encoding="utf-8")
    assert read_roster(saved(tmp_path, lines)) == read_roster(tmp_path / "r.csv")


def test_numbers_that_are_exact_count_and_rounded_ones_do_not(tmp_path: Path) -> None:
    rows, problems = read(
        tmp_path,
        ("A", "Ann", "a@x.org", 123456789),
        ("A", "Bea", "b@x.org", 123456780.0),
        ("A", "Cem", "c@x.org", 1.23457e15),
        ("A", "Dan", "d@x.org", "1.23457E+15"),
        ("A", "Eve", "e@x.org", 1.5),
        ("A", "Fay", "f@x.org", "777.0"),
    )
    assert [row.accounts[0][2] for row in rows] == ["123456789", "123456780", "777"]
    assert [problem.place for problem in problems] == ["line 4", "line 5", "line 6"]
    assert all("as text" in problem.text for problem in problems)


def test_what_is_no_text_is_refused_with_what_to_do(tmp_path: Path) -> None:
    rows, problems = read(
        tmp_path,
        ("A", date(2031, 5, 1), "a@x.org"),
        ("A", "=B2", "b@x.org"),
        ("A", "#N/A", "c@x.org"),
        ("A", "Good", "g@x.org"),
    )
    assert [row.names[""] for row in rows] == ["Good"]
    assert [problem.place for problem in problems] == ["line 2", "line 3", "line 4"]
    for problem, part in zip(problems, ("date", "formula", "error"), strict=True):
        assert problem.text.startswith("name ")
        assert part in problem.text


def test_a_formula_counts_with_its_saved_value(tmp_path: Path) -> None:
    file = saved(tmp_path, (HEADER, ("A", "=B9", "a@x.org")))
    part = "xl/worksheets/sheet1.xml"
    _edited(file, part, "<v />", "<v>Ann</v>", '<c r="B2">', '<c r="B2" t="str">')
    rows, problems = read_roster(file)
    assert problems == ()
    assert rows[0].names[""] == "Ann"


def test_blank_rows_and_blank_ends_are_passed_over(tmp_path: Path) -> None:
    rows, problems = read(
        tmp_path, (), ("  A ", " Ann ", " a@x.org "), ("", " ", None), (None,) * 30, (), ()
    )
    assert problems == ()
    assert [(row.line, row.names[""], row.email) for row in rows] == [(3, "Ann", "a@x.org")]


def test_hidden_rows_are_read_and_merged_cells_are_said(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book.active.row_dimensions[2].hidden = True
        book.active.merge_cells("A3:A4")

    rows, problems = read_roster(
        saved(
            tmp_path,
            (HEADER, ("A", "Ann", "a@x.org"), ("B", "Bob", "b@x.org"), ("B", "Cem", "c@x.org")),
            change,
        )
    )
    assert [row.email for row in rows] == ["a@x.org", "b@x.org"]
    assert problems[0].place == "line 4"
    assert "organisation is empty" in problems[0].text


def test_the_first_visible_sheet_is_read_or_the_named_one(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book.active.sheet_state = "hidden"
        for name in ("One", "Two"):
            book.create_sheet(name).append(HEADER)
            book[name].append((name, name, f"{name}@x.org"))

    file = saved(tmp_path, (("nothing",),), change)
    assert [row.email for row in read_roster(file)[0]] == ["one@x.org"]
    assert [row.email for row in read_roster(file, "Two")[0]] == ["two@x.org"]
    with pytest.raises(Refusal) as refused:
        read_roster(file, "Three")
    assert refused.value.key == "refusal.sheet-unknown"
    assert "One" in str(refused.value.fields["known"])


def test_a_row_longer_than_the_header_is_said(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, ("A", "Ann", "a@x.org", None, None, "note"))
    assert rows == ()
    assert "6 cells for 5 columns" in problems[0].text


def test_a_workbook_under_another_name_is_still_one(tmp_path: Path) -> None:
    file = saved(tmp_path, (HEADER, ("A", "Ann", "a@x.org")))
    (rows, _problems) = read_roster(file.rename(tmp_path / "r.csv"))
    assert [row.email for row in rows] == ["a@x.org"]


def _edited(file: Path, part: str, *pairs: str) -> None:
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts[part].decode()
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        text = text.replace(old, new)
    parts[part] = text.encode()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def test_an_invented_size_of_the_sheet_is_not_believed(tmp_path: Path) -> None:
    file = saved(tmp_path, (HEADER, ("A", "Ann", "a@x.org")))
    _edited(file, "xl/worksheets/sheet1.xml", 'ref="A1:E2"', 'ref="A1:XFD1048576"')
    assert len(read_roster(file)[0]) == 1


def test_a_cell_at_the_far_corner_ends(tmp_path: Path) -> None:
    file = saved(tmp_path, (HEADER, ("A", "Ann", "a@x.org")))
    far = '<row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row></sheetData>'
    _edited(file, "xl/worksheets/sheet1.xml", "</sheetData>", far)
    rows, problems = read_roster(file)
    assert len(rows) == 1
    assert len(problems) == 1


def test_a_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = saved(tmp_path, (HEADER,))
    _edited(file, "xl/worksheets/sheet1.xml", "<sheetData>", "<sheetData>" + " " * 50_000_000)
    assert file.stat().st_size < 200_000
    monkeypatch.setattr(roster_sheet, "load_workbook", lambda *a, **k: pytest.fail("unpacked"))
    with pytest.raises(Refusal) as refused:
        read_roster(file)
    assert refused.value.key == "refusal.sheet-too-large"


def test_entities_in_a_workbook_are_refused(tmp_path: Path) -> None:
    file = saved(tmp_path, (HEADER, ("A", "Ann", "a@x.org")))
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet '
    _edited(file, "xl/worksheets/sheet1.xml", "<worksheet ", bomb)
    with pytest.raises(Refusal) as refused:
        read_roster(file)
    assert refused.value.key == "refusal.sheet-unreadable"


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "refusal.sheet-unreadable"),
        (b"organisation,name,email\n", "refusal.sheet-unreadable"),
        (b"<html><table>", "refusal.sheet-unreadable"),
        (b"PK\x03\x04 and no more", "refusal.sheet-unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old .xls", "refusal.sheet-unreadable"),
        (b"PK" * 3_000_000, "refusal.roster-too-large"),
        (None, "refusal.roster-unreadable"),
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes | None, key: str) -> None:
    file = tmp_path / "r.xlsx"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Refusal) as refused:
        read_roster(file)
    assert refused.value.key == key


def test_another_zip_is_no_workbook(tmp_path: Path) -> None:
    file = tmp_path / "r.xlsx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../evil.txt", "x")
    with pytest.raises(Refusal) as refused:
        read_roster(file)
    assert refused.value.key == "refusal.sheet-unreadable"


def test_a_workbook_without_the_columns_is_refused(tmp_path: Path) -> None:
    for rows in ((), (("a", "b"),)):
        with pytest.raises(Refusal) as refused:
            read_roster(saved(tmp_path, rows))
        assert refused.value.key == "refusal.roster-columns"
