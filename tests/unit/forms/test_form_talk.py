"""A form asked field by field: what is typed, pressed, refused, kept, skipped, taken back."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import form_talk
from bot.domain.address import AccountRef, Address, MessageRef
from bot.domain.form import Choice, Field, FieldKind, Form
from bot.domain.incoming import Pressed, Said
from bot.domain.message import Message, text_of
from bot.domain.refusal import Refusal
from bot.form_talk import Asked, Filled
from bot.i18n import languages, texts_for
from bot.routing import Dialog
from tests.unit.views.samples import NOW

HERE = Address("fake", "bot", "7")
COLOURS = (Choice("r", "Red"), Choice("g", "Green"), Choice("b", "Blue"))
FORM = Form(
    "paint",
    "Paint a wall",
    "Send",
    "en",
    (
        Field("who", "Who paints?", longest=10, hint="Your first name"),
        Field("one", "Which colour?", FieldKind.CHOICE, initial="g", choices=COLOURS),
        Field("many", "Which ones to mix?", FieldKind.CHOICES, choices=COLOURS, required=False),
        Field("note", "Anything else?", FieldKind.LINES, required=False),
    ),
    context="wall 5",
)
TEXTS = texts_for("en")


def said(text: str) -> Said:
    return Said(
        delivery_id="1", at=NOW, where=HERE, who=AccountRef("fake", "bot", "7"),
        is_direct=True, text=text,
    )  # fmt: skip


def pressed(value: str) -> Pressed:
    return Pressed(
        delivery_id="1", at=NOW, where=HERE, who=AccountRef("fake", "bot", "7"),
        is_direct=True, action="field", value=value, ref=MessageRef(HERE, "m"),
    )  # fmt: skip


def nothing_wrong(values: Mapping[str, str]) -> Mapping[str, str]:
    return {}


class Talk:
    """Somebody who answers one field after the other."""

    def __init__(self, check: form_talk.Check = nothing_wrong, form: Form = FORM) -> None:
        self.check = check
        self.last = form_talk.begin(form, TEXTS)
        self.filled: Filled | None = None

    def take(self, incoming: Said | Pressed) -> Message | Filled:
        # What stands in the database between two answers is JSON.
        dialog = Dialog(
            self.last.dialog.form, self.last.dialog.step, dict(self.last.dialog.answers)
        )
        taken = form_talk.take(incoming, dialog, TEXTS, self.check)
        if isinstance(taken, Asked):
            self.last = taken
            return taken.message
        self.filled = taken
        return taken

    def type(self, *texts: str) -> Message | Filled:
        return [self.take(said(text)) for text in texts][-1]

    def press(self, *values: str) -> Message | Filled:
        return [self.take(pressed(value)) for value in values][-1]


def shown(message: Message | Filled) -> str:
    assert isinstance(message, Message)
    return text_of(message.lines)


def labels(message: Message | Filled) -> list[str]:
    assert isinstance(message, Message)
    return [one.label for row in message.buttons for one in row]


def test_from_the_first_field_to_the_last() -> None:
    talk = Talk()
    first = shown(talk.last.message)
    assert first.startswith("Paint a wall\n\nWho paints? (1 of 4)\nYour first name")
    assert "cancel" in first
    assert labels(talk.type("  Ana ")) == ["Red", "Green", "Blue", "Keep: Green"]
    assert labels(talk.press("1:cr")) == ["Red", "Green", "Blue", "Done", "Skip"]
    assert labels(talk.press("2:cb"))[:3] == ["Red", "Green", "✓ Blue"]
    assert talk.last.in_place
    talk.press("2:cr", "2:cg", "2:cg", "2:d")
    assert labels(talk.last.message) == ["Skip"]
    done = talk.press("3:s")
    assert done == Filled(FORM, (("who", "Ana"), ("one", "r"), ("many", "r,b"), ("note", "")))


def test_everything_can_be_typed_too() -> None:
    talk = Talk()
    done = talk.type("Bo", "blue", "1， Green", "line one\nline two")
    assert isinstance(done, Filled)
    assert dict(done.values) == {
        "who": "Bo",
        "one": "b",
        "many": "r,g",
        "note": "line one\nline two",
    }


def test_keeping_what_stands_there() -> None:
    talk = Talk()
    talk.type("Bo")
    talk.press("1:k", "2:s")
    done = talk.type("x")
    assert isinstance(done, Filled)
    assert dict(done.values)["one"] == "g"


@pytest.mark.parametrize(("text", "why"), [("  ", "needed"), ("x" * 11, "10 characters")])
def test_what_is_refused_is_asked_again_and_says_why(text: str, why: str) -> None:
    talk = Talk()
    said_so = shown(talk.type(text))
    assert why in said_so
    assert "Who paints?" in said_so
    assert "Which colour?" in shown(talk.type("Bo"))


def test_a_colour_that_is_none_is_refused() -> None:
    talk = Talk()
    assert "choose one of these" in shown(talk.type("Bo", "mauve"))
    assert "choose one of these" in shown(talk.type("red", "red, mauve"))


def test_the_forms_own_check_speaks_at_its_field_and_of_no_later_one() -> None:
    def check(values: Mapping[str, str]) -> Mapping[str, str]:
        wrong = {"note": "Say a little more."} if len(values.get("note", "")) < 3 else {}
        return wrong | ({"who": "Ana is on holiday."} if values["who"] == "Ana" else {})

    talk = Talk(check)
    assert "on holiday" in shown(talk.type("Ana"))
    talk.type("Bo", "red", "green")
    assert "a little more" in shown(talk.type("hm"))
    assert isinstance(talk.type("hmmm"), Filled)


def test_what_is_wrong_only_together_goes_back_to_its_field() -> None:
    def check(values: Mapping[str, str]) -> Mapping[str, str]:
        return {"one": "Not with that note."} if values.get("note") == values.get("one") else {}

    talk = Talk(check)
    assert "Not with that note." in shown(talk.type("Bo", "red", "green", "r"))
    assert isinstance(talk.type("blue", "green", "r"), Filled)


@pytest.mark.parametrize("value", ["0:cr", "2:cr", "1:cx", "1:d", "1:s", "1:", "", "1:kk:", "x:cr"])
def test_a_button_of_another_question_or_of_nobody_is_refused(value: str) -> None:
    talk = Talk()
    talk.type("Bo")
    if value == "1:kk:":
        value = "0:k"
    with pytest.raises(Refusal):
        talk.press(value)
    assert isinstance(talk.press("1:cr"), Message)


def test_a_question_in_between_answers_no_field() -> None:
    assert not form_talk.is_answer(said("Is there childcare?"))
    assert not form_talk.is_answer(said("有托儿服务吗？ "))
    assert form_talk.is_answer(said("Bo"))
    assert form_talk.is_answer(pressed("0:s"))


@given(st.lists(st.text(max_size=20), max_size=12))
def test_whatever_is_typed_a_field_stays_open_or_the_form_is_whole(texts: list[str]) -> None:
    talk = Talk()
    for text in texts:
        if isinstance(talk.type(text), Filled):
            break
    if talk.filled:
        values = dict(talk.filled.values)
        assert list(values) == ["who", "one", "many", "note"]
        assert 0 < len(values["who"]) <= 10
        assert values["one"] in {"r", "g", "b"}
        assert set(filter(None, values["many"].split(","))) <= {"r", "g", "b"}


@pytest.mark.parametrize("language", languages())
def test_every_language_asks(language: str) -> None:
    asked = form_talk.begin(FORM, texts_for(language))
    assert "Who paints?" in shown(asked.message)
    if language != "en":
        assert "To stop" not in shown(asked.message)


FILLED_IN = replace(
    FORM,
    keeps_rest=True,
    fields=(replace(FORM.fields[0], initial="Ana"), *FORM.fields[1:]),
)


def test_all_that_is_left_is_kept_with_one_press() -> None:
    talk = Talk(form=FILLED_IN)
    assert labels(talk.last.message) == ["Keep: Ana", "Keep all the rest"]
    assert labels(talk.type("Bo"))[-1] == "Keep all the rest"
    done = talk.press("1:r")
    assert isinstance(done, Filled)
    assert dict(done.values) == {"who": "Bo", "one": "g", "many": "", "note": ""}


def test_the_rest_is_not_kept_where_something_needed_is_missing_or_little_is_left() -> None:
    empty = Talk(form=replace(FORM, keeps_rest=True))
    with pytest.raises(Refusal):
        empty.press("0:r")
    talk = Talk(form=FILLED_IN)
    talk.press("0:k", "1:k")
    assert "Keep all the rest" not in labels(talk.last.message)
    with pytest.raises(Refusal):
        talk.press("2:r")
    with pytest.raises(Refusal):
        Talk().press("0:r")


def test_the_rest_that_does_not_fit_is_asked_where_it_is_wrong() -> None:
    def check(values: Mapping[str, str]) -> Mapping[str, str]:
        return {"one": "Green is sold out."} if values.get("one") == "g" else {}

    talk = Talk(check, FILLED_IN)
    said_so = talk.press("0:r")
    assert "sold out" in shown(said_so)
    talk.type("red")
    talk.press("2:d")
    done = talk.type("nothing")
    assert isinstance(done, Filled)
    assert dict(done.values)["one"] == "r"


def test_words_that_can_be_kept_are_shown_whole() -> None:
    words = "Dear members,\n\nsee you."
    field = Field("text", "The words", FieldKind.LINES, initial=words)
    assert words in shown(form_talk.begin(replace(FORM, fields=(field,)), TEXTS).message)
