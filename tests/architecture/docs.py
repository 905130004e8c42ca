"""What the tests of the docs share: pages, their blocks, and the examples as files."""

import re
from pathlib import Path

from tests.architecture import project

text = project.text

_BLOCK = re.compile(r"^```(\w+) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FOLDER = ("events.yaml", "sessions.json", "faq.md", "faq.zh.md", "save-the-date.ics")


def block(name: str, page: str = "docs/data.md") -> str:
    """Return the block of ``page`` whose first line names ``name``."""
    found = [body for _language, given, body in _BLOCK.findall(text(page)) if given == name]
    assert len(found) == 1, f"{page} has {len(found)} blocks named {name}"
    return str(found[0])


def write_example(name: str, folder: Path) -> Path:
    """Write one example of ``docs/data.md`` as a file."""
    file = folder / name
    file.write_text(block(name), encoding="utf-8")
    return file


def example_folder(folder: Path) -> Path:
    """Write the example of a conference folder and return it."""
    folder.mkdir()
    for name in FOLDER:
        write_example(name, folder)
    return folder


def section(page: str, heading: str) -> str:
    """Return what stands below ``heading`` (a whole line) up to one of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    _before, found, rest = f"\n{text(page)}".partition(f"\n{heading}\n")
    assert found, f"{page} has no heading {heading!r}"
    return re.split(rf"^#{{1,{level}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def table(page: str, first: str) -> list[list[str]]:
    """Return the rows of the table of ``page`` whose first heading is ``first``."""
    lines = text(page).splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        cells = re.split(r"(?<!\\)\|", line)[1:-1]
        rows.append([cell.strip().replace("\\|", "|") for cell in cells])
    return rows
