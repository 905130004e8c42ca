"""Names of rooms, where a card stands, and which rooms an audience reaches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import audience as a
from bot.domain.address import Address
from bot.domain.delivery import FINISHED, DeliveryState, Kind
from bot.domain.room import NAME_LENGTH, RECENT_SECONDS, Card, CardState, LastRow, Room, room_name

ROOM = Room(1, 1, Address("telegram", "bot", "-5"), "forum", "Forum")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Frontier Forum 2020", "frontier-forum-2020"),
        ("科学中心联络群", "科学中心联络群"),
        ("Café – München", "cafe-munchen"),
        ("", "room"),
        ("🎉🎉", "room"),
        ("<b>x</b> *y*", "b-x-b-y"),
        ("x" * 500, "x" * NAME_LENGTH),
    ],
)
def test_a_title_makes_a_name(title: str, name: str) -> None:
    assert room_name(title) == name


@given(st.text(max_size=200))
def test_a_name_stays_itself_and_is_read_back_from_an_audience(title: str) -> None:
    name = room_name(title)
    assert name
    assert room_name(name) == name
    assert len(name) <= NAME_LENGTH
    assert a.parse(a.unparse(a.Room(name))) == a.Room(name)


def card(message_id: str = "", last: LastRow | None = None, thread: str = "") -> Card:
    return Card(1, ROOM, 2, thread, message_id, 0, 0, 0.0, posted_epoch=1000.0, last=last)


def last(kind: Kind, state: DeliveryState) -> LastRow:
    return LastRow(9, kind, state, "", "")


@pytest.mark.parametrize("state", list(DeliveryState))
def test_where_a_card_stands(state: DeliveryState) -> None:
    done = state in FINISHED
    posting = card("", last(Kind.SEND, state))
    assert posting.state is (CardState.NONE if done else CardState.POSTING)
    edited = card("m1", last(Kind.EDIT, state))
    assert edited.state is (CardState.STANDING if done else CardState.REFRESHING)
    assert card().state is CardState.NONE
    assert card("m1").state is CardState.STANDING


def test_a_card_is_before_their_eyes_where_it_was_posted_not_long_ago() -> None:
    stands = card("m1", thread="t")
    assert stands.is_recent("t", 1000.0 + RECENT_SECONDS - 1)
    assert not stands.is_recent("t", 1000.0 + RECENT_SECONDS)
    assert not stands.is_recent("other", 1001.0)
    assert not stands.is_recent("t", 900.0), "a clock that was set back"
    assert not card(thread="t").is_recent("t", 1001.0)
    assert card("", last(Kind.SEND, DeliveryState.SENDING)).is_recent("other", 9e9)


NAMES = ("x", "y", "z")
terms = st.sampled_from(
    [a.All(), a.Org("o"), a.Lang("de"), a.Tag("t"), *(a.Room(name) for name in NAMES)]
)
expressions = st.recursive(
    terms,
    lambda inner: st.one_of(
        st.builds(a.And, inner, inner), st.builds(a.Or, inner, inner), st.builds(a.Not, inner)
    ),
    max_leaves=12,
)


def truth(expression: a.Expression, true: frozenset[a.Expression]) -> bool:
    match expression:
        case a.And(left, right):
            return truth(left, true) and truth(right, true)
        case a.Or(left, right):
            return truth(left, true) or truth(right, true)
        case a.Not(inner):
            return not truth(inner, true)
        case _:
            return expression in true


@given(expressions)
def test_a_room_receives_where_it_alone_makes_the_difference(expression: a.Expression) -> None:
    reached = a.rooms(expression)
    for name in NAMES:
        with_it = truth(expression, frozenset({a.Room(name)}))
        without = truth(expression, frozenset())
        assert (name in reached) == (with_it and not without)
    assert len(set(reached)) == len(reached)


def test_what_is_not_pulls_no_room_in() -> None:
    for text in ("all", "not all", "not room:x", "not org:o or room:x", "all and room:x"):
        assert a.rooms(a.parse(text)) == ()
    assert a.rooms(a.parse("room:x or room:y and not room:z or room:x")) == ("x", "y")
