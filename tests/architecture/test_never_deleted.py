"""Addresses and announcements stay for good: the ledger names them without a foreign key."""

import ast

import pytest

from bot.storage import personal_data, tables
from tests.architecture import project

NEVER = {"Address", "Announcement"}
OF_A_LIST = {"conference_saving.py", "personal_data.py"}
"""Files that delete from the tables of a list, so that the name stands elsewhere."""


def deleted_in(tree: ast.AST) -> set[str]:
    """Return which tables are deleted from, by ``delete(t.X)`` or by ``DELETE FROM``."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "delete" and node.args:
                found.add(ast.unparse(node.args[0]).rpartition(".")[2])
        elif isinstance(node, ast.Constant) and "DELETE FROM" in str(node.value).upper():
            found.add(str(node.value))
    return found


@pytest.mark.parametrize("name", sorted(NEVER))
def test_nothing_deletes_what_the_ledger_names(name: str) -> None:
    table = getattr(tables, name)
    in_code = set()
    for file in (project.ROOT / "bot").rglob("*.py"):
        here = deleted_in(ast.parse(file.read_text(encoding="utf-8")))
        assert "table" not in here or file.name in OF_A_LIST, file
        in_code |= here
    assert {"Person", "Room"} <= in_code, "the search finds what is deleted"
    assert name not in in_code
    assert not any("DELETE FROM" in one for one in in_code)
    assert table not in [one for one, _column in personal_data._DELETED]


def test_the_ledger_names_these_without_a_foreign_key_and_nothing_else() -> None:
    columns = tables.Delivery.__table__.columns  # type: ignore[attr-defined]  # of every table
    free = {one.name for one in columns if one.name.endswith("_id") and not one.foreign_keys} - {
        "message_id",
        "source_id",
    }
    assert free == {"address_id", "announcement_id"}
