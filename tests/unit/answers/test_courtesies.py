"""Courtesies in four languages, and questions that only begin with one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.courtesies import is_courtesy


@pytest.mark.parametrize(
    "text",
    [
        "Happy New Year to you too",
        "Happy New Year to you too!!! 🎉",
        "happy 2020 everyone",
        "Thanks",
        "thank you very much for the info",
        "Many thanks, dear all",
        "Hello!",
        "Good morning team",
        "How are you?",
        "You're welcome",
        "Same to you :)",
        "Best wishes to you and your family",
        "谢谢",
        "谢谢你们！",
        "非常感谢秘书处的回复",
        "新年快乐",
        "也祝你们新年快乐，万事如意！",
        "新年快樂 謝謝",
        "您好",
        "收到，谢谢",
        "👍",
        "👍🏽🎆",
        "❤️",
        "🙏🙏",
        "merci beaucoup",
        "Merci à vous, bonne année !",
        "Meilleurs vœux à tous",
        "Bonjour",
        "Vielen Dank",
        "Frohes neues Jahr Ihnen auch",
        "Danke schön, gleichfalls",
        "Schöne Grüße",
        "Tschüss",
        "Hello, 谢谢",
        "Well received with thanks",
        "Danke, ebenfalls!",
        "Bien reçu, merci",
        "Pareillement !",
        "谢谢，祝好",
    ],
)
def test_courtesies_are_seen(text: str) -> None:
    assert is_courtesy(text)


@pytest.mark.parametrize(
    "text",
    [
        "Hello, when is the forum?",
        "Have you received our registration?",
        "Vous avez bien reçu notre inscription ?",
        "Thanks! And where is it?",
        "Happy New Year! Is the date fixed?",
        "你好，论坛什么时候举行？",
        "谢谢，地点在哪里",
        "Bonjour, où est la conférence ?",
        "Danke, und wann beginnt es?",
        "when is the forum",
        "hi-fi room?",
        "Hiroshima",
        "thankless",
        "you",
        "各位",
        "2",
        "1️⃣",
        "?",
        "",
        "   ",
        "!!!",
        "thanks " * 100,
        "yes",
        "👍 we send 3 experts",
    ],
)
def test_everything_else_is_none(text: str) -> None:
    assert not is_courtesy(text)


@given(st.text())
def test_no_text_raises(text: str) -> None:
    is_courtesy(text)
