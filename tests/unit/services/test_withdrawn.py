"""What becomes of a copy with files that the platform does not delete any more."""

from types import SimpleNamespace
from typing import Any

import pytest

from bot.adapters.slack import render as slack
from bot.adapters.telegram import render as telegram
from bot.domain.message import Attachment, plain
from bot.domain.reader import Reader
from bot.services.delivery import _withdrawn

FILES = (
    Attachment("poster.png", "image/png", b"-"),
    Attachment("paper.pdf", "application/pdf", b"-"),
)
READER = Reader("en", "UTC")


def part(render: Any, number: int) -> dict[str, Any]:
    adapter: Any = SimpleNamespace(render=render)
    made = _withdrawn(adapter, plain("This was withdrawn."), FILES, number, READER)
    return dict(made.payload)


@pytest.mark.parametrize(("number", "name"), [(1, "poster.png"), (2, "paper.pdf")])
def test_on_telegram_each_file_says_it_below(number: int, name: str) -> None:
    made = part(telegram.render, number)
    assert made["file"]["name"] == name
    assert "This was withdrawn." in made["html"]


def test_on_telegram_the_words_say_it_as_words() -> None:
    made = part(telegram.render, 3)
    assert "file" not in made
    assert "This was withdrawn." in made["html"]


def test_on_slack_words_and_files_are_one_message() -> None:
    made = part(slack.render, 1)
    assert "This was withdrawn." in str(made)
    assert not made.get("files")
