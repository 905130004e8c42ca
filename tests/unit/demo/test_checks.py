"""Each check holds on good chats and fails on doctored ones: nothing passes by itself."""

from collections.abc import Callable

import pytest

from bot.demo import files
from bot.demo.checks import (
    Check,
    Told,
    answered,
    at_most,
    between,
    missing_are_listed,
    nobody_twice,
    once_each,
    own_language,
    replies,
)
from bot.demo.headless import report
from bot.demo.members import Member, Place, all_places, read_members
from bot.i18n import texts_for
from bot.simulators.journal import BOT, Journal, SeenMessage

LETTER = files.greeting()
PLACES = all_places(read_members())
Journals = dict[str, Journal]
Doctor = Callable[[Journals], None]
FORUM = {"en": "The Forum", "zh": "论坛", "fr": "Le Forum", "de": "Das Forum"}


def write(journals: Journals, place: Place, text: str, author: str = BOT) -> SeenMessage:
    journal = journals[place.platform]
    message = SeenMessage(str(len(journal.messages(place.user)) + 1), author, text)
    journal.add(place.user, message)
    return message


@pytest.fixture
def journals() -> Journals:
    found = {"telegram": Journal(), "slack": Journal()}
    for member, place in {member.email: (member, place) for member, place in PLACES}.values():
        write(found, place, f"{LETTER.titles[LETTER.language_for(member.locale)]}\n\nwords")
    return found


def remove(journals: Journals) -> None:
    place = PLACES[3][1]
    journals[place.platform].messages(place.user)[0].deleted = True


def double(journals: Journals) -> None:
    write(journals, PLACES[3][1], f"{LETTER.titles['en']}\n")


def translate(journals: Journals) -> None:
    place = PLACES[0][1]
    journals[place.platform].messages(place.user)[0].text = f"{LETTER.titles['de']}\n"


def test_all_hold_on_good_chats(journals: Journals) -> None:
    assert once_each("x", journals, PLACES, LETTER).ok
    assert own_language("x", journals, PLACES, LETTER).ok
    assert nobody_twice("x", journals, PLACES, LETTER).ok
    assert missing_are_listed("x", journals, PLACES, LETTER, ()).ok


def test_a_missing_copy_is_seen(journals: Journals) -> None:
    remove(journals)
    assert once_each("x", journals, PLACES, LETTER).found == "38 once, 1 never"
    assert not once_each("x", journals, PLACES, LETTER).ok
    assert not own_language("x", journals, PLACES, LETTER).ok


def test_a_second_copy_is_seen(journals: Journals) -> None:
    double(journals)
    assert once_each("x", journals, PLACES, LETTER).found == "38 once, 1 more than once"
    twice = nobody_twice("x", journals, PLACES, LETTER)
    assert (twice.ok, twice.found) == (False, PLACES[3][0].name)


def test_a_second_copy_does_not_make_up_for_a_missing_one(journals: Journals) -> None:
    double(journals)
    place = PLACES[5][1]
    journals[place.platform].messages(place.user)[0].deleted = True
    assert not once_each("x", journals, PLACES, LETTER).ok


def test_a_copy_in_the_wrong_language_is_seen(journals: Journals) -> None:
    translate(journals)
    assert once_each("x", journals, PLACES, LETTER).ok
    assert not own_language("x", journals, PLACES, LETTER).ok


def test_who_has_none_must_be_listed_for_that_platform(journals: Journals) -> None:
    remove(journals)
    member, place = PLACES[3]

    def listed(*rows: tuple[str, str]) -> bool:
        return missing_are_listed("x", journals, PLACES, LETTER, rows).ok

    assert not listed()
    assert not listed((place.platform, PLACES[4][0].email))
    assert not listed(("elsewhere", member.email))
    assert listed((place.platform, member.email))


def test_an_answer_is_one_message_with_the_words() -> None:
    place = Place("telegram", "1")
    journals = {"telegram": Journal()}

    def check() -> Check:
        return answered("x", journals, place, "When?", ("Monday", "Source"))

    assert not check().ok
    write(journals, place, "When?", "1")
    assert not check().ok
    message = write(journals, place, "On Monday.\nSource: page")
    assert check().ok
    message.text = "On Monday."
    assert check().found == "it lacks “Source”"
    message.text = "On Monday.\nSource: page"
    write(journals, place, "On Monday.\nSource: page")
    assert check().found == "2 answers"


def test_only_what_stands_before_the_next_words_is_a_reply() -> None:
    place = Place("telegram", "1")
    journals = {"telegram": Journal()}
    for author, text in (("1", "a"), (BOT, "to a"), ("1", "b"), (BOT, "to b")):
        write(journals, place, text, author)
    assert [one.text for one in replies(journals, place, "a")] == ["to a"]
    assert [one.text for one in replies(journals, place, "b")] == ["to b"]


@pytest.fixture
def member() -> tuple[Member, Place]:
    return PLACES[7]


def test_a_standing_is_the_last_thing_somebody_was_told(member: tuple[Member, Place]) -> None:
    journals = {"telegram": Journal(), "slack": Journal()}
    told, texts = Told(journals, FORUM), texts_for("fr")
    assert told.standing(*member) == ""
    for key, standing in (
        ("recorded.waitlisted", "waitlisted"),
        ("promoted", "going"),
        ("recorded.declined", "declined"),
        ("recorded.maybe", "maybe"),
    ):
        write(journals, member[1], texts(f"rsvp.{key}", event=FORUM["fr"]) + "\nmore")
        assert told.standing(*member) == standing
    assert told.promotions(*member) == 1
    assert told.tally([member]) == "1 maybe"
    assert Told(journals, dict.fromkeys(FORUM, "Another")).standing(*member) == ""


def test_limits() -> None:
    assert at_most("x", 32, 32).ok
    assert not at_most("x", 32, 33).ok
    assert between("x", 10, 41, 41).ok
    assert not between("x", 10, 41, 42).ok
    assert not between("x", 10, 41, 9).ok


def test_the_table_names_what_failed() -> None:
    lines = report([Check("holds", "1", "1", True), Check("breaks", "1", "2", False)])
    assert any(line.startswith("ok") and "holds" in line for line in lines)
    assert any(line.startswith("FAILED") and "breaks" in line for line in lines)
    assert lines[-2:] == ["  expected: 1", "  found:    2"]
