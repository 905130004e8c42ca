"""The corners of views: long titles, long lists, places, ends of events, courtesies."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.message import text_of
from bot.i18n import texts_for
from bot.views.courtesies import courtesy_kind
from bot.views.dates import is_over
from bot.views.events import event_card, event_list
from bot.views.labels import LABEL_LIMIT, cut_label
from bot.views.places import place_line
from tests.unit.views.samples import DAY, FORUM, NOW, SEATS, TALK


def test_labels_are_cut_with_an_ellipsis() -> None:
    assert cut_label("a  b\nc") == "a b c"
    assert cut_label("x" * 64) == "x" * 64
    cut = cut_label("word " * 40)
    assert len(cut) <= LABEL_LIMIT
    assert cut.endswith("…")


def test_a_long_list_says_how_many_more() -> None:
    events = [replace(TALK, id=number) for number in range(1, 31)]
    message = event_list(events, texts_for("en"))
    assert len(message.buttons) == 20
    assert "10 more events" in text_of(message.lines)


@pytest.mark.parametrize(
    ("city", "country", "venue", "english", "chinese"),
    [
        ("Beijing", "China", "", "Beijing, China; venue", "中国北京，具体会场"),
        ("", "Germany", "", "Place: Germany; venue", "德国"),
        ("", "", "", "Place: venue not announced yet.", "会场尚未公布"),
        ("Durham, NC", "USA", "Hall, Durham, NC", "Place: Hall, Durham, NC", "Hall, Durham, NC"),
        ("Beijing", "China", "Hall 1", "Place: Hall 1, Beijing, China", "Hall 1，中国北京"),
        ("Atlantis", "Nowhere", "", "Atlantis, Nowhere", "Atlantis，Nowhere"),
    ],
)
def test_places(city: str, country: str, venue: str, english: str, chinese: str) -> None:
    event = replace(FORUM, city=city, country=country, venue=venue)
    assert english in text_of([place_line(event, texts_for("en"))])
    assert chinese in text_of([place_line(event, texts_for("zh"))])


def test_an_event_is_over_only_after_its_end() -> None:
    assert TALK.end is not None
    assert TALK.start is not None
    assert DAY.start is not None
    assert not is_over(FORUM, NOW + timedelta(days=9999))
    assert not is_over(TALK, TALK.end.instant - timedelta(seconds=1))
    assert is_over(TALK, TALK.end.instant)
    assert not is_over(DAY, DAY.start.instant + timedelta(hours=23))
    assert is_over(DAY, DAY.start.instant + timedelta(days=1))
    assert not is_over(replace(TALK, end=None), TALK.start.instant + timedelta(hours=3))


def test_facts_that_are_no_sentences_stay_away_from_the_card() -> None:
    message = event_card(TALK, texts_for("en"), seats=SEATS, rsvp=None, now=NOW)
    text = text_of(message.lines)
    assert "None" not in text
    assert "['x']" not in text
    assert "https://example.org/day" in text


def test_a_status_that_is_a_sentence_is_told() -> None:
    event = replace(TALK, status="Registration is closed.")
    message = event_card(event, texts_for("en"), seats=SEATS, rsvp=None, now=NOW)
    assert "Registration is closed." in text_of(message.lines)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Happy New Year to you too!", "new-year"),
        ("Thanks, and a happy new year", "new-year"),
        ("新年快乐", "new-year"),
        ("谢谢！", "thanks"),
        ("Thank you so much", "thanks"),
        ("Hi", "greeting"),
        ("which", "other"),
        ("您好", "greeting"),
        ("再见", "farewell"),
        ("🎉", "other"),
    ],
)
def test_courtesies_have_kinds(text: str, kind: str) -> None:
    assert courtesy_kind(text) == kind
