"""``convoke import`` and ``convoke roster`` as they are typed: dry runs, lone files, exports."""

import asyncio
import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner, Result

from bot.cli import app
from tests.support.databases import Files

DATA = Path(__file__).parents[2] / "data"
HEADER = "organisation,country,name,email,telegram_id\n"
Convoke = Callable[..., Result]


@pytest.fixture
def convoke(files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Convoke:
    """Run a command in a folder with a database and all test data."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONVOKE_DATABASE_URL", asyncio.run(files.fresh(tmp_path, migrated=True)))
    monkeypatch.setenv("CONVOKE_LOG_LEVEL", "WARNING")
    for folder in ("schedules", "calendars", "conferences"):
        shutil.copytree(DATA / folder, tmp_path / folder)
    (tmp_path / "roster.csv").write_text(HEADER + "Moon,CH,Ada,ada@x.org,501\n", encoding="utf-8")

    def run(*words: str, expect: int = 0) -> Result:
        result = CliRunner().invoke(app, list(words))
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        assert result.exit_code == expect, result.output
        assert "Traceback" not in result.output
        return result

    return run


def as_json(result: Result) -> Any:
    return json.loads(result.stdout)


def test_a_dry_run_shows_all_and_writes_nothing(convoke: Convoke) -> None:
    words = ("import", "schedules/fog.json")
    shown = convoke(*words, "--dry-run").stdout
    assert "fog-2031: named by its acronym" in shown
    assert "+ session g-night “Night walk: with lamps” (fog-2031/schedule#g-night)" in shown
    assert "fog-2031/schedule: 6 added, 0 changed, 0 unchanged, 0 removed" in shown
    assert "nothing was written" in shown
    planned = as_json(convoke(*words, "--dry-run", "--json"))["fog-2031/schedule"]
    assert planned["dry_run"] is True
    assert [one["what"] for one in planned["changes"]] == ["added"] * 6
    done = as_json(convoke(*words, "--json"))["fog-2031/schedule"]
    assert done == {name: planned[name] for name in done}
    again = convoke(*words, "--dry-run").stdout
    assert "+ " not in again
    assert "0 added, 0 changed, 6 unchanged, 0 removed" in again


def test_a_dry_run_shows_fields_before_and_after(convoke: Convoke, tmp_path: Path) -> None:
    file = tmp_path / "schedules" / "fog.json"
    convoke("import", str(file))
    text = file.read_text(encoding="utf-8").replace('"Night walk"', '"Night run\\u001b[31m"')
    file.write_text(text, encoding="utf-8")
    shown = convoke("import", str(file), "--dry-run").stdout
    assert "~ session g-night" in shown
    assert "title: Night walk: with lamps → Night run" in shown
    assert "\x1b" not in shown


def test_mistakes_are_listed_and_end_with_1(convoke: Convoke) -> None:
    for more in ((), ("--dry-run",)):
        result = convoke("import", "calendars/harbour.ics", *more, expect=1)
        assert "harbour.ics event 7: 'Weekly Lamp' repeats" in result.stderr
    planned = as_json(convoke("import", "calendars/harbour.ics", "--dry-run", "--json", expect=1))
    assert [one["refused"] for one in planned["harbour/calendar"]["problems"]] == [False, True]


def test_two_calendars_of_one_conference(convoke: Convoke, tmp_path: Path) -> None:
    for uid, name in enumerate(("a.ics", "b.ics"), 1):
        text = f"UID:{uid}\nSUMMARY:T{uid}\nDTSTART;VALUE=DATE:2031010{uid}"
        (tmp_path / name).write_text(
            f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{text}\nEND:VEVENT\nEND:VCALENDAR\n", encoding="utf-8"
        )
    words = ("import", "a.ics", "b.ics", "--conference", "The Fog")
    for more, added in (("--dry-run", 1), ("--json", 1), ("--json", 0)):
        counts = as_json(convoke(*words, "--json", more))
        assert list(counts) == ["The Fog/calendar", "The Fog/calendar (b.ics)"]
        assert [one["added"] for one in counts.values()] == [added, added]


def test_warnings_alone_end_with_0(convoke: Convoke) -> None:
    result = convoke("import", "schedules/fog-slots.json", "--conference", "Fog 2031")
    assert "no time zone" in result.stderr
    convoke("import", "schedules/fog-slots.json", "--timezone", "Europe/Lisbon")


def test_folders_and_files_go_together(convoke: Convoke) -> None:
    paths = ("conferences/lighthouse", "schedules/fog.xml")
    names = as_json(convoke("import", *paths, "--json"))
    assert list(names) == ["lighthouse", "fog-2031/schedule"]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("import", "none.json"), "none.json"),
        (("import", "roster.csv"), "roster.csv"),
        (("import", "schedules/fog.json", "schedules/fog.xml"), "fog-2031"),
        (("import", "schedules/fog.json", "--timezone", "Mars"), "Mars"),
        (("import", "schedules/fog.json", "--conference", "/"), "--conference"),
        (("import", "x" * 5000 + ".ics"), ".ics"),
        (("roster", "import", "schedules"), "schedules"),
        (("roster", "import", "none.xlsx"), "none.xlsx"),
        (("roster", "export", "--out", "none/r.csv"), "none/r.csv"),
        (("roster", "export", "--out", "schedules"), "schedules"),
    ],
)
def test_a_clear_no(convoke: Convoke, words: tuple[str, ...], part: str) -> None:
    assert part in convoke(*words, expect=1).stderr


def test_a_workbook_is_planned_imported_and_exported(convoke: Convoke, tmp_path: Path) -> None:
    book: Any = Workbook()
    book.active.append(["organisation", "country", "name", "email", "telegram_id"])
    book.active.append(["Moon", "CH", "=Ada", "ada@x.org", 501.0])
    book.active.append(["Moon", "CH", "Bob", "bob@x.org", 1.5e15])
    book.active["C2"].data_type = "s"
    book.save(tmp_path / "r.xlsx")
    words = ("roster", "import", "r.xlsx", "--sheet", "Sheet")
    planned = as_json(convoke(*words, "--dry-run", "--json", expect=1))
    assert [one["key"] for one in planned["changes"]] == ["ada@x.org"]
    assert "line 3" in convoke(*words, "--dry-run", expect=1).stderr
    assert as_json(convoke("roster", "export", "--json")) == []
    done = as_json(convoke(*words, "--json", expect=1))
    assert done == {name: planned[name] for name in done}
    assert done == {"added": 1, "changed": 0, "unchanged": 0, "refused": 1}

    convoke("roster", "export", "--out", "out.csv")
    out = tmp_path / "out.csv"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "'=Ada" in out.read_text(encoding="utf-8-sig")
    again = as_json(convoke("roster", "import", "out.csv", "--json"))
    assert again == {"added": 0, "changed": 0, "unchanged": 1, "refused": 0}
    (line,) = as_json(convoke("roster", "export", "--json"))
    assert (line["name"], line["telegram_id"]) == ("=Ada", "501")
    assert convoke("roster", "export").stdout.splitlines()[0].startswith("organisation,country,")
