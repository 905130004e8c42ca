"""The layout: three packages, a domain that needs nothing, files a person can hold in mind."""

import ast
import importlib.metadata
import re
import sys

from tests.architecture import project

PRODUCT = project.python_files(*project.PACKAGES)
WRITTEN = [name for name in PRODUCT if "/migrations/versions/" not in name]
"""Without the revisions: Alembic writes those, and they are never changed again."""
MOST_LINES = 400
MOST_LINES_IN_A_FUNCTION = 80
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|NotImplemented" r"Error)\b")


def test_the_top_package_is_empty() -> None:
    assert project.text("bot/__init__.py") == ""


def test_exactly_three_packages_are_importable() -> None:
    installed = importlib.metadata.distribution("convoke").read_text("top_level.txt")
    assert installed is not None
    assert set(installed.split()) == set(project.PACKAGES)


def test_no_other_folder_or_module_is_importable_from_the_root() -> None:
    tops = {name.split("/")[0] for name in project.tracked() if name.endswith("/__init__.py")}
    modules = {name for name in project.tracked() if "/" not in name and name.endswith(".py")}
    assert tops == set(project.PACKAGES)
    assert modules == set()


def imported(name: str) -> set[str]:
    """Name the top-level packages that a file imports."""
    found = set()
    for node in ast.walk(project.tree(name)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def test_the_domain_needs_the_standard_library_only() -> None:
    outside = [
        f"{name} imports {module}"
        for name in PRODUCT
        if name.startswith("bot/domain/")
        for module in imported(name)
        if not module.startswith("bot.domain")
        and module.split(".")[0] not in sys.stdlib_module_names
    ]
    assert outside == []


def test_the_domain_does_no_io() -> None:
    forbidden = {"asyncio", "socket", "subprocess", "threading", "pathlib", "time", "logging"}
    doing = [
        f"{name} imports {module}"
        for name in PRODUCT
        if name.startswith("bot/domain/")
        for module in imported(name)
        if module.split(".")[0] in forbidden
    ]
    assert doing == []


def test_no_file_is_too_long() -> None:
    lengths = {name: len(project.text(name).splitlines()) for name in WRITTEN}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_function_is_too_long() -> None:
    long = [
        f"{name}:{node.lineno} {node.name}"
        for name in WRITTEN
        for node in ast.walk(project.tree(name))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > MOST_LINES_IN_A_FUNCTION
    ]
    assert long == []


def test_nothing_is_left_unfinished() -> None:
    left = [
        f"{name}:{number} {line.strip()}"
        for name in PRODUCT
        for number, line in enumerate(project.text(name).splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert left == []
