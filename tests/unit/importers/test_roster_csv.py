"""Rosters as people make them, and as spreadsheets break them."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.people import ContactRole, Problem, RosterRow
from bot.domain.refusal import Refusal
from bot.importers.organisation_slug import organisation_slug
from bot.importers.roster_file import read_roster

HEADER = (
    "organisation,country,name,email,role,locale,timezone,tags,telegram_id,slack_team,slack_user"
)


def read(
    folder: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8"
) -> tuple[tuple[RosterRow, ...], tuple[Problem, ...]]:
    file = folder / "roster.csv"
    file.write_bytes("\n".join((header, *rows)).encode(encoding))
    return read_roster(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_full_row_keeps_everything(tmp_path: Path, encoding: str) -> None:
    rows, problems = read(
        tmp_path,
        "Küstenamt,pt,Rui Mar,Rui@Example.org,focal,pt_PT,Europe/Lisbon,a;B|c d,1002,T0AB,U0CD,"
        "Dr,Mar,鲁伊,海岸局",
        header=HEADER + ",title,family_name,name_zh,organisation_zh",
        encoding=encoding,
    )
    assert problems == ()
    assert rows == (
        RosterRow(
            line=2,
            organisation_slug="kustenamt",
            organisation_names={"": "Küstenamt", "zh": "海岸局"},
            country="PT",
            names={"": "Rui Mar", "zh": "鲁伊"},
            email="rui@example.org",
            role=ContactRole.FOCAL,
            locale="pt-PT",
            timezone="Europe/Lisbon",
            tags=frozenset("abcd"),
            accounts=(("telegram", "", "1002"), ("slack", "T0AB", "U0CD")),
            title="Dr",
            family_name="Mar",
        ),
    )


def test_optional_cells_and_columns_may_be_missing(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "A,Ann,a@x.org", "", " , ", "B,Bea,b@x.org",
                          header="Organisation, Name ,EMAIL")  # fmt: skip
    assert problems == ()
    assert [(row.line, row.role, row.locale, row.accounts) for row in rows] == [
        (2, ContactRole.CONTACT, "", ()),
        (5, ContactRole.CONTACT, "", ()),
    ]


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ("A,,N,,,,,,,,", "email is empty"),
        ("A,,N,no address,,,,,,,", "no address"),
        ("A,,N,a@localhost,,,,,,,", "no address"),
        ("A,XX,N,a@x.org,,,,,,,", "ISO 3166"),
        ("A,UK,N,a@x.org,,,,,,,", "GB"),
        ("A,EU,N,a@x.org,,,,,,,", "ISO 3166"),
        ("A,,N,a@x.org,admin,,,,,,", "use convoke staff grant"),
        ("A,,N,a@x.org,boss,,,,,,", "contact or focal"),
        ("A,,N,a@x.org,,klingon,,,,,", "locale"),
        ("A,,N,a@x.org,,,Mars/Base,,,,", "unknown time zone"),
        ("A,,N,a@x.org,,,../etc,,,,", "unknown time zone"),
        ("A,,N,a@x.org,,,,a/b,,,", "tag"),
        ("A,,N,a@x.org,,,,,1.2E+09,,", "digits"),
        ("A,,N,a@x.org,,,,,٣٤,,", "digits"),
        ("A,,N,a@x.org,,,,,,X1,U0CD", "slack_team"),
        ("A,,N,a@x.org,,,,,,,ann", "slack_user"),
        ("A,,,a@x.org,,,,,,,", "name is empty"),
        (",,N,a@x.org,,,,,,,", "organisation is empty"),
        ("!!!,,N,a@x.org,,,,,,,", "holds no letter"),
        ("A,,N,a@x.org,,,,,,,,,", "cells"),
        ('A,,"N"x,a@x.org,,,,,,,', "not CSV"),
        ('A,,"N,a@x.org,,,,,,,', "not CSV"),
        (f"A,,{'N' * 600},a@x.org,,,,,,,", "longer"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_stops_nothing(
    tmp_path: Path, row: str, part: str
) -> None:
    good = "Z,,Zoe,{}@x.org,,,,,,,"
    rows, problems = read(tmp_path, good.format("y"), row, good.format("z"))
    assert [one.email for one in rows] == ["y@x.org", "z@x.org"]
    assert [problem.place for problem in problems] == ["line 3"]
    assert part in problems[0].text


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("said", [True, False])
def test_csv_as_excel_writes_it(tmp_path: Path, separator: str, encoding: str, said: bool) -> None:
    lines = ["organisation,name,email,tags", "Küste,李娜,a@x.org,x y"]
    head = [f"sep={separator}"] if said else []
    text = "\r\n".join([*head, *(line.replace(",", separator) for line in lines)])
    (tmp_path / "roster.csv").write_bytes(text.encode(encoding))
    rows, problems = read_roster(tmp_path / "roster.csv")
    assert problems == ()
    assert [(row.names[""], row.tags) for row in rows] == [("李娜", frozenset({"x", "y"}))]
    assert rows[0].line == 2 + said


def test_a_rounded_number_says_how_to_mend_it(tmp_path: Path) -> None:
    _rows, problems = read(tmp_path, "A,,N,a@x.org,,,,,1.23457E+15,,")
    assert "format the column as text" in problems[0].text


def test_all_mistakes_of_a_row_are_listed(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "A,XX,N,a,boss,klingon,,,,,")
    assert rows == ()
    assert len(problems) == 4


def test_nobody_is_imported_twice(tmp_path: Path) -> None:
    rows, problems = read(
        tmp_path,
        "A,,Ann,a@x.org,,,,,7,,",
        "A,,Ann Again,A@X.org,,,,,,,",
        "B,,Bob,b@x.org,,,,,7,,",
        "B,,Bob,b@x.org,,,,,,T1A,U1A",
        "B,,Eve,e@x.org,,,,,,T1A,U1A",
        "B,,Fay,f@x.org,,,,,,T2B,U1A",
    )
    assert [row.line for row in rows] == [2, 5, 7]
    assert [problem.place for problem in problems] == ["line 3", "line 4", "line 6"]
    assert "line 2" in problems[0].text


def test_a_team_without_a_user_is_said(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "A,,Ann,a@x.org,,,,,,T0AB,")
    assert rows[0].accounts == ()
    assert "without slack_user" in problems[0].text


def test_unknown_and_doubled_columns_are_said_and_not_fatal(tmp_path: Path) -> None:
    rows, problems = read(
        tmp_path, "A,Ann,a@x.org,x,Bob,y", header="organisation,name,email,shoe,name,name_klingon"
    )
    assert rows[0].names == {"": "Ann"}
    assert len(problems) == 3
    assert {problem.place for problem in problems} == {"line 1"}


def test_rows_of_one_organisation_agree_on_it(tmp_path: Path) -> None:
    rows, problems = read(
        tmp_path,
        "Phare,,Ann,a@x.org,Leuchtturm",
        "PHARE,FR,Bob,b@x.org,",
        "phare,DE,Cem,c@x.org,",
        header="organisation,country,name,email,organisation_de",
    )
    assert {row.organisation_slug for row in rows} == {"phare"}
    assert {row.country for row in rows} == {"FR"}
    assert all(row.organisation_names == {"": "Phare", "de": "Leuchtturm"} for row in rows)
    assert [problem.place for problem in problems] == ["line 4"]


def test_a_formula_is_stored_as_typed(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, "A,,=1+1,a@x.org,,,,,,,")
    assert rows[0].names == {"": "=1+1"}


def test_a_quoted_cell_may_hold_commas_and_lines(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, '"A, B",,"Ann\nLee",a@x.org,,,,,,,', "B,,Bob,b@x.org,,,,,,,")
    assert problems == ()
    assert [(row.line, row.names[""]) for row in rows] == [(2, "Ann Lee"), (4, "Bob")]


def test_bytes_that_are_not_utf8_refuse_their_row_only(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_bytes(b"organisation,name,email\nA,Ren\xe9,a@x.org\nB,Bob,b@x.org\n")
    rows, problems = read_roster(file)
    assert [row.line for row in rows] == [3]
    assert problems[0].place == "line 2"
    assert "UTF-8" in problems[0].text
    str(problems[0]).encode()


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "refusal.roster-columns"),
        (b"name;email\n", "refusal.roster-columns"),
        (b"organisation,country,name\n", "refusal.roster-columns"),
        ("organisation,name,email\n".encode("utf-16-le"), "refusal.roster-encoding"),
        (b"\xff\xfe\x00", "refusal.roster-encoding"),
        (b"organisation,name,email\nA,\0,a@x.org", "refusal.roster-encoding"),
        (b"x" * (5 * 1024 * 1024 + 1), "refusal.roster-too-large"),
        (None, "refusal.roster-unreadable"),
    ],
)
def test_a_file_without_rows_to_read_is_refused(
    tmp_path: Path, content: bytes | None, key: str
) -> None:
    file = tmp_path / "roster.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Refusal) as refusal:
        read_roster(file)
    assert refusal.value.key == key


@given(st.text(st.characters(exclude_characters="\0"), max_size=300))
def test_no_text_is_too_strange(text: str) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        file = Path(folder) / "r.csv"
        file.write_bytes(f"organisation,name,email\n{text}".encode("utf-8", "surrogatepass"))
        rows, _ = read_roster(file)
        assert all(row.email and row.organisation_slug for row in rows)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Max-Planck-Institut für Physik", "max-planck-institut-fur-physik"),
        ("CERN", "cern"),
        ("中国科学院", "中国科学院"),
        ("日本の科学館", "日本の科学館"),
        ("ガラス", "ガラス"),
        ("カラス", "カラス"),
        ("한국과학관", "한국과학관"),
        ("Łódź Center", "lodz-center"),
        ("L'Observatoire", "lobservatoire"),
        ("Институт й", "институт-й"),
        ("  --  ", ""),
    ],
)
def test_slugs_come_from_the_name_alone(name: str, slug: str) -> None:
    assert organisation_slug(name) == slug


@given(st.text(max_size=40))
@example("\x80\U00011038")
def test_a_slug_is_its_own_slug(name: str) -> None:
    slug = organisation_slug(name)
    assert organisation_slug(slug) == slug
