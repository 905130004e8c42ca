"""Cells that a spreadsheet program would run as formulas, and how they are kept from it.

A cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line end (or one of the first
four in full width) may be run when the file is opened, whatever the program that wrote
the file meant. An apostrophe before it makes it text. :func:`from_cell` takes exactly that
apostrophe away again, so what is exported and imported is the same.
"""

import re

_RISKY = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")


def as_cell(text: str) -> str:
    """Return ``text`` as a cell that no spreadsheet program runs."""
    return f"'{text}" if _RISKY.match(text) else text


def from_cell(cell: str) -> str:
    """Return the text that :func:`as_cell` made ``cell`` of; other cells are as typed."""
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell) else cell
