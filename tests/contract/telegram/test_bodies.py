"""The encoded bodies of parts that many people get."""

import json
from collections.abc import Mapping
from urllib.parse import parse_qs

import pytest

from bot.adapters.base import Part
from bot.adapters.telegram.bodies import KEPT, Bodies
from bot.adapters.telegram.request import encoded


def _part(text: str, **more: object) -> Part:
    return Part({"html": text, **more}, text)


def test_a_body_says_all_but_the_chat() -> None:
    rows = [[{"text": "去吗？", "data": "rsvp:1"}]]
    body = Bodies(paid_broadcast=True).of(_part("a & b = <b>é</b>", buttons=rows))
    said = {name: value for name, (value,) in parse_qs(body.decode("ascii")).items()}
    keyboard = json.loads(said.pop("reply_markup"))
    assert keyboard == {"inline_keyboard": [[{"text": "去吗？", "callback_data": "rsvp:1"}]]}
    assert json.loads(said.pop("link_preview_options")) == {"is_disabled": True}
    assert said == {
        "text": "a & b = <b>é</b>",
        "parse_mode": "HTML",
        "allow_paid_broadcast": "true",
    }


def test_nothing_is_paid_for_unasked() -> None:
    assert b"allow_paid_broadcast" not in Bodies().of(_part("hello"))


def test_a_body_is_made_once_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def noted(fields: Mapping[str, str]) -> bytes:
        made.append(fields["text"])
        return encoded(fields)

    monkeypatch.setattr("bot.adapters.telegram.bodies.encoded", noted)
    kept, one, same = Bodies(), _part("hello"), _part("hello")
    assert kept.of(one) == kept.of(one) == kept.of(same)
    assert made == ["hello", "hello"]


def test_no_part_ever_gets_the_body_of_another_and_few_are_kept() -> None:
    kept = Bodies()
    for number in range(3 * KEPT):
        assert f"text=number+{number}&".encode() in kept.of(_part(f"number {number}"))
        assert len(kept._kept) <= KEPT
