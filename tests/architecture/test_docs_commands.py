"""``docs/commands.md`` describes every command and option, and no other; its examples parse."""

import re
import shlex
from collections.abc import Iterator

import pytest
import typer

from bot.cli import app
from tests.architecture import docs

PAGE = "docs/commands.md"


def commands() -> dict[str, typer.core.TyperCommand]:
    """Return every command by its words, such as ``announce create``."""
    return dict(_walk((), typer.main.get_command(app)))


def _walk(words: tuple[str, ...], command: object) -> Iterator[tuple[str, typer.core.TyperCommand]]:
    if isinstance(command, typer.core.TyperGroup):
        for name, one in command.commands.items():
            yield from _walk((*words, name), one)
    elif isinstance(command, typer.core.TyperCommand):
        yield " ".join(words), command


COMMANDS = commands()


def section(words: str) -> str:
    return docs.section(PAGE, f"## convoke {words}")


def test_every_command_has_a_section_and_every_section_a_command() -> None:
    described = re.findall(r"^## convoke (.+)$", docs.text(PAGE), re.MULTILINE)
    assert sorted(described) == sorted(COMMANDS)


@pytest.mark.parametrize("words", COMMANDS)
def test_every_option_is_described(words: str) -> None:
    options = {name for one in COMMANDS[words].params for name in one.opts if name.startswith("--")}
    described = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", section(words)))
    assert described - {"--help"} == options - {"--help"}


@pytest.mark.parametrize("words", COMMANDS)
def test_the_examples_can_be_typed(words: str) -> None:
    examples = re.findall(rf"^convoke {words}\b(.*)$", section(words), re.MULTILINE)
    assert examples, f"no example for convoke {words}"
    for example in examples:
        arguments = shlex.split(example, comments=True)
        COMMANDS[words].make_context(f"convoke {words}", arguments)


def elsewhere() -> list[tuple[str, str]]:
    """Return the commands that other pages let their readers type."""
    pages = ("README.md", "docs/architecture.md", "docs/data.md", "CONTRIBUTING.md")
    lines = [line for page in pages for line in docs.text(page).splitlines()]
    found = (re.match(r"(?:\.venv/bin/)?convoke (.+)$", line) for line in lines)
    return [_parted(match[1]) for match in found if match]


def _parted(line: str) -> tuple[str, str]:
    words = max((one for one in COMMANDS if line.startswith(one)), key=len, default="")
    return words, line[len(words) :]


@pytest.mark.parametrize(("words", "rest"), elsewhere())
def test_what_other_pages_let_type_can_be_typed(words: str, rest: str) -> None:
    assert words in COMMANDS
    COMMANDS[words].make_context(words, shlex.split(rest, comments=True))
