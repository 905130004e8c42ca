"""``docs/settings.md`` and ``.env.example`` say what the settings are, and nothing else."""

import re
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from pydantic import SecretStr

from bot.settings import PREFIX, SECRETS, Settings
from tests.architecture import docs, project

EXAMPLE = ".env.example"
FIELDS = Settings.model_fields
FROM_FILES = (*SECRETS, "database_url")


def shown(value: Any) -> str:
    """Return a default as it is written in the environment."""
    match value:
        case None:
            return ""
        case bool():
            return str(int(value))
        case SecretStr():
            return value.get_secret_value()
        case dict():
            return "{" + ", ".join(f'"{key}": "{one}"' for key, one in value.items()) + "}"
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def variable(name: str) -> str:
    return PREFIX + name.upper()


def test_the_page_lists_every_setting_with_its_default() -> None:
    rows = docs.table("docs/settings.md", "Variable")
    listed = {name.strip("`"): (default.strip("`"), about) for name, default, about in rows}
    assert listed == {
        variable(name): (shown(field.default), field.description) for name, field in FIELDS.items()
    }


def test_the_page_lists_what_may_stand_in_a_file() -> None:
    section = docs.section("docs/settings.md", "## Secrets in files")
    assert re.findall(r"^- `(\w+)`$", section, re.MULTILINE) == [
        f"{variable(name)}_FILE" for name in FIELDS if name in FROM_FILES
    ]


def test_the_example_lists_every_setting_with_its_default() -> None:
    values = dotenv_values(project.ROOT / EXAMPLE)
    expected = {variable(name): shown(field.default) for name, field in FIELDS.items()}
    assert values == expected


def test_the_example_says_what_each_setting_is() -> None:
    text = docs.text(EXAMPLE)
    for name, field in FIELDS.items():
        assert f"# {field.description}\n{variable(name)}=" in text, name
        assert (f"\n# {variable(name)}_FILE=\n" in text) == (name in FROM_FILES), name


def test_a_copy_of_the_example_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in FIELDS:
        monkeypatch.delenv(variable(name), raising=False)
        monkeypatch.delenv(f"{variable(name)}_FILE", raising=False)
    (tmp_path / ".env").write_text(docs.text(EXAMPLE), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert Settings().model_dump() == {name: field.default for name, field in FIELDS.items()}
