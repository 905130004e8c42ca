"""Good files that something has damaged: always rows or problems, never a stack trace."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from bot.domain.refusal import Refusal
from bot.importers.lone_file import Asked, read_path
from bot.importers.roster_file import read_roster

DATA = Path(__file__).parents[2] / "data"
FILES = ("schedules/fog.json", "schedules/fog.xml", "schedules/fog-slots.json",
         "calendars/harbour.ics")  # fmt: skip
TOKENS = (
    b"", b"\0", b"\xff\xfe", b"null", b"[]", b"{}", b"-1", b"1e999", b"NaN", b'"', b"<", b"&x;",
    b"\n",    b"99999999999999999999", b"0001-01-01T00:00:00+23:59", b"9999-12-31T23:59:59-23:59",
    b"\xed\xa0\x80", b"\\ud800", b"<a b='c'>", b"]]>", b"BEGIN:VEVENT\n", b"END:VCALENDAR\n",
    b"DTSTART:99991231T235959Z\n", b"RRULE:FREQ=SECONDLY;COUNT=999999999\n", b"../../etc/passwd",
)  # fmt: skip
Edit = tuple[float, float, bytes]
edits = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0, 0.1), st.sampled_from(TOKENS) | st.binary(max_size=8)),
    min_size=1,
    max_size=6,
)


def damaged(data: bytes, wounds: list[Edit]) -> bytes:
    """Return ``data`` with pieces cut out and others put in."""
    for where, how_much, what in wounds:
        at = int(where * len(data))
        data = data[:at] + what + data[at + int(how_much * how_much * len(data)) :]
    return data


@pytest.mark.parametrize("name", FILES)
@given(edits)
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_is_read_or_said(name: str, wounds: list[Edit]) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / Path(name).name
        file.write_bytes(damaged((DATA / name).read_bytes(), wounds))
        found = read_path(file, Asked(zone="Europe/Lisbon"))
    conference = found.conference
    assert found.problems or conference.events or conference.sessions
    for session in conference.sessions:
        assert session.key
        assert session.title
        assert session.source == f"{conference.name}/schedule#{session.key}"
    keys = [session.key for session in conference.sessions]
    assert len(keys) == len(set(keys))
    for event in conference.events:
        assert event.slug
        assert event.titles[""]
    for problem in found.problems:
        assert problem.place.startswith(file.name)
        assert problem.text


@pytest.fixture(scope="module")
def workbook() -> bytes:
    with TemporaryDirectory() as folder:
        book = Workbook()
        sheet: Any = book.active
        for row in (("organisation", "name", "email"), ("A", "Ann", "a@x.org"), ("B", 1, "=A1")):
            sheet.append(row)
        book.save(Path(folder) / "r.xlsx")
        return (Path(folder) / "r.xlsx").read_bytes()


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_workbook_is_read_or_refused(workbook: bytes, seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    wounds = [(dice.random(), dice.random() / 10, dice.choice(TOKENS)) for _ in range(3)]
    (tmp_path / "r.xlsx").write_bytes(damaged(workbook, wounds))
    key = ""
    try:
        rows, problems = read_roster(tmp_path / "r.xlsx")
    except Refusal as refused:
        key = refused.key
    assert key.startswith(("refusal.sheet-", "refusal.roster-")) or rows or problems
