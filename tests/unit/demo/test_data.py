"""The shipped data: complete, without a mistake, and in the languages that it promises."""

from collections import Counter

import pytest

from bot.demo import files
from bot.demo.members import all_places, read_members
from bot.importers.conference_folder import read_conference
from bot.importers.roster_file import read_roster
from bot.simulators.slack import SlackSimulator

MEMBERS = read_members()


def test_the_roster_has_forty_member_centers_and_no_mistake() -> None:
    rows, problems = read_roster(files.ROSTER)
    assert problems == ()
    assert len({row.organisation_slug for row in rows}) == len(rows) == 40


def test_everybody_is_on_a_messenger_but_one() -> None:
    assert Counter(len(member.places) for member in MEMBERS) == {1: 36, 2: 3, 0: 1}
    platforms = Counter(place.platform for _, place in all_places(MEMBERS))
    assert platforms == {"telegram": 21, "slack": 21}


def test_slack_accounts_are_in_the_simulated_workspace() -> None:
    rows, _ = read_roster(files.ROSTER)
    teams = {team for row in rows for platform, team, _ in row.accounts if platform == "slack"}
    assert teams == {SlackSimulator().workspace.team}


def test_many_countries_zones_and_languages() -> None:
    assert len({member.country for member in MEMBERS}) >= 30
    assert len({member.zone for member in MEMBERS}) >= 30
    assert len({member.locale.partition("-")[0] for member in MEMBERS}) >= 15


def test_everybody_is_invented() -> None:
    assert all(member.email.endswith(".example.org") for member in MEMBERS)


def test_the_conference_has_two_events_without_dates_in_two_languages() -> None:
    conference, problems = read_conference(files.CONFERENCE)
    assert problems == ()
    assert [event.slug for event in conference.events] == ["frontier-forum", "fourth-conference"]
    for event in conference.events:
        assert event.status == "planned"
        assert event.start is None
        for texts in (event.titles, event.date_note):
            assert {"", "zh"} <= texts.keys()
        for fact in ("organiser", "organiser_zh"):
            assert event.facts[fact]
    english, chinese = (
        [entry for entry in conference.entries if entry.language == language]
        for language in ("", "zh")
    )
    assert len(english) == len(chinese) > 10


def test_the_forum_has_so_few_seats_that_one_sees_the_waiting_list() -> None:
    assert files.forum_seats() == 4


@pytest.mark.parametrize("letter", [files.greeting(), files.invitation()])
def test_each_letter_is_known_by_its_title(letter: files.Letter) -> None:
    assert len(set(letter.titles.values())) == len(letter.files)
    for language, title in letter.titles.items():
        assert letter.language_of(f"{title}\n\nand so on") == language
    assert letter.language_of("Something else\n") is None
    assert all(path.is_file() for path in letter.files.values())


def test_the_greeting_has_languages_that_have_no_catalog() -> None:
    assert set(files.greeting().files) == {"en", "zh", "fr", "de"}
    assert files.greeting().language_for("de-CH") == "de"
    assert files.greeting().language_for("pt-BR") == "en"
    assert files.greeting().language_for("") == "en"
