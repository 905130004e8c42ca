"""The catalogs: complete, of one shape, and idiomatic as far as a test can see."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.domain.outcome import Reason
from bot.domain.rsvp import Answer
from bot.i18n import command_words, languages, texts_for

LOCALE = Path(__file__).parents[3] / "bot" / "locale"
FIELD = re.compile(r"\{(\w+)\}")
ALLOWED_LATIN = {"UTC"}
LABEL = 30
LEFT_OUT = {("zh", "time.venue"): {"offset"}}
"""北京时间 is the name of a standard time; the offset beside it would read oddly."""


def catalog(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "convoke.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def key_of(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def forms_of(message: Message) -> tuple[str, ...]:
    given = message.string
    return (given,) if isinstance(given, str) else tuple(given or ())


def messages(language: str) -> dict[str, tuple[str, ...]]:
    return {key_of(one): forms_of(one) for one in catalog(language) if one.id}


def test_english_and_chinese_are_there() -> None:
    assert {"en", "zh"} <= set(languages())


@pytest.mark.parametrize("language", languages())
def test_same_keys_and_placeholders_as_english(language: str) -> None:
    ours, english = messages(language), messages("en")
    assert set(ours) == set(english)
    for key, forms in ours.items():
        wanted = set(FIELD.findall(english[key][-1]))
        for form in forms:
            found = set(FIELD.findall(form)) | LEFT_OUT.get((language, key), set())
            # A singular may say "one" instead of the number.
            assert found | ({"count"} & wanted) == wanted, f"{language} {key}: {form}"


@pytest.mark.parametrize("language", languages())
def test_nothing_is_empty_fuzzy_doubled_or_of_the_wrong_number_of_forms(language: str) -> None:
    read = catalog(language)
    text = (LOCALE / language / "LC_MESSAGES" / "convoke.po").read_text()
    ids = re.findall(r'^msgid "(.+)"$', text, re.MULTILINE)
    assert len(ids) == len(set(ids))
    for message in read:
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        assert len(forms_of(message)) == (read.num_plurals if message.pluralizable else 1)
        assert all(form.strip() == form and form for form in forms_of(message)), message.id


@pytest.mark.parametrize("language", languages())
def test_plural_forms_are_those_of_the_language(language: str) -> None:
    texts = texts_for(language)
    one, two = texts.plural("seats.left", 1), texts.plural("seats.left", 2)
    assert "1" in one
    assert one.replace("1", "2") != two or catalog(language).num_plurals == 1


@pytest.mark.parametrize("language", languages())
def test_labels_are_short_and_the_software_is_not_named(language: str) -> None:
    for key, forms in messages(language).items():
        for form in forms:
            assert "convoke" not in form.casefold(), key
            assert "CST" not in form, key
            if key.startswith("button."):
                assert len(form) <= LABEL, f"{key}: {form}"


def test_chinese_holds_no_english_and_no_half_width_punctuation() -> None:
    for key, forms in messages("zh").items():
        if key.startswith(("time.day", "courtesy-words.", "commands.")):
            continue
        for form in forms:
            words = set(re.findall(r"[A-Za-z]+", FIELD.sub("", form)))
            assert words <= ALLOWED_LATIN, f"{key}: {form}"
            assert not re.search(r"[,;:!?()]|\.(?!\d)", FIELD.sub("", form)), f"{key}: {form}"


def test_chinese_is_polite() -> None:
    for key, forms in messages("zh").items():
        if not key.startswith(("courtesy-words.", "commands.")):
            assert not any("你" in form for form in forms), key


@pytest.mark.parametrize("language", languages())
def test_the_quoted_command_words_are_commands(language: str) -> None:
    texts = texts_for(language)
    for key in texts.keys("refusal."):
        for word in re.findall(r"“([^”{]+)”", texts.get(key) or ""):
            assert word.casefold() in command_words(), f"{key}: {word}"


@pytest.mark.parametrize("language", languages())
def test_every_value_that_picks_a_text_has_one(language: str) -> None:
    keys = set(texts_for(language).keys())
    assert {f"button.{one}" for one in Answer} <= keys
    assert {f"reason.{one}" for one in Reason} <= keys
    commands = texts_for(language).keys("commands.")
    assert {key.replace("commands.", "about.") for key in commands} <= keys


def test_texts_used_in_the_program_are_in_the_catalog() -> None:
    root = LOCALE.parents[1]
    known = set(texts_for("en").keys())
    prefixes = {key.partition(".")[0] for key in known}
    code = re.compile(r"[\"']([a-z]+(?:-[a-z]+)*\.[a-z_.-]+[a-z])[\"']")
    for folder in ("bot/views", "bot/services", "handlers", "bot/answers"):
        for path in (root / folder).rglob("*.py"):
            for key in code.findall(path.read_text()):
                if key.partition(".")[0] in prefixes - {"events", "answers", "courtesy"}:
                    assert key in known, f"{path.name}: {key}"
