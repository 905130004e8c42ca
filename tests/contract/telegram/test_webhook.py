"""The webhook: forged, malformed, not stored, told to Telegram again; and who is believed."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from telegram import Bot

from bot.adapters.base import Health
from bot.adapters.conformance import Collector, until
from bot.adapters.http import HttpRequest, HttpRoute
from bot.adapters.telegram.adapter import Webhook
from bot.adapters.telegram.factory import make_adapter
from bot.adapters.telegram.identity import ASK_AGAIN_SECONDS
from bot.adapters.telegram.webhook import (
    FIRST_PAUSE,
    LOOK_SECONDS,
    PATH,
    SECRET_HEADER,
    webhook_secret,
)
from bot.domain.incoming import Said
from bot.logs import redact
from bot.settings import Settings, SettingsError
from bot.simulators.telegram.methods import METHODS
from bot.simulators.telegram.world import BOT_USERNAME
from bot.storage.codec import from_json, to_json
from tests.contract.telegram.harness import Memory, TelegramHarness, WebhookHarness

ANA = TelegramHarness.user
UPDATE: dict[str, Any] = {
    "update_id": 7,
    "message": {
        "message_id": 1,
        "date": 1,
        "text": "hi",
        "from": {"id": int(ANA), "is_bot": False, "first_name": "Ana"},
        "chat": {"id": int(ANA), "type": "private"},
    },
}


@pytest.fixture
async def harness() -> AsyncIterator[WebhookHarness]:
    harness = WebhookHarness()
    await harness.start()
    async with harness.adapter.session():
        yield harness
    await harness.cut()


def route_of(harness: WebhookHarness, sink: Collector) -> HttpRoute:
    (route,) = harness.adapter.http_routes(sink)
    return route


def request(body: bytes, secret: str = WebhookHarness.secret) -> HttpRequest:
    return HttpRequest("POST", PATH, {SECRET_HEADER: secret}, body=body)


async def test_an_update_is_stored_before_it_is_acknowledged(harness: WebhookHarness) -> None:
    hanging = Collector(hang=True)
    route = route_of(harness, hanging)
    asking = asyncio.ensure_future(route.handle(request(json.dumps(UPDATE).encode())))
    await until(harness, lambda: hanging.calls)
    assert not asking.done()
    asking.cancel()
    sink = Collector()
    answer = await route_of(harness, sink).handle(request(json.dumps(UPDATE).encode()))
    assert (answer.status, sink.texts()) == (200, ["hi"])


async def test_what_is_not_stored_is_a_503(harness: WebhookHarness) -> None:
    route = route_of(harness, Collector(failures=1))
    body = json.dumps(UPDATE).encode()
    assert [(await route.handle(request(body))).status for _time in range(2)] == [503, 200]


@pytest.mark.parametrize("secret", ["", "x", WebhookHarness.secret[:-1], "ü" * 40])
async def test_whoever_does_not_know_the_secret_is_refused(
    harness: WebhookHarness, secret: str
) -> None:
    sink = Collector()
    route = route_of(harness, sink)
    answer = await route.handle(request(json.dumps(UPDATE).encode(), secret))
    assert answer.status == 403
    answer = await route.handle(HttpRequest("POST", PATH, body=json.dumps(UPDATE).encode()))
    assert answer.status == 403
    assert sink.calls == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'"x"',
        b"\xff\xfe",
        b'{"message": {}}',
        b'{"update_id": "7"}',
        b'{"update_id": true}',
        b'{"update_id": -1}',
        b'{"update_id": 1e3}',
        b'{"update_id": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"update_id":' * 50_000,
    ],
)
async def test_what_is_no_update_is_a_400(harness: WebhookHarness, body: bytes) -> None:
    sink = Collector()
    assert (await route_of(harness, sink).handle(request(body))).status == 400
    assert sink.calls == []


@pytest.mark.parametrize(
    "change",
    [
        {"message": None},
        {"message": 3},
        {"message": {"chat": {"id": "x"}}},
        {"message": {**UPDATE["message"], "date": 10**18}},
        {"message": {**UPDATE["message"], "entities": [{"type": "mention"}]}},
        {"callback_query": {"id": "1", "from": {"id": 1}}},
        {"my_chat_member": []},
        {"poll": {"id": 1}},
        {"a thing of the future": {"deep": [[[]]]}},
        {"message": {**UPDATE["message"], "text": 5}},
        {"message": {**UPDATE["message"], "text": {"a": "b"}}},
        {"edited_message": {**UPDATE["message"], "text": ["x"]}},
        {"message": {**UPDATE["message"], "message_id": {"a": 1}}},
        {"message": {**UPDATE["message"], "chat": {"id": 10**30, "type": "private"}}},
        {"message": {**UPDATE["message"], "chat": {"id": "x" * 5000, "type": "private"}}},
        {"message": {**UPDATE["message"], "chat": {"id": {"a": 1}, "type": "private"}}},
        {"message": {**UPDATE["message"], "from": {"id": 1.5, "first_name": "A"}}},
        {"message": {**UPDATE["message"], "from": {"id": True, "first_name": "A"}}},
        {"message": {**UPDATE["message"], "message_thread_id": [], "is_topic_message": True}},
    ],
)
async def test_an_update_that_we_cannot_read_is_passed_over(
    harness: WebhookHarness, change: dict[str, Any]
) -> None:
    body = json.dumps({"update_id": 8, **change}).encode()
    sink = Collector()
    assert (await route_of(harness, sink).handle(request(body))).status == 200
    assert sink.calls == []


async def test_names_that_are_none_are_left_out(harness: WebhookHarness) -> None:
    sink = Collector()
    who = {"id": int(ANA), "is_bot": False, "first_name": 5, "last_name": "x" * 9000}
    change = {**UPDATE["message"], "from": who | {"language_code": ["de"]}}
    body = json.dumps({"update_id": 8, "message": change}).encode()
    assert (await route_of(harness, sink).handle(request(body))).status == 200
    (said,) = sink.stored
    assert (said.locale, len(said.name)) == ("", 255)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
OVERHEARING = {"can_read_all_group_messages": True}
FIELDS = ("message", "edited_message", "callback_query", "my_chat_member", "chat", "from", "text")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.dictionaries(st.sampled_from(FIELDS), JSON), st.sampled_from(FIELDS), JSON)
async def test_nothing_that_somebody_sends_is_a_500(
    harness: WebhookHarness, top: dict[str, Any], name: str, value: object
) -> None:
    for body in (
        {"update_id": 9, **top},
        {**UPDATE, "message": {**UPDATE["message"], name: value}},
    ):
        sink = Collector()
        answer = await route_of(harness, sink).handle(request(json.dumps(body).encode()))
        assert answer.status in (200, 400)
        for one in sink.stored:
            assert from_json(to_json(one)) == one, "what is handed on can be stored and read again"
            assert len(one.where.chat) <= 20


async def test_telegram_is_told_where_we_are_and_again_when_it_forgot(
    harness: WebhookHarness,
) -> None:
    world = harness.simulator.world
    async with harness.receiving(Collector()):
        await until(harness, lambda: world.webhook)
        assert world.webhook == f"http://127.0.0.1:{harness.port}{PATH}"
        assert world.hook_secret == harness.secret
        world.webhook = "https://elsewhere.example/hook"
        await until(harness, lambda: world.webhook.startswith("http://127"), LOOK_SECONDS)


async def test_without_a_public_url_telegram_is_told_nothing(
    harness: WebhookHarness, caplog: pytest.LogCaptureFixture
) -> None:
    adapter = harness.new_adapter(webhook=Webhook("", harness.secret))
    async with adapter.session(), adapter.running(Collector()):
        await until(harness, lambda: "CONVOKE_PUBLIC_URL" in caplog.text)
    assert harness.simulator.world.webhook == ""


async def test_a_webhook_that_cannot_be_set_is_complained_of_once(
    harness: WebhookHarness, caplog: pytest.LogCaptureFixture
) -> None:
    harness.simulator.fault("error", 3, method="setWebhook", status=500)
    with caplog.at_level(logging.INFO):
        async with harness.adapter.running(Collector()):
            await until(harness, lambda: harness.simulator.world.webhook, passing=10.0)
    assert caplog.text.count("could not be set") == 1


async def test_an_update_that_comes_twice_keeps_its_number(harness: WebhookHarness) -> None:
    sink = Collector()
    async with harness.receiving(sink):
        harness.simulator.say(ANA, "once")
        await until(harness, lambda: len(sink.stored) == 1)
        harness.simulator.redeliver(1)
        await until(harness, lambda: len(sink.stored) == 2)
    assert len({one.delivery_id for one in sink.stored}) == 1


async def test_a_chat_keeps_its_order_while_others_go_on(harness: WebhookHarness) -> None:
    harness.simulator.add_person(replace(harness.simulator.people()[0], user="77"))
    sink = Collector(failures=1)
    async with harness.receiving(sink):
        for text in ("a1", "a2"):
            harness.simulator.say(ANA, text)
        harness.simulator.say("77", "b1")
        await until(harness, lambda: len(sink.stored) == 3, passing=0.5)
    assert [text for text in sink.texts() if text.startswith("a")] == ["a1", "a2"]


async def test_the_name_is_learnt_without_polling(harness: WebhookHarness) -> None:
    sink = Collector()
    async with harness.receiving(sink):
        await until(harness, lambda: harness.memory.values)
        chat = harness.simulator.create_room("Club")
        harness.simulator.add_bot(chat, ANA)
        harness.simulator.say(ANA, "<@bot> is it you?", chat)
        await until(harness, sink.texts)
    (said,) = [one for one in sink.stored if isinstance(one, Said)]
    assert (said.text, said.room, said.is_direct) == ("is it you?", "Club", False)


async def test_a_name_that_cannot_be_had_at_once_is_asked_for_again(
    harness: WebhookHarness,
) -> None:
    harness.simulator.fault("error", 2, method="getMe")
    harness.memory.values.clear()
    harness.adapter = harness.new_adapter()
    sink = Collector()
    async with harness.adapter.session(), harness.receiving(sink):
        await until(harness, harness.adapter.direct_link, passing=ASK_AGAIN_SECONDS)
        chat = harness.simulator.create_room("Club")
        harness.simulator.add_bot(chat, ANA)
        harness.simulator.say(ANA, "<@bot> is it you?", chat)
        await until(harness, sink.texts)


async def test_a_name_that_an_earlier_run_was_told_is_enough(harness: WebhookHarness) -> None:
    harness.memory.values[f"telegram.username.{harness.adapter.account}"] = "as_before_bot"
    harness.simulator.fault("error", 99, method="getMe")
    polling = TelegramHarness.new_adapter(harness)
    for adapter in (polling, harness.new_adapter()):
        async with adapter.session():
            await until(harness, adapter.direct_link)
            assert adapter.direct_link() == "https://t.me/as_before_bot"


async def test_an_address_that_telegram_does_not_take_says_what_to_do(
    harness: WebhookHarness, caplog: pytest.LogCaptureFixture
) -> None:
    harness.simulator.fault("error", method="setWebhook", status=400)
    async with harness.adapter.running(Collector()):
        await until(harness, lambda: "CONVOKE_PUBLIC_URL must be https" in caplog.text)
        await until(harness, lambda: harness.simulator.world.webhook, passing=5.0)


async def test_an_answer_that_makes_no_sense_does_not_end_the_keeping(
    harness: WebhookHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def surprise(*_: object, **__: object) -> None:
        raise KeyError("url")

    world = harness.simulator.world
    async with harness.adapter.running(Collector()):
        await until(harness, lambda: world.webhook)
        monkeypatch.setattr(Bot, "get_webhook_info", surprise)
        await until(harness, lambda: FIRST_PAUSE in harness.clock.slept, passing=LOOK_SECONDS)
        monkeypatch.undo()
        world.webhook = ""
        await until(harness, lambda: world.webhook, passing=5.0)


async def test_check_where_somebody_else_sets_the_webhook(harness: WebhookHarness) -> None:
    adapter = harness.new_adapter(webhook=Webhook("", harness.secret))
    async with adapter.session():
        assert "set CONVOKE_PUBLIC_URL" in (await adapter.check()).problem
        world = harness.simulator.world
        world.webhook = "https://theirs.example/hook"
        assert await adapter.check() == Health(True, adapter.account, BOT_USERNAME)
        world.allowed = ("message",)
        health = await adapter.check()
        assert "without callback_query, edited_message, my_chat_member" in health.problem
        harness.simulator.fault("error", method="getWebhookInfo", status=404)
        health = await adapter.check()
        assert health.ok
        assert "does not say whether the webhook is set" in health.problem


async def test_check_while_polling_is_content_with_a_server_that_knows_no_webhooks(
    harness: WebhookHarness,
) -> None:
    adapter = TelegramHarness.new_adapter(harness)
    async with adapter.session():
        harness.simulator.fault("error", method="getWebhookInfo", status=404)
        assert await adapter.check() == Health(True, adapter.account, BOT_USERNAME)
        harness.simulator.world.webhook = "https://forgotten.example/hook"
        assert "removes it" in (await adapter.check()).problem


async def test_check_says_when_the_bot_overhears_everything(
    harness: WebhookHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(METHODS, "getme", lambda world, _: world.bot() | OVERHEARING)
    assert "/setprivacy" in (await harness.adapter.check()).problem


async def test_check_says_what_is_wrong_with_the_webhook(harness: WebhookHarness) -> None:
    assert "no webhook is set yet" in (await harness.adapter.check()).problem
    world = harness.simulator.world
    world.webhook = "https://elsewhere.example/hook"
    assert "another address" in (await harness.adapter.check()).problem
    async with harness.adapter.running(Collector()):
        await until(harness, lambda: world.webhook.startswith("http://127"))
    assert (await harness.adapter.check()).problem == ""
    harness.simulator.say(ANA, "nobody listens")
    world.hook_error, world.hook_error_at = "Connection refused", world.now()
    health = await harness.adapter.check()
    assert health.ok
    assert "“Connection refused”" in health.problem


class TestSecret:
    def test_it_is_as_given_or_made_from_the_key(self) -> None:
        assert webhook_secret("given-1_2", "k" * 32, "7") == "given-1_2"
        made = webhook_secret("", "k" * 32, "7")
        assert made == webhook_secret("", "k" * 32, "7")
        assert made != webhook_secret("", "k" * 32, "8")
        assert made not in redact(f"the secret is {made}"), "no setting holds it"
        assert made != webhook_secret("", "l" * 32, "7")
        assert len(made) == 64

    @pytest.mark.parametrize("given", ["with space", "ümlaut", "x" * 257])
    def test_what_telegram_does_not_take_is_refused(self, given: str) -> None:
        with pytest.raises(ValueError, match="CONVOKE_TELEGRAM_WEBHOOK_SECRET"):
            webhook_secret(given, "", "7")

    def test_a_webhook_without_a_secret_does_not_start(
        self, monkeypatch: pytest.MonkeyPatch, harness: WebhookHarness
    ) -> None:
        monkeypatch.setenv("CONVOKE_TELEGRAM_TOKEN", harness.simulator.token)
        monkeypatch.setenv("CONVOKE_TELEGRAM_MODE", "webhook")
        with pytest.raises(SettingsError, match="CONVOKE_SECRET_KEY"):
            make_adapter(Settings(), Memory(), harness.clock)
