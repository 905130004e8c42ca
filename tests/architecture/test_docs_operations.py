"""``docs/operations.md`` explains every line of ``convoke check``, and no other."""

import re

from bot.setup.finding import TEXTS
from tests.architecture import docs

PAGE = "docs/operations.md"


def as_shown(text: str) -> str:
    """Return a line as the table has it: a dot-dot-dot where something is filled in."""
    return re.sub(r"\{[^}]*\}", "…", text)


def test_every_line_of_check_is_explained() -> None:
    rows = [row[0] for row in docs.table(PAGE, "`convoke check` says")]
    lines = [as_shown(text) for text in TEXTS.values()]
    assert rows == [line for line in dict.fromkeys(lines) if line != "…"]


def test_every_explanation_says_something() -> None:
    assert all(len(row[1]) > 10 for row in docs.table(PAGE, "`convoke check` says"))
