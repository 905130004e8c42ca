"""A calendar that is imported by itself, as calendar programs export it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.domain.event import Event
from bot.domain.refusal import Refusal
from bot.importers.lone_file import Asked, Found, read_path

DATA = Path(__file__).parents[2] / "data" / "calendars" / "harbour.ics"

NOTHING = Asked()


def read(folder: Path, *lines: str, asked: Asked = NOTHING, name: str = "x.ics") -> Found:
    text = "\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""))
    (folder / name).write_text(text, encoding="utf-8")
    return read_path(folder / name, asked)


def vevent(*lines: str, uid: str = "u", title: str = "T") -> tuple[str, ...]:
    return ("BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{title}", *lines, "END:VEVENT")


@pytest.fixture
def harbour() -> dict[str, Event]:
    found = read_path(DATA, Asked())
    assert [(one.place, one.refused) for one in found.problems] == [
        ("harbour.ics event 10", False),
        ("harbour.ics event 7", True),
    ]
    assert (found.conference.name, found.conference.part, found.named_by) == (
        "harbour", "calendar", "the file's name",
    )  # fmt: skip
    return {str(one.facts["uid"]).partition("@")[0]: one for one in found.conference.events}


def test_zones_and_lengths(harbour: dict[str, Event]) -> None:
    call, light, floating = harbour["call"], harbour["utc"], harbour["floating"]
    assert call.zone == "Asia/Shanghai"
    assert call.start is not None
    assert call.end is not None
    assert call.start.instant == datetime(2031, 5, 4, 12, tzinfo=UTC)
    assert call.end.local == datetime(2031, 5, 4, 21, 30)
    assert light.start is not None  # given in UTC, shown where the calendar is
    assert (light.zone, light.start.local) == ("Europe/Lisbon", datetime(2031, 6, 1, 10))
    assert floating.start is not None
    assert floating.start.instant == datetime(2031, 6, 2, 8, tzinfo=UTC)
    days = harbour["days"]
    assert days.start is not None
    assert days.end is not None
    assert (days.start.local, days.end.local) == (date(2031, 7, 1), date(2031, 7, 3))


def test_languages_states_and_facts(harbour: dict[str, Event]) -> None:
    call = harbour["call"]
    assert call.titles == {"en": "Keepers' Call", "zh": "守灯人会议", "": "Keepers' Call"}
    assert call.venue == "Online"
    assert call.facts["description"] == "Bring questions."
    assert harbour["utc"].status == "tentative"
    assert harbour["days"].status == "cancelled"


def test_every_uid_is_an_event(harbour: dict[str, Event]) -> None:
    assert harbour["old"].titles[""] == "New Name"  # the later SEQUENCE
    assert harbour["tea-1"].slug != harbour["tea-2"].slug
    slugs = {event.slug for event in read_path(DATA, Asked()).conference.events}
    assert {"weekly-lamp-2031-08-01", "weekly-lamp-2031-08-09"} <= slugs
    assert len(slugs) == 9


def test_a_clock_time_in_no_zone_is_left_out_and_said(tmp_path: Path) -> None:
    lines = vevent("DTSTART:20310101T100000")
    found = read(tmp_path, *lines)
    assert found.conference.events[0].start is None
    assert "--timezone" in found.problems[0].text
    found = read(tmp_path, *lines, asked=Asked(zone="Asia/Tokyo"))
    assert found.problems == ()
    assert found.conference.events[0].zone == "Asia/Tokyo"


def test_an_unknown_zone_is_named(tmp_path: Path) -> None:
    found = read(tmp_path, *vevent("DTSTART;TZID=Mars/Base:20310101T100000"))
    assert "Mars/Base" in found.problems[0].text


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("/vendor.example/Europe/Berlin", "Europe/Berlin"),
        ("Etc/UTC", "Etc/UTC"),
    ],
)
def test_zones_as_other_programs_name_them(tmp_path: Path, name: str, zone: str) -> None:
    found = read(tmp_path, *vevent(f"DTSTART;TZID={name}:20310701T100000"))
    assert found.problems == ()
    assert found.conference.events[0].zone == zone


def test_a_zone_of_its_own_gives_the_instant_and_is_said(tmp_path: Path) -> None:
    own = ("BEGIN:VTIMEZONE", "TZID:Ours", "BEGIN:STANDARD", "DTSTART:19700101T000000",
           "TZOFFSETFROM:+0300", "TZOFFSETTO:+0300", "END:STANDARD", "END:VTIMEZONE")  # fmt: skip
    lines = (*own, *vevent("DTSTART;TZID=Ours:20310701T100000"))
    found = read(tmp_path, *lines)
    start = found.conference.events[0].start
    assert start is not None
    assert start.instant == datetime(2031, 7, 1, 7, tzinfo=UTC)
    assert [(one.refused, "Ours" in one.text) for one in found.problems] == [(False, True)]
    given = read(tmp_path, *lines, asked=Asked(zone="Asia/Tokyo"))
    assert given.problems == ()
    assert given.conference.events[0].zone == "Asia/Tokyo"


def test_a_cancelled_calendar_cancels_all(tmp_path: Path) -> None:
    found = read(tmp_path, "METHOD:CANCEL", *vevent("DTSTART;VALUE=DATE:20310101"))
    assert found.conference.events[0].status == "cancelled"


@pytest.mark.parametrize(
    ("lines", "last"),
    [
        (("DTSTART;VALUE=DATE:20310101",), None),
        (("DTSTART;VALUE=DATE:20310101", "DTEND;VALUE=DATE:20310101"), date(2031, 1, 1)),
        (("DTSTART;VALUE=DATE:20310101", "DTEND;VALUE=DATE:20310102"), date(2031, 1, 1)),
        (("DTSTART;VALUE=DATE:20310101", "DURATION:P3D"), date(2031, 1, 3)),
        (("DTSTART;VALUE=DATE:20310101", "DURATION:PT1H"), date(2031, 1, 1)),
        (("DTSTART:20310101T100000Z", "DURATION:PT1H"), datetime(2031, 1, 1, 11)),
    ],
)
def test_ends(tmp_path: Path, lines: tuple[str, ...], last: date | None) -> None:
    found = read(tmp_path, *vevent(*lines))
    assert found.problems == ()
    end = found.conference.events[0].end
    assert (end.local if end else None) == last


def test_a_broken_length_leaves_the_end_out(tmp_path: Path) -> None:
    found = read(tmp_path, *vevent("DTSTART:20310101T100000Z", "DURATION:[]PT1H"))
    (event,) = found.conference.events
    assert (event.start is None, event.end) == (False, None)
    assert "end that cannot be read" in found.problems[0].text


@pytest.mark.parametrize(
    "lines",
    [
        (),
        vevent(),
        vevent("DTSTART:tomorrow"),
        vevent("DTSTART;TZID=Asia/Tokyo:00010101T000000", "DTEND;VALUE=DATE:00010101"),
        vevent("DTSTART:99991231T235959Z", "DURATION:P9D", title=""),
        vevent("DTSTART;VALUE=DATE:20310105", "DTEND;VALUE=DATE:20310101"),
        ("BEGIN:VEVENT",) * 5000,
        vevent("DTSTART;VALUE=DATE:20310101", "RRULE:FREQ=SECONDLY"),
    ],
)
def test_what_cannot_be_meant_is_said(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert read(tmp_path, *lines).problems


@pytest.mark.parametrize(
    ("name", "asked", "conference"),
    [
        ("Fog Days.ics", Asked(), "fog-days"),
        ("Fog Days (2).ics", Asked(), "fog-days"),
        ("fog.ICS", Asked(), "fog"),
        ("fog.ics", Asked("Nebel Tage"), "Nebel Tage"),
        ("雾.ics", Asked(), "雾"),
    ],
)
def test_the_conference_is_named(tmp_path: Path, name: str, asked: Asked, conference: str) -> None:
    found = read(tmp_path, *vevent("DTSTART;VALUE=DATE:20310101"), asked=asked, name=name)
    assert found.conference.name == conference
    assert found.conference.events[0].conference == conference


@pytest.mark.parametrize(
    ("name", "asked", "key"),
    [
        ("none.ics", Asked(), "refusal.file-missing"),
        ("here.pdf", Asked(), "refusal.file-kind"),
        ("here.ics", Asked("..."), "refusal.conference-name"),
        ("here.ics", Asked("a/../b"), "refusal.conference-name"),
        ("here.ics", Asked("a\nb"), "refusal.conference-name"),
        ("here.ics", Asked("x" * 101), "refusal.conference-name"),
        ("here.ics", Asked(zone="Mars/Base"), "refusal.zone-unknown"),
        ("here.ics", Asked(zone="../../etc/passwd"), "refusal.zone-unknown"),
        ("---.ics", Asked(), "refusal.conference-name"),
        ("nul\0.ics", Asked(), "refusal.file-missing"),
    ],
)
def test_what_cannot_be_begun_is_refused(tmp_path: Path, name: str, asked: Asked, key: str) -> None:
    for one in ("here.pdf", "here.ics", "---.ics"):
        (tmp_path / one).write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n", encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        read_path(tmp_path / name, asked)
    assert refused.value.key == key
