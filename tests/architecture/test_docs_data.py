"""``docs/data.md``: its examples are read by the real importers, and nothing is left out."""

import re
from pathlib import Path

import pytest

from bot.domain import audience
from bot.domain.audience import Answered, AudienceError
from bot.importers.conference_folder import read_conference
from bot.importers.event_file import STATUSES
from bot.importers.lone_file import Asked, read_path
from bot.importers.roster_file import read_roster
from bot.importers.roster_table import COLUMNS, REQUIRED
from bot.views.events import FACTS, WEB
from tests.architecture import docs

PAGE = docs.text("docs/data.md")


def in_code(text: str) -> list[str]:
    """Return what stands in backticks."""
    return re.findall(r"`([^`]+)`", text)


def test_the_folder_is_read_without_a_mistake(tmp_path: Path) -> None:
    conference, problems = read_conference(docs.example_folder(tmp_path / "lighthouses"))
    assert problems == ()
    assert [event.slug for event in conference.events] == [
        "keepers-forum-2031",
        "lamp-room-tour",
        "harbour-day-2031-06-01",
    ]
    assert [session.key for session in conference.sessions] == ["lenses"]
    sources = {entry.source: entry.language for entry in conference.entries}
    assert sources["lighthouses/faq.md#are-there-stairs"] == "en"
    assert sources["lighthouses/faq.zh.md#怎么去灯塔"] == "zh"
    assert re.findall(r"`(lighthouses/[^`]+)`", PAGE) == ["lighthouses/faq.md#are-there-stairs"]


def test_the_schedules_are_read_without_a_mistake(tmp_path: Path) -> None:
    one, two = (
        read_path(docs.write_example(name, tmp_path), Asked())
        for name in ("schedule.json", "schedule.xml")
    )
    assert one.problems == two.problems == ()
    assert one.conference.events == two.conference.events
    assert [event.slug for event in one.conference.events] == ["fog-days-2031"]
    assert one.conference.sessions[:1] == two.conference.sessions
    night = one.conference.sessions[1]
    assert night.start is not None
    assert night.start.local.isoformat() == "2031-05-04T00:15:00"
    assert night.abstract == "Bring a coat."


def test_the_calendar_is_read_by_itself(tmp_path: Path) -> None:
    found = read_path(docs.write_example("save-the-date.ics", tmp_path), Asked())
    assert found.problems == ()
    assert [event.slug for event in found.conference.events] == ["harbour-day-2031-06-01"]


def test_the_roster_is_read_without_a_mistake(tmp_path: Path) -> None:
    rows, problems = read_roster(docs.write_example("roster.csv", tmp_path))
    assert problems == ()
    assert [row.email for row in rows] == ["ines@harbour.example", "lina@tower.example"]
    assert rows[1].organisation_names["zh"] == "塔楼博物馆"


def test_every_column_is_described() -> None:
    line = next(one for one in PAGE.splitlines() if one.startswith("Required columns:"))
    required, _, read = line.partition("All that are read:")
    assert tuple(in_code(required)) == REQUIRED
    assert tuple(in_code(read.partition(";")[0])) == COLUMNS


def test_every_status_and_every_shown_fact_is_described() -> None:
    status = next(one for one in PAGE.splitlines() if one.startswith("| `status`"))
    assert tuple(in_code(status)[1:]) == STATUSES
    facts = next(one for one in PAGE.splitlines() if one.startswith("Every other field"))
    assert tuple(in_code(facts)) == (*FACTS, *WEB)


def test_the_expressions_are_read() -> None:
    expressions = docs.block("audience").splitlines()
    assert len(expressions) >= 5
    for one in expressions:
        audience.parse(one)


@pytest.mark.parametrize(("wrong", "at"), re.findall(r"`([^`]+)` at character (\d+)", PAGE))
def test_the_refused_expressions_are_refused_there(wrong: str, at: str) -> None:
    with pytest.raises(AudienceError) as refused:
        audience.parse(wrong)
    assert refused.value.position == int(at)


def test_every_term_and_every_answer_is_described() -> None:
    section = PAGE.partition("## Audiences")[2]
    for kind in re.findall(r"\w+(?=:…)|all|not", audience.TERMS):
        assert re.search(rf"`{kind}\b", section), kind
    assert {str(one) for one in Answered} <= set(re.findall(r"\w+", section))
