"""A whole folder in our own words, then the real ones."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.domain.event import Conference
from bot.domain.refusal import Refusal
from bot.importers.conference_folder import read_conference

ROOT = Path(__file__).parents[3]
LIGHTHOUSE = ROOT / "tests" / "data" / "conferences" / "lighthouse"
REAL = ROOT.parent / "shared" / "conferences"
FOLDERS = ("alliance", "djangocon-us-2024", "europython2023", "eurobioc2022", "pyohio2026")


def real_folder(name: str) -> Path:
    if not (REAL / name).is_dir():
        pytest.skip("the real conference folders lie outside the project and are not here")
    return REAL / name


def sources_of(conference: Conference) -> list[str]:
    events = [event.source for event in conference.events]
    sessions = [session.source for session in conference.sessions]
    return [*events, *sessions, *(entry.source for entry in conference.entries)]


def test_a_good_folder_has_no_problems() -> None:
    conference, problems = read_conference(LIGHTHOUSE)
    assert problems == ()
    assert conference.name == "lighthouse"
    assert [event.slug for event in conference.events] == [
        "keepers-day",
        "winter-meeting",
        "fog-horn-days-2032-06-01",
    ]


def test_an_event_keeps_every_field() -> None:
    event = read_conference(LIGHTHOUSE)[0].events[0]
    assert event.titles == {
        "": "Keepers' Day",
        "en": "Keepers' Day",
        "zh": "守灯人日",
        "de": "Tag der Leuchtturmwärter",
    }
    assert event.aka == ("Lamp Day",)
    assert event.status == "dated"
    assert event.start is not None
    assert event.end is not None
    assert event.start.local == datetime(2031, 5, 4, 9)
    assert event.start.instant == datetime(2031, 5, 4, 8, tzinfo=UTC)
    assert event.end.local == date(2031, 5, 4)
    assert event.reply_by == datetime(2031, 4, 20, 22, 59, 59, tzinfo=UTC)
    assert (event.capacity, event.zone) == (60, "Europe/Lisbon")
    assert event.facts == {"doors": ["north", 2], "founded": "1999-01-02"}
    assert event.source == "lighthouse/events.yaml#keepers-day"
    json.dumps(event.facts)


def test_an_unknown_date_stays_unknown() -> None:
    event = read_conference(LIGHTHOUSE)[0].events[1]
    assert event.start is None
    assert event.status == "planned"
    assert event.facts == {"status": "Rooms are being looked for."}
    assert event.note("zh") == "冬天"
    assert event.note("fr") == "En hiver"
    assert event.note("ru") == "In the winter"


def test_a_calendar_adds_only_what_is_new() -> None:
    event = read_conference(LIGHTHOUSE)[0].events[2]
    assert event.titles == {"": "Fog Horn Days"}
    assert event.venue == "Quay 1, Porto"
    assert event.start is not None
    assert event.end is not None
    assert (event.start.local, event.end.local) == (date(2032, 6, 1), date(2032, 6, 2))
    assert event.source == "lighthouse/save-the-date.ics#fog-horn-days-2032-06-01"


def test_sessions_are_read_in_the_venue_s_zone() -> None:
    (session,) = read_conference(LIGHTHOUSE)[0].sessions
    assert session.speakers == ("Ana Luz", "Rui Mar")
    assert session.start is not None
    assert session.start.local == datetime(2031, 5, 4, 10)
    assert session.start.zone == "Europe/Lisbon"
    assert (session.track, session.room) == ("", "Lamp room")
    assert session.source == "lighthouse/sessions.json#oil"


def test_a_folder_s_name_does_not_depend_on_how_it_was_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(LIGHTHOUSE)
    assert read_conference(Path())[0].name == "lighthouse"


@pytest.mark.parametrize("make", ["missing", "file"])
def test_no_folder_is_a_clear_refusal(tmp_path: Path, make: str) -> None:
    path = tmp_path / make
    if make == "file":
        path.write_text("x")
    with pytest.raises(Refusal) as refusal:
        read_conference(path)
    assert refusal.value.key == "refusal.folder-missing"


def test_an_empty_folder_is_refused_and_not_taken_for_an_empty_conference(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"")
    with pytest.raises(Refusal) as refusal:
        read_conference(tmp_path)
    assert refusal.value.key == "refusal.folder-empty"


@pytest.mark.parametrize("name", FOLDERS)
def test_real_folders_have_no_problems_and_unique_sources(name: str) -> None:
    conference, problems = read_conference(real_folder(name))
    assert problems == ()
    sources = sources_of(conference)
    assert len(sources) == len(set(sources))
    assert conference.entries


def test_every_source_of_the_example_questions_exists() -> None:
    known: set[str] = set()
    for name in FOLDERS:
        conference, _ = read_conference(real_folder(name))
        known |= set(sources_of(conference))
    lines = (REAL / "dev-questions.jsonl").read_text(encoding="utf-8").splitlines()
    wanted = {source for line in lines for source in json.loads(line)["sources"]}
    assert wanted <= known


def test_the_real_calendar_does_not_double_its_event() -> None:
    conference, _ = read_conference(real_folder("pyohio2026"))
    assert [event.slug for event in conference.events] == [
        "pyohio2026",
        "black-python-devs-summit-2026",
        "pyohio2027",
    ]
