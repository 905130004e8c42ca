"""Dependencies: each is justified, pinned and hashed, and no address stands beside it."""

import re
from itertools import chain

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture import project

PINNED = re.compile(r"^([\w.-]+)==([\w.!+]+)( ; .+)?((?: --hash=sha256:[0-9a-f]{64})+)$")
FILES = ("requirements.txt", "requirements-dev.txt")


def logical_lines(name: str) -> list[str]:
    """Join continued lines and leave comments out, as pip reads the file."""
    joined = project.text(name).replace("\\\n", " ")
    lines = (re.sub(r"\s+", " ", line.partition("#")[0]).strip() for line in joined.splitlines())
    return [line for line in lines if line]


def pins(name: str) -> dict[str, str]:
    """Read the version of each requirement."""
    found = (PINNED.match(line) for line in logical_lines(name))
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def declared() -> list[Requirement]:
    """Read what ``pyproject.toml`` asks for."""
    described = project.pyproject()["project"]
    extras = described["optional-dependencies"].values()
    return [Requirement(each) for each in chain(described["dependencies"], *extras)]


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_pinned_with_a_hash(name: str) -> None:
    lines = logical_lines(name)
    assert lines
    assert [line[:80] for line in lines if not PINNED.match(line)] == []


@pytest.mark.parametrize("name", FILES)
def test_no_address_stands_in_a_requirements_file(name: str) -> None:
    assert re.findall(r"://|^\s*-(?!-hash=)\S*|^\S+ @ ", project.text(name), re.M) == []


def test_development_runs_on_the_versions_that_are_shipped() -> None:
    shipped, developed = pins(FILES[0]), pins(FILES[1])
    assert {name: developed.get(name) for name in shipped} == shipped


def test_the_pins_satisfy_what_is_declared() -> None:
    developed = pins(FILES[1])
    for each in declared():
        assert each.specifier.contains(developed[canonicalize_name(each.name)]), each


def test_the_build_backend_is_pinned_too() -> None:
    required = project.pyproject()["build-system"]["requires"]
    assert {canonicalize_name(Requirement(each).name) for each in required} <= pins(FILES[0]).keys()


def test_every_dependency_is_justified() -> None:
    record = project.text("docs/decisions/0001-dependencies.md")
    reasons = {
        canonicalize_name(name): reason
        for name, reason in re.findall(r"^- `([\w.-]+)`: (.{20,})$", record, re.M)
    }
    assert {canonicalize_name(each.name) for each in declared()} == reasons.keys()
