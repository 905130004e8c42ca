"""Each mistake is one problem with its place, and the rest is still read."""

from pathlib import Path

import pytest

from bot.domain.event import Conference
from bot.domain.people import Problem
from bot.importers import reading
from bot.importers.conference_folder import read_conference

GOOD = "- {id: good, title: Good, start: 2031-01-01, timezone: Asia/Tokyo}\n"


def read(folder: Path, **files: str | bytes) -> tuple[Conference, tuple[Problem, ...]]:
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name.replace("_", ".")).write_bytes(data)
    return read_conference(folder)


@pytest.mark.parametrize(
    ("record", "line", "part"),
    [
        ("- {title: No id}", 2, "no id"),
        ("- {id: 'a b', title: x}", 2, "not usable"),
        ("- {id: good, title: Twice}", 2, "twice"),
        ("- just words", 2, "key: value"),
        ("- id: x\n  title: x\n  timezone: Mars/Base", 4, "unknown time zone"),
        ("- id: x\n  title: x\n  start: 2031-01-01T09:00:00", 4, "no known time zone"),
        ("- id: x\n  title: x\n  timezone: UTC\n  start: 2031-13-40", 5, "impossible"),
        ("- id: x\n  title: x\n  timezone: UTC\n  start: soon", 5, "is no date"),
        ("- {id: x, title: x, timezone: UTC, start: 2031-01-02, end: 2031-01-01}", 2, "before"),
        ("- {id: x, title: x, timezone: UTC, end: 2031-01-01}", 2, "no start"),
        ("- {id: x, title: x, start: 2031-01-01}", 2, "no timezone"),
        ("- id: x\n  title: x\n  capacity: -3", 4, "capacity"),
        ("- id: x\n  title: x\n  capacity: yes", 4, "capacity"),
        ("- {id: x}", 2, "no title"),
        ("- id: x\n  title: {'!': x}", 3, "unknown language"),
        ("- {id: x, title: x, aka: {a: b}}", 2, "aka"),
        ("- {id: x, title: x, city: A, city: B}", 2, "twice"),
        ("- {id: x, title: x, [1, 2]: B}", 2, "must be a word"),
    ],
)
def test_a_mistake_in_an_event_is_placed(tmp_path: Path, record: str, line: int, part: str) -> None:
    conference, problems = read(tmp_path, events_yaml=GOOD + record)
    assert conference.events[0].slug == "good"
    assert any(
        problem.place == f"events.yaml line {line}" and part in problem.text for problem in problems
    ), problems


@pytest.mark.parametrize(
    "text",
    [
        "- id: [",
        "a: &x 1\nb: *x",
        "\t- tab",
        "[" * 5000,
        "just words",
        "!!python/object/apply:os.system [ls]",
        b"\xff\xfe\x00",
    ],
)
def test_a_broken_event_file_stops_nothing_else(tmp_path: Path, text: str | bytes) -> None:
    conference, problems = read(tmp_path, event_yaml=text, a_md="# One\ntext")
    assert problems
    assert len(conference.entries) == 1
    assert conference.events == ()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[{"id": "a"', "sessions.json line 1"),
        ("{}", "sessions.json"),
        ("[" * 100_000, "sessions.json"),
        ('[1, {"id": "ok", "title": "T"}]', "sessions.json item 1"),
        ('[{"title": "T"}, {"id": "ok", "title": "T"}]', "sessions.json item 1"),
        ('[{"id": "ok", "title": "T"}, {"id": "ok", "title": "U"}]', "sessions.json item 2"),
        ('[{"id": "ok", "title": "T", "speakers": [3]}]', "sessions.json item 1"),
        ('[{"id": "ok", "title": "T", "abstract": [3]}]', "sessions.json item 1"),
        ('[{"id": "ok", "title": null}]', "sessions.json item 1"),
        ('[{"id": "ok", "title": "T", "start": "late"}]', "sessions.json item 1 (ok)"),
        (
            '[{"id": "ok", "title": "T", "start": "2031-01-01T10:00:00Z",'
            ' "end": "2031-01-01T09:00:00Z"}]',
            "sessions.json item 1 (ok)",
        ),
    ],
)
def test_a_mistake_in_a_session_is_placed(tmp_path: Path, text: str, place: str) -> None:
    conference, problems = read(tmp_path, sessions_json=text)
    assert [problem.place for problem in problems] == [place]
    assert [session.key for session in conference.sessions] == ["ok"] * ('"ok"' in text)


def test_bytes_that_are_not_utf8_are_placed(tmp_path: Path) -> None:
    conference, problems = read(tmp_path, a_md=b"# One\n\ncaf\xe9", b_md="# Two\ntext")
    assert [problem.place for problem in problems] == ["a.md line 3"]
    assert [entry.source for entry in conference.entries] == [f"{tmp_path.name}/b.md#two"]


def test_a_file_that_is_too_large_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    conference, problems = read(tmp_path, a_md="# One\nmuch more text", b_md="# Two\nx")
    assert [problem.place for problem in problems] == ["a.md"]
    assert len(conference.entries) == 1


@pytest.mark.parametrize(
    "lines",
    [
        "no calendar at all",
        "BEGIN:VCALENDAR\nEND:VCALENDAR",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nDTSTART:tomorrow\nEND:VEVENT\nEND:VCALENDAR",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20310101T100000Z\nEND:VEVENT\nEND:VCALENDAR",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nDTSTART:20310101T100000\nEND:VEVENT\n"
        "END:VCALENDAR",
    ],
)
def test_a_broken_calendar_is_a_problem(tmp_path: Path, lines: str) -> None:
    conference, problems = read(tmp_path, events_yaml=GOOD, x_ics=lines)
    assert problems
    assert conference.events[0].slug == "good"


def test_the_same_event_in_both_files_counts_once(tmp_path: Path) -> None:
    conference, problems = read(tmp_path, event_yaml=GOOD, events_yaml=GOOD)
    assert len(conference.events) == 1
    assert len(problems) == 1


def test_a_calendar_s_zone_is_kept(tmp_path: Path) -> None:
    lines = (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:灯塔 日\nRRULE:FREQ=DAILY\n"
        "DTSTART;TZID=Europe/Lisbon:20310701T100000\nEND:VEVENT\nEND:VCALENDAR"
    )
    conference, problems = read(tmp_path, x_ics=lines)
    (event,) = conference.events
    assert (event.slug, event.zone) == ("灯塔-日-2031-07-01", "Europe/Lisbon")
    assert event.start is not None
    assert event.start.instant.hour == 9
    assert "repeats" in problems[0].text
