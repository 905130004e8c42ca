"""What comes in: mapping, forged presses, outages, and servers that say little."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from aiohttp import web

from bot.adapters.base import DeliveryKey
from bot.adapters.conformance import Collector, until
from bot.adapters.slack import SlackAdapter
from bot.domain.address import Address
from bot.domain.incoming import Commanded, Edited, Pressed, Said
from bot.domain.message import Button, Message, line, plain
from bot.domain.outcome import Delivered
from bot.domain.reader import Reader
from bot.simulators.base import SimulatedPerson
from tests.contract.slack.conftest import USER, SlackHarness

READER = Reader("en", "UTC")


async def test_an_edit_of_the_persons_own_words(harness: SlackHarness) -> None:
    sink = Collector()
    async with harness.adapter.running(sink):
        harness.simulator.say(USER, "three experts")
        await until(harness, lambda: sink.stored)
        said = sink.stored[0]
        assert isinstance(said, Said)
        assert said.ref is not None
        harness.simulator.rewrite(USER, said.ref.id, "four <experts>")
        await until(harness, lambda: len(sink.stored) == 2)
    edited = sink.stored[1]
    assert isinstance(edited, Edited)
    assert (edited.text, edited.ref) == ("four <experts>", said.ref)
    assert edited.delivery_id != said.delivery_id


async def test_a_channel_is_heard_only_where_it_calls(harness: SlackHarness) -> None:
    """A mention is answered in a thread; other people's chatter is none of ours."""
    harness.simulator.add_channel("C0GENERAL", "general", [USER])
    sink = Collector()
    async with harness.adapter.running(sink):
        harness.simulator.sockets.put(
            "events_api",
            {
                "type": "event_callback",
                "event_id": "Ev1",
                "team_id": "T0CONVOKE",
                "event": {
                    "type": "message",
                    "channel": "C0GENERAL",
                    "channel_type": "channel",
                    "user": USER,
                    "text": "chatter",
                    "ts": "1.000001",
                },
            },
        )
        harness.simulator.say_in("C0GENERAL", USER, "when does it begin?")
        await until(harness, lambda: sink.stored)
        (said,) = sink.stored
        assert isinstance(said, Said)
        assert said.text == "when does it begin?"
        assert not said.is_direct
        assert said.where.chat == "C0GENERAL"
        assert said.ref is not None
        assert said.where.thread == said.ref.id
        part = harness.adapter.render(plain("at nine"), READER)[0]
        answered = await harness.adapter.send(said.where, part, DeliveryKey(7))
        assert isinstance(answered, Delivered)
        found = await harness.adapter.find(said.where, DeliveryKey(7), 0.0)
    assert found == answered.ref
    (answer,) = harness.simulator.journal.from_bot("C0GENERAL")
    assert answer.native["thread_ts"] == said.where.thread


async def test_a_press_in_a_channel_is_its_own_place(harness: SlackHarness) -> None:
    harness.simulator.add_channel("C0GENERAL", "general", [USER])
    room = Address("slack", harness.adapter.account, "C0GENERAL")
    message = Message((line("?"),), ((Button("x", "x", "1"),),))
    sent = await harness.adapter.send(
        room, harness.adapter.render(message, READER)[0], DeliveryKey(1)
    )
    assert isinstance(sent, Delivered)
    assert sent.ref is not None
    sink = Collector()
    async with harness.adapter.running(sink):
        harness.simulator.press(USER, sent.ref.id, "x:1", chat="C0GENERAL")
        harness.simulator.press(USER, sent.ref.id, "x:1", chat="C0GENERAL")
        await until(harness, lambda: len(sink.stored) == 2)
    first, second = sink.stored
    assert isinstance(first, Pressed)
    assert (first.where, first.is_direct, first.ref) == (room, False, sent.ref)
    assert first.delivery_id != second.delivery_id, "two presses are two updates"
    assert not any(one is not None and one.open for one in sink.interactions), "no notices"


NOT_FOR_US: tuple[dict[str, Any], ...] = (
    {"user": "U0CONVOKEBOT"},
    {"user": "U0OTHERBOT", "bot_id": "B0OTHER"},
    {"user": USER, "subtype": "channel_join"},
    {"subtype": "message_deleted", "previous_message": {"user": USER}},
    {
        "subtype": "message_changed",
        "message": {"user": USER, "text": "same"},
        "previous_message": {"text": "same"},
    },
)


async def test_our_own_words_and_other_bots_are_not_heard(harness: SlackHarness) -> None:
    """They are acknowledged all the same, or Slack would send them again."""
    sink, put = Collector(), harness.simulator.sockets.put
    event = {"type": "message", "channel": "D00000001", "channel_type": "im", "text": "x"}
    async with harness.adapter.running(sink):
        for number, extra in enumerate(NOT_FOR_US):
            body = {"type": "event_callback", "event_id": f"Ev{number}", "team_id": "T0CONVOKE"}
            put("events_api", {**body, "event": {**event, "ts": f"{number}.000001", **extra}})
        put("slash_commands", {"command": "/x", "user_id": USER})
        harness.simulator.say(USER, "hello")
        await until(harness, lambda: sink.stored)
        await until(harness, lambda: harness.simulator.sockets.acknowledged >= 7)
    assert sink.texts() == ["hello"]


async def test_who_a_direct_chat_belongs_to_survives_a_restart(harness: SlackHarness) -> None:
    harness.simulator.add_person(SimulatedPerson("U0EVE", "Eve"))
    sink = Collector()
    async with harness.adapter.running(sink):
        harness.simulator.say(USER, "hello")
        await until(harness, lambda: sink.stored)
    assert await harness.adapter.is_open(sink.stored[0].where), "her own words opened it"
    again = harness.new_adapter()
    async with again.running(sink):
        harness.simulator.press("U0EVE", "1.000001", "rsvp:1:going", chat=USER)
        await until(harness, lambda: len(sink.stored) == 2)
    assert (sink.stored[1].where.chat, sink.stored[1].who.user) == (USER, "U0EVE")


def _has(sink: Collector, text: str) -> bool:
    return text in sink.texts()


@pytest.mark.parametrize("reason", ["refresh_requested", "too_many_websockets"])
async def test_slack_may_send_us_away(harness: SlackHarness, reason: str) -> None:
    sink = Collector()
    async with harness.adapter.running(sink):
        for number in range(3):
            said = str(number)
            harness.simulator.say(USER, said)
            # Not counted: what was being acknowledged when the socket closed comes again.
            await until(harness, partial(_has, sink, said), passing=0.1)
            await harness.simulator.disconnect(reason)
        harness.simulator.say(USER, "3")
        await until(harness, lambda: "3" in sink.texts(), passing=1.0)
    assert list(dict.fromkeys(sink.texts())) == ["0", "1", "2", "3"]


async def test_a_start_while_slack_is_down(
    harness: SlackHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """The account is remembered; the outage is told once; then everything works."""
    await harness.cut()
    adapter, stranger = harness.new_adapter(), harness.new_adapter(bot_token="xoxb-never-seen")
    sink = Collector()
    assert adapter.account == ""
    async with stranger.session():
        assert stranger.account == ""
    with caplog.at_level(logging.INFO):
        async with adapter.running(sink):
            assert adapter.account == "T0CONVOKE"
            await until(harness, lambda: len(harness.clock.slept) >= 5, passing=1.0)
            warnings = [one for one in caplog.records if one.levelno >= logging.WARNING]
            assert len(warnings) == 1
            await harness.restore()
            harness.simulator.say(USER, "at last")
            await until(harness, lambda: sink.texts() == ["at last"], passing=10.0)
    assert harness.clock.slept == sorted(harness.clock.slept), "each wait is longer"
    assert max(harness.clock.slept) <= 30.0
    assert "connected again" in caplog.text


async def test_the_first_start_of_all_waits_for_slack(harness: SlackHarness) -> None:
    await harness.cut()
    harness.memory.values.clear()
    adapter, sink = harness.new_adapter(), Collector()
    async with adapter.running(sink):
        await until(harness, lambda: harness.clock.slept, passing=1.0)
        await harness.restore()
        harness.simulator.say(USER, "hello")
        await until(harness, lambda: sink.texts() == ["hello"], passing=10.0)
        assert sink.stored[0].where.account == adapter.account == "T0CONVOKE"


async def test_a_wrong_token_is_explained(
    harness: SlackHarness, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = harness.new_adapter(bot_token="xoxb-wrong")
    health = await wrong.check()
    assert not health.ok
    assert "CONVOKE_SLACK_BOT_TOKEN" in health.problem
    no_socket = harness.new_adapter(app_token="xapp-wrong")
    async with no_socket.running(Collector()):
        await until(harness, lambda: harness.clock.slept)
    assert "CONVOKE_SLACK_APP_TOKEN" in caplog.text
    assert "xapp-wrong" not in caplog.text


class Useless(set[str]):
    """Tickets that open nothing."""

    def __contains__(self, ticket: object) -> bool:
        return False


async def test_the_sockets_ticket_is_never_logged(
    harness: SlackHarness, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address that ``apps.connections.open`` gives opens a socket by itself."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("bot.simulators.slack.server.secrets.token_urlsafe", lambda _: "TICKET-1")
    sink = Collector()
    async with harness.adapter.running(sink):
        harness.simulator.say(USER, "hello")
        await until(harness, lambda: sink.stored)
        monkeypatch.setattr(harness.simulator._server, "_tickets", Useless())
        await harness.simulator.disconnect()
        await until(harness, lambda: len(harness.clock.slept) >= 3, passing=1.0)
    assert "trying on" in caplog.text
    assert "TICKET" not in "".join(one.getMessage() for one in caplog.records)


async def test_order_holds_within_a_chat(harness: SlackHarness) -> None:
    """A slow commit of one update does not let the next one of its chat overtake it."""
    order: list[str] = []

    class Slow(Collector):
        async def __call__(self, incoming: Any, interaction: Any = None) -> None:
            for _ in range(3 if incoming.text == "0" else 0):
                await asyncio.sleep(0.01)
            order.append(incoming.text)

    async with harness.adapter.running(Slow()):
        for number in range(10):
            harness.simulator.say(USER, str(number))
        await until(harness, lambda: len(order) == 10)
    assert order == [str(number) for number in range(10)]


@dataclass
class MinimalSlack:
    """A server that says as little as it can; not ours, so it shares none of our ideas."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    acks: list[str] = field(default_factory=list)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    knows_open: bool = True
    url: str = ""

    async def call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        answer: dict[str, Any] = {"ok": False, "error": "unknown_method"}
        if method == "auth.test":
            answer = {"ok": True, "team_id": "T1", "user_id": "UBOT", "bot_id": "BBOT"}
        elif method == "apps.connections.open":
            answer = {"ok": True, "url": self.url.replace("http", "ws") + "link"}
        elif method == "conversations.open" and self.knows_open:
            answer = {"ok": True, "channel": {"id": "DM1"}}
        elif method == "chat.postMessage":
            self.posts.append(await request.json())
            answer = {"ok": True, "ts": "5.000001"}
        return web.json_response(answer)

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "hello"})
        async for message in socket:
            self.acks.append(json.loads(message.data)["envelope_id"])
        return socket

    async def envelope(self, id_: str, kind: str, payload: dict[str, Any]) -> None:
        body = {"envelope_id": id_, "type": kind, "payload": payload}
        await self.sockets[-1].send_json(body)


@asynccontextmanager
async def minimal(harness: SlackHarness) -> AsyncIterator[tuple[MinimalSlack, SlackAdapter]]:
    slack = MinimalSlack()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", slack.call)
    app.router.add_get("/link", slack.link)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        yield slack, harness.new_adapter(bot_token="xoxb-2", api_url=f"{slack.url}api")
    finally:
        await runner.cleanup()


async def test_a_server_that_says_little_is_enough(harness: SlackHarness) -> None:
    sink = Collector()
    async with minimal(harness) as (slack, adapter), adapter.running(sink):
        await until(harness, lambda: slack.sockets)
        event = {"type": "message", "channel": "D9", "user": "U9", "text": "/Help me"}
        await slack.envelope("1", "events_api", {"type": "event_callback", "event": event})
        press = {
            "type": "block_actions",
            "user": {"id": "U9"},
            "container": {"channel_id": "D9", "message_ts": "5.000001"},
            "actions": [{"action_id": "b", "value": "rsvp:1:going"}],
        }
        await slack.envelope("2", "interactive", press)
        for id_, broken in (("3", {"type": "block_actions"}), ("4", {}), ("5", {"event": {}})):
            await slack.envelope(id_, "events_api" if id_ == "5" else "interactive", broken)
        await until(harness, lambda: len(slack.acks) == 5)
        commanded, pressed = sorted(sink.stored, key=lambda one: type(one).__name__)
        assert isinstance(commanded, Commanded)
        assert (commanded.command, commanded.argument) == ("help", "me")
        assert isinstance(pressed, Pressed)
        assert pressed.where == commanded.where == Address("slack", "T1", "U9")
        part = adapter.render(plain("hi"), READER)[0]
        assert isinstance(await adapter.send(commanded.where, part, DeliveryKey(1)), Delivered)
    assert slack.posts[0]["channel"] == "D9"


async def test_a_server_that_cannot_open_chats(harness: SlackHarness) -> None:
    async with minimal(harness) as (slack, adapter), adapter.session():
        slack.knows_open = False
        to = Address("slack", "T1", "U7")
        assert await adapter.open_direct(to) is None
        assert await adapter.is_open(to)
        part = adapter.render(plain("hi"), READER)[0]
        assert isinstance(await adapter.send(to, part, DeliveryKey(1)), Delivered)
    assert slack.posts[0]["channel"] == "U7"


async def test_three_presses_of_a_server_that_says_little_are_three(
    harness: SlackHarness,
) -> None:
    """Neither ``action_ts`` nor ``trigger_id``: only the envelope tells them apart."""
    sink = Collector()
    press = {
        "type": "block_actions",
        "user": {"id": "U9"},
        "container": {"channel_id": "D9", "message_ts": "5.000001"},
        "actions": [{"action_id": "b", "value": "rsvp:1:going"}],
    }
    async with minimal(harness) as (slack, adapter), adapter.running(sink):
        await until(harness, lambda: slack.sockets)
        for number in (1, 2, 3, 3):
            await slack.envelope(str(number), "interactive", press)
        await until(harness, lambda: len(slack.acks) == 4)
    assert len({one.delivery_id for one in sink.stored}) == 3
