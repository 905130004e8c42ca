"""The catalogs: complete, of one shape, and idiomatic as far as a test can see."""

import re
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

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


def test_the_languages_of_the_alliance_are_there() -> None:
    assert {"en", "zh", "fr", "de"} <= set(languages())


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


FAMILIAR = {
    "zh": re.compile("你"),
    "fr": re.compile(r"\b(?:tu|toi|te|ton|ta|tes)\b", re.IGNORECASE),
    "de": re.compile(r"\b(?:du|dich|dir|dein\w*|euch|euer|eure\w*)\b", re.IGNORECASE),
}


@pytest.mark.parametrize("language", FAMILIAR)
def test_readers_are_addressed_politely(language: str) -> None:
    for key, forms in messages(language).items():
        if not key.startswith(("courtesy-words.", "commands.")):
            assert not any(FAMILIAR[language].search(form) for form in forms), key


def said_in(language: str) -> list[tuple[str, str]]:
    """Return (key, form without its placeholders) of all that is read, not typed."""
    typed = ("time.day", "city.", "courtesy-words.", "commands.")
    return [
        (key, FIELD.sub("", form))
        for key, forms in messages(language).items()
        if not key.startswith(typed)
        for form in forms
    ]


ENGLISH = re.compile(
    r"\b(?:the|and|you|your|is|are|of|to|with|that|this|please|not|it|there|has|been|will)\b",
    re.IGNORECASE,
)
ALIKE = {
    "fr": {"event.contact", "event.invitation", "answer.source", "privacy.contact", "event.on",
           "request.organisation", "topic.invitations", "request.email"},
    "de": {"request.name", "request.organisation", "button.messenger"},
}  # fmt: skip
"""Texts with words that happen to be written the same in English."""


@pytest.mark.parametrize("language", ALIKE)
def test_no_english_is_left(language: str) -> None:
    english = dict(said_in("en"))
    for key, form in said_in(language):
        assert not ENGLISH.search(form), f"{key}: {form}"
        is_alike = re.sub(r"\s", "", form) == re.sub(r"\s", "", english[key])
        has_words = re.search(r"[^\W\d_]{3}", form) and "UTC" not in form
        assert not (is_alike and has_words) or key in ALIKE[language], f"{key}: {form}"


def test_french_spaces_and_quotes() -> None:
    for key, form in said_in("fr"):
        assert not re.search("(?<!\u202f)[;!?]", form), f"{key}: {form}"
        assert not re.search("(?<!\u00a0):", form), f"{key}: {form}"
        assert not re.search("«(?!\u00a0)|(?<!\u00a0)»", form), f"{key}: {form}"
        assert not re.search("[\"'“”„]", form), f"{key}: {form}"


def test_german_quotes() -> None:
    for key, form in said_in("de"):
        assert not re.search("[\"'”«»]", form), f"{key}: {form}"
        assert form.count("„") == form.count("“"), f"{key}: {form}"


@given(st.sampled_from(languages()), st.integers(0, 10**9))
def test_every_number_takes_the_form_that_cldr_gives_it(language: str, count: int) -> None:
    forms = messages(language)["seats.left"]
    is_one = Locale(language).plural_form(count) == "one"
    wanted = forms[0] if is_one or len(forms) == 1 else forms[1]
    texts = texts_for(language)
    said = texts.plural("seats.left", count)
    assert said == wanted.replace("{count}", texts.number(count))


@pytest.mark.parametrize("language", languages())
def test_the_quoted_command_words_are_commands(language: str) -> None:
    texts = texts_for(language)
    for key in texts.keys("refusal."):
        for word in re.findall(r"[“„«]([^”“»{]+)[”“»]", texts.get(key) or ""):
            assert word.strip().casefold() in command_words(), f"{key}: {word}"


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
