"""What the architecture tests look at: the tracked files and the product's syntax trees."""

import ast
import io
import subprocess
import tokenize
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "handlers", "schedules")


def git(*args: str) -> list[str]:
    """Run git and return its NUL-separated answer."""
    answer = subprocess.run(["git", *args, "-z"], cwd=ROOT, check=True, capture_output=True)
    return [name for name in answer.stdout.decode().split("\0") if name]


@cache
def tracked() -> tuple[str, ...]:
    """Name every tracked file that is still there."""
    return tuple(name for name in git("ls-files") if (ROOT / name).is_file())


def python_files(*tops: str) -> list[str]:
    """Name the tracked Python files below the given folders."""
    return [name for name in tracked() if name.endswith(".py") and name.split("/")[0] in tops]


@cache
def text(name: str) -> str:
    """Read a file of the project; bytes that are no text are replaced."""
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


@cache
def tree(name: str) -> ast.Module:
    """Parse a Python file of the project."""
    return ast.parse(text(name), name)


def comments(name: str) -> Iterator[tuple[int, str]]:
    """Yield each comment of a Python file with its line number."""
    for token in tokenize.generate_tokens(io.StringIO(text(name)).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


@cache
def pyproject() -> dict[str, Any]:
    """Read ``pyproject.toml``."""
    return tomllib.loads(text("pyproject.toml"))
