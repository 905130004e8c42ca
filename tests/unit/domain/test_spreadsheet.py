"""What a spreadsheet program would run, and how it is kept from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.spreadsheet import as_cell, from_cell

STRANGE = st.text(st.sampled_from("'=+-@＝\t\r\n a1"), max_size=6) | st.text(max_size=20)


@pytest.mark.parametrize(
    "text", ["=1+1", "+49 30", "-x", "@SUM(1)", "\t=1", "\r=1", "＝1", "'=1", "''=1"]
)
def test_no_cell_is_run(text: str) -> None:
    assert as_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Ann", "L'Observatoire", "'s-Hertogenbosch", "a=b", "1"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert as_cell(text) == text
    assert from_cell(text) == text


@given(STRANGE)
def test_what_was_guarded_comes_back(text: str) -> None:
    cell = as_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert from_cell(cell) == text
