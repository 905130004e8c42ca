"""The audience language: what is read, what is refused and where, and the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.audience import (
    MAX_LENGTH,
    All,
    And,
    Answered,
    AudienceError,
    Country,
    EventAnswer,
    Expression,
    Lang,
    Not,
    Or,
    Org,
    Role,
    Room,
    Tag,
    parse,
    terms,
    unparse,
)
from bot.domain.people import ContactRole

A, B, C = Tag("a"), Tag("b"), Tag("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("all", All()),
        (" ALL ", All()),
        ("org:cern", Org("cern")),
        ("org:中国科学院", Org("中国科学院")),
        ("country:cn", Country("CN")),
        ("lang:pt_BR", Lang("pt-br")),
        ("role:Focal", Role(ContactRole.FOCAL)),
        ('room:"The big room: (1)"', Room("The big room: (1)")),
        (r'room:"a \"b\" \\"', Room('a "b" \\')),
        ("event:forum-2020:going", EventAnswer("forum-2020", Answered.GOING)),
        ('event:"a:b":silent', EventAnswer("a:b", Answered.SILENT)),
        ("tag:a or tag:b and tag:c", Or(A, And(B, C))),
        ("(tag:a or tag:b)and tag:c", And(Or(A, B), C)),
        ("not tag:a and tag:b", And(Not(A), B)),
        ("not (tag:a and tag:b)", Not(And(A, B))),
        ("tag:a or tag:b or tag:c", Or(Or(A, B), C)),
        ("NOT NOT tag:A", Not(Not(A))),
        ("tag:and and tag:or", And(Tag("and"), Tag("or"))),
    ],
)
def test_expressions_are_read(text: str, tree: Expression) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("everybody", 1, "all"),
        ("all and", 8, "all"),
        ("all all", 5, "and, or"),
        ("tag:a and country:CHN", 11, "country:CN"),
        ("tag:a or or", 10, "all"),
        ("(tag:a", 7, ")"),
        ("tag:a)", 6, "and, or"),
        ("not", 4, "all"),
        ("role:admin", 1, "role:contact"),
        ("event:x", 1, "event:ID"),
        ("event:x:perhaps", 1, "event:x:going"),
        ("tag:", 1, "tag:NAME"),
        ("tag:a:b", 1, "tag:NAME"),
        ("colour:red", 1, "all"),
        ("all:x", 1, "all"),
        ("lang:!", 1, "lang:de"),
    ],
)
def test_a_wrong_term_is_refused_with_its_position(text: str, position: int, expected: str) -> None:
    with pytest.raises(AudienceError) as error:
        parse(text)
    assert error.value.key == "refusal.audience"
    assert error.value.position == position
    assert error.value.fields["position"] == position
    assert expected in str(error.value.fields["expected"])


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "refusal.audience"),
        (" \n", "refusal.audience"),
        ("x" * (MAX_LENGTH + 1), "refusal.too-long"),
        ("(" * 900, "refusal.audience-deep"),
        ("not " * 400 + "all", "refusal.audience-deep"),
        ('room:"open', "refusal.audience"),
        ('"', "refusal.audience"),
    ],
)
def test_what_is_no_expression_at_all_is_refused(text: str, key: str) -> None:
    with pytest.raises(AudienceError) as error:
        parse(text)
    assert error.value.key == key


def test_a_long_chain_is_no_nesting() -> None:
    text = " or ".join(["all"] * 280)
    assert unparse(parse(text)) == text


def test_terms_come_from_left_to_right() -> None:
    tree = parse("tag:a or not (tag:b and all)")
    assert tuple(terms(tree)) == (A, B, All())


values = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
    lambda value: bool(value.strip())
)
lowered = values.filter(lambda value: value == value.lower())
leaves: st.SearchStrategy[Expression] = st.one_of(
    st.just(All()),
    st.builds(Org, lowered),
    st.builds(Tag, lowered),
    st.builds(Room, values),
    st.builds(Country, st.from_regex("[A-Z]{2}", fullmatch=True)),
    st.builds(Lang, st.from_regex("[a-z]{2,3}(-[a-z0-9]{2,8})?", fullmatch=True)),
    st.builds(Role, st.sampled_from(ContactRole)),
    st.builds(EventAnswer, values, st.sampled_from(Answered)),
)


def joined(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.one_of(
        st.builds(And, inner, inner), st.builds(Or, inner, inner), st.builds(Not, inner)
    )


trees = st.recursive(leaves, joined, max_leaves=12)


@given(trees)
def test_the_way_back_gives_the_same_tree(tree: Expression) -> None:
    assert parse(unparse(tree)) == tree


pieces = st.sampled_from(
    [*'()": \\', "and", "or", "not", "all", "tag:x", "event:", ":", "中", "\0"]
)


@given(st.one_of(st.text(), st.lists(pieces).map("".join)))
def test_garbage_is_refused_and_raises_nothing_else(text: str) -> None:
    refused: AudienceError | None = None
    try:
        tree = parse(text)
    except AudienceError as error:
        refused = error
    if refused is None:
        assert parse(unparse(tree)) == tree
    else:
        assert 1 <= refused.position <= len(text) + 1
