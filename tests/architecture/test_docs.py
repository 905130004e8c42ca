"""``docs/architecture.md`` and the README name what exists: files, functions, folders, links."""

import ast
import re
from functools import cache

import pytest

from bot.adapters.slack.manifest import as_text, manifest
from bot.domain.announcement import AnnouncementState
from bot.domain.delivery import DeliveryState
from tests.architecture import docs, project

PAGE = "docs/architecture.md"
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    *sorted(str(one.relative_to(project.ROOT)) for one in (project.ROOT / "docs").rglob("*.md")),
)
IN_CODE = re.compile(r"`([^`\n]+)`")
A_PATH = re.compile(r"(?:bot|handlers|schedules|tests|docs)/[\w./-]*")
A_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
STATES = {str(one) for one in (*AnnouncementState, *DeliveryState)}
FOREIGN = {"getUpdates", "update_id", "pyproject.toml"}
"""Names in code that are not ours."""


@cache
def defined(file: str) -> frozenset[str]:
    """Return all functions, classes, their members and constants of a file."""
    names: set[str] = set()

    def walk(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(prefix + node.name)
            if isinstance(node, ast.ClassDef):
                walk(node.body, f"{prefix}{node.name}.")
            targets = node.targets if isinstance(node, ast.Assign) else []
            targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
            names.update(prefix + one.id for one in targets if isinstance(one, ast.Name))

    walk(ast.parse((project.ROOT / file).read_text(encoding="utf-8")).body, "")
    return frozenset(names)


@cache
def everything() -> frozenset[str]:
    """Return every name of the product, with and without its class."""
    names = {
        name for file in project.python_files(*project.PACKAGES) for name in defined(str(file))
    }
    return frozenset(names | {name.rpartition(".")[2] for name in names})


def hops() -> list[tuple[str, str]]:
    """Return (file, name) of every row that follows something through the code."""
    return re.findall(r"^\| `([\w/]+\.py)` \| `([\w.]+)` \|", docs.text(PAGE), re.MULTILINE)


def test_there_are_hops() -> None:
    assert len(hops()) > 30


@pytest.mark.parametrize(("file", "name"), hops())
def test_a_hop_is_where_the_page_says(file: str, name: str) -> None:
    assert name in defined(file)


@pytest.mark.parametrize("page", PAGES)
def test_every_path_exists(page: str) -> None:
    paths = [one for one in IN_CODE.findall(docs.text(page)) if A_PATH.fullmatch(one)]
    assert [one for one in paths if not (project.ROOT / one).exists()] == []


def test_every_name_exists() -> None:
    names = {one for one in IN_CODE.findall(docs.text(PAGE)) if A_NAME.fullmatch(one)}
    assert sorted(names - everything() - STATES - FOREIGN) == []


def test_the_layout_is_complete() -> None:
    listed = [line.split()[0] for line in docs.block("layout", PAGE).splitlines()]
    assert len(listed) == len(set(listed))
    there = {"handlers/", "schedules/"} | {
        f"bot/{one.name}/" if one.is_dir() else f"bot/{one.name}"
        for one in (project.ROOT / "bot").iterdir()
        if one.name != "__pycache__"
    }
    assert set(listed) == there


def test_the_readme_lists_every_package() -> None:
    named = {
        part
        for row in docs.table("README.md", "Folder")
        for part in IN_CODE.findall(row[0])
        if (project.ROOT / part).is_dir()
    }
    packages = {f"bot/{one.parent.name}" for one in (project.ROOT / "bot").glob("*/__init__.py")}
    assert packages | {"handlers", "schedules"} <= named


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", docs.text(page))
    broken = [
        link
        for link in links
        if "://" not in link and not (project.ROOT / page).parent.joinpath(link).exists()
    ]
    assert broken == []


def test_the_manifest_is_what_the_command_prints() -> None:
    printed = as_text(manifest("Alliance"))
    assert docs.block("slack-manifest", "README.md").strip() == printed
    assert "convoke" not in printed.casefold(), "members read the alliance's name"


def test_every_invariant_names_its_test() -> None:
    rows = docs.table(PAGE, "Invariant")
    assert len(rows) == 10
    for row in rows:
        assert any(one.startswith("tests/") for one in IN_CODE.findall(row[1])), row[0]


def test_every_decision_has_the_form_of_the_template() -> None:
    files = sorted((project.ROOT / "docs/decisions").glob("*.md"))
    numbers = [one.name[:4] for one in files]
    assert len(numbers) == len(set(numbers))
    for file in files[1:]:
        text = file.read_text(encoding="utf-8")
        assert text.startswith(f"# {file.name[:4]}: "), file.name
        assert re.search(r"^Date: \d{4}-\d\d-\d\d\. Status: \S", text, re.MULTILINE), file.name
        for word in ("Situation", "Decision", "Instead of", "Price"):
            assert f"\n**{word}.** " in text, (file.name, word)


def test_the_page_of_adapters_names_what_exists_and_every_ability() -> None:
    page = docs.text("docs/adapters.md")
    named = {one for one in IN_CODE.findall(page) if re.fullmatch(r"[A-Z]\w+", one)}
    assert sorted(named - everything()) == []
    tree = ast.parse((project.ROOT / "bot/adapters/abilities.py").read_text(encoding="utf-8"))
    abilities = {one.name for one in tree.body if isinstance(one, ast.ClassDef)}
    assert abilities <= named, "an ability that nobody is told of"
