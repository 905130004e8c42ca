"""Schedules of pretalx and frab, as they are found in the wild."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.event import Session
from bot.domain.people import Problem
from bot.importers.conference_folder import read_conference
from bot.importers.lone_file import Asked, Found, read_path
from bot.importers.schedule_times import read_duration

DATA = Path(__file__).parents[2] / "data" / "schedules"
REAL = Path(__file__).parents[4] / "shared" / "conferences" / "europython2023" / "sessions.json"

NOTHING = Asked()


def talk(**fields: Any) -> dict[str, Any]:
    return {"guid": "g", "title": "T", "date": "2031-05-03T10:00:00+01:00", **fields}


def schedule(*talks: Any, **conference: Any) -> dict[str, Any]:
    day = {"index": 1, "date": "2031-05-03", "rooms": {"R": list(talks)}}
    head = {"acronym": "fog", "time_zone_name": "Europe/Lisbon", "days": [day]}
    return {"schedule": {"conference": {**head, **conference}}}


def read(folder: Path, data: object, asked: Asked = NOTHING, name: str = "s.json") -> Found:
    file = folder / name
    file.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return read_path(file, asked)


def one(found: Found) -> Session:
    (session,) = found.conference.sessions
    return session


@pytest.mark.parametrize("name", ["fog.json", "fog.xml"])
def test_both_formats_say_the_same(name: str) -> None:
    found = read_path(DATA / name, Asked())
    assert found.problems == ()
    assert found.named_by == "its acronym"
    (event,) = found.conference.events
    assert (event.slug, event.titles, event.zone, event.status) == (
        "fog-2031", {"": "Fog: Horns and Lamps"}, "Europe/Lisbon", "dated",
    )  # fmt: skip
    assert event.start is not None
    assert event.end is not None
    assert (event.start.local, event.end.local) == (date(2031, 5, 3), date(2031, 5, 4))
    by_key = {session.key: session for session in found.conference.sessions}
    assert list(by_key) == ["g-opening", "g-night", "g-camp", "g-camp@2031-05-04T12:00:00", "14"]
    opening = by_key["g-opening"]
    assert opening.room == "Lantern, Dome"
    assert opening.speakers == ("Inês Prado", "李娜")
    assert opening.abstract == ("Welcome & hello\n\n- tea\n\nSee the page (https://fog.example/x)")
    assert opening.source == "fog-2031/schedule#g-opening"
    night = by_key["g-night"]
    assert night.title == "Night walk: with lamps"
    assert night.start is not None
    assert night.start.instant == datetime(2031, 5, 3, 23, 30, tzinfo=UTC)
    assert night.end is not None
    assert night.end.local == datetime(2031, 5, 4, 2, 0)
    camp = by_key["g-camp"]
    assert camp.end is not None
    assert camp.end.local == datetime(2031, 5, 4, 14, 0)  # pretalx: a day and two hours
    lens = by_key["14"]
    assert lens.start is not None
    assert lens.end is not None
    assert lens.start.local == datetime(2031, 5, 4, 9, 15)
    assert lens.end.local == datetime(2031, 5, 4, 10, 45)
    assert lens.abstract == "Use `a < b`."


def test_the_formats_are_one_schedule() -> None:
    json_, xml = (read_path(DATA / name, Asked()).conference for name in ("fog.json", "fog.xml"))
    assert json_ == xml


def test_an_answer_of_the_api_is_read_with_its_breaks() -> None:
    found = read_path(DATA / "fog-slots.json", Asked("Fog 2031", "Europe/Lisbon"))
    assert found.problems == ()
    assert found.conference.name == "Fog 2031"
    assert found.conference.events == ()  # it says nothing of the conference itself
    assert [(one.key, one.title, one.room) for one in found.conference.sessions] == [
        ("AAA", "Opening", "Lantern"),
        ("CCC", "Unplaced", ""),
        ("break-Tea@2031-05-03T11:00:00+01:00", "Tea", "Lantern, Dome"),
        ("break-Tea@2031-05-03T15:00:00+01:00", "Tea", "Lantern"),
    ]
    first = found.conference.sessions[0]
    assert (first.type, first.track) == ("Talk", "Licht")
    assert first.end is not None
    assert first.end.local == datetime(2031, 5, 3, 10, 45)


def test_one_page_of_several_is_said_and_removes_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, {"next": "https://x", "results": [{"code": "A", "title": "T"}]})
    assert not found.complete
    assert len(found.conference.sessions) == 1


@pytest.mark.parametrize(
    ("fields", "start", "end"),
    [
        ({"duration": "00:45"}, "2031-05-03T10:00", "2031-05-03T10:45"),
        ({"duration": "1:30:00"}, "2031-05-03T10:00", "2031-05-03T11:30"),
        ({"duration": "1:00:00"}, "2031-05-03T10:00", "2031-05-03T11:00"),
        ({"duration": 30}, "2031-05-03T10:00", "2031-05-03T10:30"),
        ({"duration": None}, "2031-05-03T10:00", None),
        ({"duration": "00:00"}, "2031-05-03T10:00", None),
        ({"date": None, "start": "10:00"}, "2031-05-03T10:00", None),
        ({"date": None, "start": "24:30"}, "2031-05-04T00:30", None),
        ({"date": "2031-05-04", "start": "9:05"}, "2031-05-04T09:05", None),
        ({"date": "2031-05-03T10:00"}, "2031-05-03T10:00", None),
        ({"date": "2031-05-03T09:00:00Z"}, "2031-05-03T10:00", None),
        ({"date": "2031-05-03T18:00:00+09:00"}, "2031-05-03T10:00", None),
        ({"date": None, "start": None}, "2031-05-03", None),
    ],
)
def test_times_as_they_are_written(
    tmp_path: Path, fields: dict[str, Any], start: str, end: str | None
) -> None:
    found = read(tmp_path, schedule(talk(**fields)))
    assert found.problems == ()
    session = one(found)
    assert session.start is not None
    assert session.start.local.isoformat()[:16] == start
    assert (session.end.local.isoformat()[:16] if session.end else None) == end


def test_before_the_day_begins_is_the_night_after_it(tmp_path: Path) -> None:
    data = schedule(talk(date=None, start="01:15"))
    data["schedule"]["conference"]["days"][0]["day_start"] = "2031-05-03T09:00:00+01:00"
    session = one(read(tmp_path, data))
    assert session.start is not None
    assert session.start.local == datetime(2031, 5, 4, 1, 15)


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"date": "soon"}, "no date"),
        ({"date": None, "start": "25:99"}, "no date"),
        ({"duration": "long"}, "duration"),
        ({"duration": "99999:00"}, "duration"),
        ({"guid": None, "title": None}, "neither id nor title"),
    ],
)
def test_a_wrong_talk_is_said_with_its_place(
    tmp_path: Path, fields: dict[str, Any], part: str
) -> None:
    found = read(tmp_path, schedule(talk(guid="a"), talk(**fields)))
    assert [problem.place for problem in found.problems] == ["s.json day 1, R, item 2"]
    assert part in found.problems[0].text
    assert not found.complete
    assert found.conference.sessions[0].key == "a"


def test_without_a_zone_instants_are_kept_and_it_is_said(tmp_path: Path) -> None:
    found = read(tmp_path, schedule(talk(), time_zone_name=None))
    assert found.complete
    assert "--timezone" in found.problems[0].text
    session = one(found)
    assert session.start is not None
    assert session.start.instant == datetime(2031, 5, 3, 9, tzinfo=UTC)
    given = read(tmp_path, schedule(talk(), time_zone_name="Mars/Base"), Asked(zone="Asia/Tokyo"))
    assert "Mars/Base" in given.problems[0].text
    session = one(given)
    assert session.start is not None
    assert session.start.zone == "Asia/Tokyo"


def test_a_clock_time_in_no_zone_is_not_guessed(tmp_path: Path) -> None:
    found = read(tmp_path, schedule(talk(date="2031-05-03T10:00"), time_zone_name=""))
    assert one(found).start is None
    assert any("--timezone" in one.text for one in found.problems if one.refused)


def test_names_are_as_the_person_wants_them(tmp_path: Path) -> None:
    persons = [
        {"name": "N", "public_name": "P"}, {"full_public_name": "F"}, {"name": "李 娜"},
        {"id": 5}, None, "S", {"public_name": None, "name": "M"},
    ]  # fmt: skip
    assert one(read(tmp_path, schedule(talk(persons=persons)))).speakers == (
        "P", "F", "李 娜", "S", "M",
    )  # fmt: skip


def test_an_id_stays_the_same_whatever_else_changes(tmp_path: Path) -> None:
    before = one(read(tmp_path, schedule(talk(id=5, code="C"))))
    after = one(read(tmp_path, schedule(talk(id=6, title="New", date="2031-05-04T10:00Z"))))
    assert before.key == after.key == "g"
    assert one(read(tmp_path, schedule(talk(guid="", code="C", id=5)))).key == "C"
    assert one(read(tmp_path, schedule(talk(guid=None, id=5)))).key == "5"


def test_the_conference_has_the_days_of_its_talks_if_it_says_none(tmp_path: Path) -> None:
    (event,) = read(tmp_path, schedule(talk())).conference.events
    assert event.titles == {"": "fog"}
    assert event.start is not None
    assert event.start.local == date(2031, 5, 3)


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ("", "s.json line 1"),
        ("{", "s.json line 1"),
        ("[" * 100_000, "s.json"),
        ('{"a": ' * 50_000, "s.json"),
        ("1", "s.json"),
        ("{}", "s.json"),
        ('{"schedule": []}', "s.json"),
        ('{"schedule": {"conference": {}}}', "s.json"),
        ('{"schedule": {"conference": {"days": [1]}}}', "s.json day 1"),
        ('{"schedule": {"conference": {"days": [{"rooms": {"R": 5}}]}}}', "s.json day 1, R"),
        ('{"schedule": {"conference": {"days": [{"rooms": {"R": [5]}}]}}}',
         "s.json day 1, R, item 1"),
        ("9" * 5000, "s.json"),
    ],
)  # fmt: skip
def test_what_is_no_schedule_is_said(tmp_path: Path, data: str, place: str) -> None:
    found = read(tmp_path, data)
    assert place in {problem.place for problem in found.problems}
    assert not found.complete


_BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>
<schedule><conference><title>&b;</title></conference></schedule>"""
_OUTSIDE = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>
<schedule><conference><title>&a;</title></conference></schedule>"""


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ("", "is not XML"),
        ("<schedule>", "is not XML"),
        ("<html/>", "is no schedule"),
        ("<schedule/>", "no <day>"),
        ("<schedule>\n<day>\n</schedule>", "is not XML"),
        (_BOMB, "entities"),
        (_OUTSIDE, "entities"),
        ("<schedule>" + "<a>" * 200_000, "nested too deep"),
        ("<?xml version='1.0' encoding='klingon'?><schedule/>", "XML"),
        ("<schedule>\0</schedule>", "is not XML"),
    ],
)
def test_what_is_no_xml_schedule_is_said(tmp_path: Path, data: str, part: str) -> None:
    found = read(tmp_path, data, name="s.xml")
    assert part in found.problems[0].text
    assert not found.complete


def test_too_many_elements_are_refused(tmp_path: Path) -> None:
    found = read(tmp_path, "<schedule>" + "<a/>" * 600_000, name="s.xml")
    assert "too large" in found.problems[0].text


@pytest.mark.parametrize("name", ["s.json", "s.xml", "s.ics"])
def test_a_file_of_100_mb_is_refused_and_not_read(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    with file.open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)
    found = read_path(file, Asked())
    assert "larger than" in found.problems[0].text
    assert found.conference.sessions == ()


def test_a_file_of_nothing_but_mistakes_ends(tmp_path: Path) -> None:
    found = read(tmp_path, [[]] * 300_000)
    assert len(found.problems) < 20_010
    found = read(tmp_path, schedule(*[1] * 300_000))
    assert len(found.problems) < 20_010


def test_long_words_are_cut_and_said(tmp_path: Path) -> None:
    found = read(tmp_path, schedule(talk(title="x" * 9000, abstract="y" * 90_000)))
    session = one(found)
    assert len(session.title) == 500
    assert len(session.abstract) == 20_000
    assert found.complete
    assert len(found.problems) == 2


@pytest.mark.parametrize(
    ("text", "days_first", "length"),
    [
        ("1:00:00", True, timedelta(days=1)),
        ("1:00:00", False, timedelta(hours=1)),
        ("1:30:00", True, timedelta(hours=1, minutes=30)),
        ("0:45", True, timedelta(minutes=45)),
        ("45", False, timedelta(minutes=45)),
        ("-1:00", False, None),
        ("1:2:3:4", False, None),
        ("٤٥", False, None),
    ],
)
def test_durations(text: str, days_first: bool, length: timedelta | None) -> None:
    assert read_duration(text, days_first=days_first) == length


def folder(path: Path, **files: object) -> tuple[Any, tuple[Problem, ...]]:
    path.mkdir()
    for name, content in files.items():
        file = path / name.replace("_", ".")
        text = content if isinstance(content, str) else json.dumps(content)
        file.write_text(text, encoding="utf-8")
    return read_conference(path)


def test_a_schedule_in_a_folder_stands_behind_what_people_wrote(tmp_path: Path) -> None:
    yaml = "id: fog\ntitle: The Fog\nstart: 2031-05-03\ntimezone: Asia/Tokyo\n"
    sessions = [{"id": "g", "title": "Other"}, {"id": "h", "title": "Own"}]
    conference, problems = folder(
        tmp_path / "fog",
        event_yaml=yaml,
        schedule_json=schedule(talk(), time_zone_name=None),
        sessions_json=sessions,
    )
    assert [event.titles[""] for event in conference.events] == ["The Fog"]
    assert [(one.key, one.source) for one in conference.sessions] == [
        ("g", "fog/schedule.json#g"),
        ("h", "fog/sessions.json#h"),
    ]
    assert conference.sessions[0].start.zone == "Asia/Tokyo"
    assert ["two files" in problem.text for problem in problems] == [True]


def test_a_schedule_alone_in_a_folder_gives_the_event_too(tmp_path: Path) -> None:
    conference, problems = folder(tmp_path / "fog", schedule_json=schedule(talk()))
    assert problems == ()
    assert [event.source for event in conference.events] == ["fog/schedule.json#fog"]


@pytest.mark.skipif(not REAL.exists(), reason="the shared conferences are not here")
def test_the_sessions_of_a_real_conference_survive_as_an_answer_of_the_api(tmp_path: Path) -> None:
    items = json.loads(REAL.read_text(encoding="utf-8"))
    slots = [
        {"code": one["id"], "title": one["title"], "submission_type": {"en": one["type"]},
         "abstract": one["abstract"], "speakers": [{"name": name} for name in one["speakers"]],
         "slot": {"room": {"en": one["room"]}, "start": one["start"], "end": one["end"]}}
        for one in items
    ]  # fmt: skip
    found = read(tmp_path, {"slots": slots}, Asked(zone="Europe/Prague"))
    assert [one.text for one in found.problems if one.refused] == []
    assert len(found.conference.sessions) == len(items)
