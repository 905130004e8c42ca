"""Reconciliation: was it delivered after all?"""

import logging
import time
from typing import Any

import pytest

from bot.adapters.base import DeliveryKey
from bot.adapters.slack.history import CALLS
from bot.adapters.slack.manifest import BOT_SCOPES
from bot.domain.address import Address
from bot.domain.message import plain
from bot.domain.outcome import Later, Scope, Unknown
from bot.domain.reader import Reader
from tests.contract.slack.conftest import USER, SlackHarness

READER = Reader("en", "UTC")


async def lost(harness: SlackHarness, key: int) -> Address:
    """Send a message whose answer gets lost."""
    to = Address("slack", harness.adapter.account, USER)
    assert await harness.adapter.open_direct(to) is None
    harness.simulator.lose_answers(1)
    part = harness.adapter.render(plain("precious"), READER)[0]
    assert isinstance(await harness.adapter.send(to, part, DeliveryKey(key)), Unknown)
    return to


async def test_a_lost_answer_is_found(harness: SlackHarness) -> None:
    to = await lost(harness, 41)
    (shown,) = harness.simulator.journal.from_bot(USER)
    found = await harness.adapter.find(to, DeliveryKey(41), time.time())
    assert found is not None
    assert not isinstance(found, Later)
    assert (found.id, found.address) == (shown.id, to)
    assert await harness.adapter.find(to, DeliveryKey(4), time.time()) is None


async def test_it_is_found_behind_many_pages(harness: SlackHarness) -> None:
    to = await lost(harness, 41)
    for number in range(450):
        harness.simulator.say(USER, str(number))
    assert await harness.adapter.find(to, DeliveryKey(41), 0.0) is not None
    calls = [one.method for one in harness.simulator.journal.requests]
    assert calls.count("conversations.history") == 3


async def test_a_moved_calendar_hides_nothing(harness: SlackHarness) -> None:
    """A rehearsal's calendar is months ahead; Slack stamps with real time."""
    to = await lost(harness, 41)
    assert await harness.adapter.find(to, DeliveryKey(41), time.time() + 1e7) is not None


async def test_what_cannot_be_said_now_is_later(harness: SlackHarness) -> None:
    to = await lost(harness, 41)
    harness.simulator.answer_errors(1, 429, 60, method="conversations.history")
    answer = await harness.adapter.find(to, DeliveryKey(41), 0.0)
    assert isinstance(answer, Later)
    assert answer.after == 60
    for code in ("missing_scope", "internal_error", "channel_not_found"):
        harness.simulator.refuse(code, "conversations.history")
        assert isinstance(await harness.adapter.find(to, DeliveryKey(41), 0.0), Later)
    stranger = Address("slack", harness.adapter.account, "U0NOBODY")
    assert isinstance(await harness.adapter.find(stranger, DeliveryKey(41), 0.0), Later)


def history_of(harness: SlackHarness) -> list[dict[str, Any]]:
    """Return the messages of the person's direct chat, to be changed as a server might."""
    return [
        message
        for channel in harness.simulator.workspace.channels.values()
        for message in channel.messages
    ]


async def test_metadata_that_are_withheld_say_nothing(harness: SlackHarness) -> None:
    """Not "certainly absent": the message is there, and would be sent a second time."""
    to = await lost(harness, 41)
    for message in history_of(harness):
        message.pop("metadata", None)
    answer = await harness.adapter.find(to, DeliveryKey(41), 0.0)
    assert isinstance(answer, Later)
    assert answer.scope is Scope.CHAT


async def test_another_message_of_ours_without_metadata_is_enough_to_doubt(
    harness: SlackHarness,
) -> None:
    to = await lost(harness, 41)
    await lost(harness, 42)
    history_of(harness)[-1].pop("metadata")
    assert isinstance(await harness.adapter.find(to, DeliveryKey(7), 0.0), Later)


async def test_what_others_write_has_no_metadata_and_raises_no_doubt(
    harness: SlackHarness,
) -> None:
    to = await lost(harness, 41)
    harness.simulator.say(USER, "hello?")
    foreign = {"type": "message", "text": "x", "ts": f"{time.time():.6f}"}
    for channel in harness.simulator.workspace.channels.values():
        channel.messages.append({**foreign, "user": "U0OTHERBOT", "bot_id": "B0OTHER"})
        channel.messages.append({**foreign, "user": "U0CONVOKEBOT", "subtype": "channel_join"})
    assert await harness.adapter.find(to, DeliveryKey(7), 0.0) is None


async def test_history_is_read_no_faster_than_slack_allows(harness: SlackHarness) -> None:
    to = await lost(harness, 41)
    for _ in range(CALLS):
        assert await harness.adapter.find(to, DeliveryKey(7), 0.0) is None
        harness.clock.advance(0.5)
    asked = len(harness.simulator.journal.requests)
    answer = await harness.adapter.find(to, DeliveryKey(7), 0.0)
    assert answer == Later(59.5, Scope.ACCOUNT, "history is paced")
    assert len(harness.simulator.journal.requests) == asked
    harness.clock.advance(60)
    assert await harness.adapter.find(to, DeliveryKey(7), 0.0) is None


@pytest.mark.parametrize(
    "case",
    [
        ("", True, False),
        ("chat:write, im:history,im:write", True, True),
        (",".join(BOT_SCOPES), True, False),
        (",".join(one for one in BOT_SCOPES if one != "im:history"), False, False),
    ],
)
async def test_a_scope_that_only_finding_needs_is_advice(
    harness: SlackHarness,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    case: tuple[str, bool, bool],
) -> None:
    """A server may name no scopes at all, and a bot that never loses an answer needs none."""
    granted, ok, warned = case
    ask = harness.adapter._web.ask

    async def with_scopes(*given: Any, **more: Any) -> Any:
        answer: Any = await ask(*given, **more)
        answer.headers = {"X-OAuth-Scopes": granted} if granted else {}
        return answer

    monkeypatch.setattr(harness.adapter._web, "ask", with_scopes)
    with caplog.at_level(logging.WARNING):
        health = await harness.adapter.check()
    assert health.ok is ok
    assert ("metadata.message:read" in caplog.text) is warned
