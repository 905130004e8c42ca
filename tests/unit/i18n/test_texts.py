"""Texts: placeholders, plurals, lines, and which language a tag means."""

import pytest

from bot.domain.message import Bold, Text
from bot.i18n import best_language, command_words, texts_for


def test_fields_are_filled_and_never_read_as_templates() -> None:
    texts = texts_for("en")
    assert texts("answer.source", title="{title} {0} %s") == "Source: {title} {0} %s"


def test_numbers_are_grouped() -> None:
    assert "2,000" in texts_for("en")("refusal.too-long", limit=2000)


def test_plurals() -> None:
    english, chinese = texts_for("en"), texts_for("zh")
    assert english.plural("seats.left", 1) == "1 seat is left."
    assert english.plural("seats.left", 0) == "0 seats are left."
    assert chinese.plural("seats.left", 7) == "剩余7个席位。"


def test_french_counts_nothing_in_the_singular() -> None:
    assert texts_for("fr").plural("seats.left", 0) == "Il reste 0 place."
    assert texts_for("de").plural("seats.left", 0) == "0 Plätze sind frei."


def test_lines_carry_inline_parts() -> None:
    made = texts_for("en").line("events.item", title=Bold("A"), when="soon")
    assert made == (Text("• "), Bold("A"), Text(": "), Text("soon"))


def test_missing_texts_fields_and_catalogs_raise() -> None:
    texts = texts_for("zh")
    with pytest.raises(KeyError):
        texts("no.such")
    with pytest.raises(KeyError):
        texts("answer.source")
    with pytest.raises(LookupError, match="en, "):
        texts_for("tlh")


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (("zh-hans",), "zh"),
        (("zh_CN",), "zh"),
        (("ZH-Hant-TW",), "zh"),
        (("en_US.UTF-8",), "en"),
        (("", "pt-BR", "zh"), "zh"),
        (("pt-BR",), "en"),
        (("", " "), "en"),
        (("-", "_", "../zh"), "en"),
        ((), "en"),
    ],
)
def test_best_language(wanted: tuple[str, ...], language: str) -> None:
    assert best_language(*wanted, default="en") == language


def test_bare_words_are_commands_in_every_language() -> None:
    words = command_words()
    assert words["help"] == words["帮助"] == words["aide"] == words["hilfe"] == "help"
    assert words["events"] == words["活动"] == "events"
    assert words["stop"] == words["退订"] == "stop"
    assert words["going"] == "going"
    assert words["cancel"] == words["取消"] == "cancel"
