"""``docs/privacy.md`` names every table, and says how long its rows are kept."""

from bot.services.privacy import KEPT_DAYS
from bot.storage.personal_data import table_names
from tests.architecture import docs

PAGE = "docs/privacy.md"


def test_every_table_is_named_once_with_what_and_how_long() -> None:
    rows = docs.table(PAGE, "Table")
    assert sorted(row[0].strip("`") for row in rows) == sorted(table_names())
    assert all(len(cell) > 3 for row in rows for cell in row)


def test_the_days_are_those_of_the_code() -> None:
    rows = {row[0].strip("`"): row[2] for row in docs.table(PAGE, "Table")}
    assert f"{KEPT_DAYS} days" in rows["inbox"]
    assert f"{KEPT_DAYS} days" in rows["delivery"]
