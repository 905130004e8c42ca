"""``docs/chat.md`` says every command, word and button as the handlers and catalogs do."""

import re

from bot.app import all_routes
from bot.i18n import command_words, languages, texts_for
from handlers import ROUTERS, questions
from tests.architecture import docs

PAGE = "docs/chat.md"
NAMES = {"English": "en", "中文": "zh", "Français": "fr", "Deutsch": "de"}
COMMANDS = docs.table(PAGE, "Command")
BUTTONS = docs.table(PAGE, "Button")


def test_every_language_has_a_column() -> None:
    assert sorted(NAMES.values()) == sorted(languages())
    for first in ("Command", "Button"):
        assert f"| {first} | {' | '.join(NAMES)} |" in docs.text(PAGE)


def test_every_command_with_its_words_in_their_order() -> None:
    assert sorted(row[0] for row in COMMANDS) == [f"`/{name}`" for name in all_routes().commands]
    for row in COMMANDS:
        for language, cell in zip(NAMES.values(), row[1:], strict=False):
            assert cell == texts_for(language)(f"commands.{row[0].strip('`/')}")


def test_no_other_word_is_a_command() -> None:
    described = {
        word.strip().casefold(): row[0].strip("`/")
        for row in COMMANDS
        for cell in (row[0].strip("`/"), *row[1 : 1 + len(NAMES)])
        for word in cell.split(",")
    }
    assert described == dict(command_words())


def test_every_button_with_its_label() -> None:
    for at, language in enumerate(NAMES.values(), 1):
        described = {row[0].strip("`"): row[at] for row in BUTTONS}
        texts = texts_for(language)
        assert described == {key: texts(key) for key in texts.keys("button.")}


def test_every_action_is_handled_and_described() -> None:
    handled = {name for router in ROUTERS for way, name in router.routes if way == "press"}
    named = set(re.findall(r"\(action `([\w-]+)`\)", docs.text(PAGE)))
    assert {row[1 + len(NAMES)].strip("`") for row in BUTTONS} | named == handled


def test_the_longest_question() -> None:
    assert f"up to {questions.LIMIT} characters" in docs.text(PAGE)
