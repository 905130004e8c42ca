"""The address that anybody can post to: forged, malformed, oversized and replayed requests."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.base import Sink
from bot.adapters.conformance import Collector, HandClock, until
from bot.adapters.http import HttpRequest, HttpResponse
from bot.adapters.slack import Access, SlackAdapter
from bot.adapters.slack.endpoint import PATH
from bot.simulators.slack.http_delivery import HttpDelivery, encoded
from tests.contract.slack.conftest import SIGNING_SECRET, USER, Memory, SlackHarness

FORM = "application/x-www-form-urlencoded"
EVENT = {
    "type": "event_callback",
    "event_id": "Ev1",
    "team_id": "T1",
    "event": {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "text": "hi"},
}
COMMAND = {"command": "/x", "text": "events", "user_id": "U1", "team_id": "T1", "trigger_id": "1.t"}


class Slack:
    """A client that can sign; nothing else of Slack is needed to ask the endpoint."""

    def __init__(self, sink: Sink, clock: HandClock | None = None) -> None:
        self.clock = clock or HandClock()
        adapter = SlackAdapter(
            access=Access("xoxb-1", signing_secret=SIGNING_SECRET),
            api_url="http://127.0.0.1:9/api/",
            memory=Memory(),
            clock=self.clock,
        )
        (self.route,) = adapter.http_routes(sink)
        self._signer = HttpDelivery(
            SIGNING_SECRET, self.clock.epoch, answer_within=1.0, redelivery=()
        )

    async def ask(
        self,
        body: bytes,
        content_type: str = "application/json",
        *,
        at: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        signed = self._signer.sign(body, at) if headers is None else headers
        given = {"content-type": content_type, **{k.lower(): v for k, v in signed.items()}}
        return await self.route.handle(HttpRequest("POST", PATH, given, body=body))

    async def send(self, kind: str, payload: dict[str, Any]) -> HttpResponse:
        return await self.ask(*encoded(kind, payload))


async def test_the_route() -> None:
    slack = Slack(Collector())
    assert (slack.route.method, slack.route.path) == ("POST", "/slack/events")


async def test_what_is_signed_is_stored_and_then_acknowledged() -> None:
    sink = Collector()
    slack = Slack(sink)
    assert (await slack.send("events_api", EVENT)).status == 200
    assert (await slack.send("slash_commands", COMMAND)).status == 200
    assert [one.delivery_id[:3] for one in sink.stored] == ["Ev1", "com"]


async def test_a_sink_that_raises_is_no_acknowledgement() -> None:
    slack = Slack(Collector(failures=1))
    assert (await slack.send("events_api", EVENT)).status == 503
    assert (await slack.send("events_api", EVENT)).status == 200


async def test_no_answer_before_the_sink_has_returned() -> None:
    slack = Slack(Collector(hang=True))
    asking = asyncio.ensure_future(slack.send("events_api", EVENT))
    await asyncio.sleep(0.05)
    assert not asking.done()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_replays_and_retries_carry_the_same_id() -> None:
    """The inbox refuses a second row with it, whatever the retry's number says."""
    sink = Collector()
    slack = Slack(sink)
    for kind, payload in (("events_api", EVENT), ("slash_commands", COMMAND)):
        sink.stored.clear()
        for _ in range(3):
            assert (await slack.send(kind, payload)).status == 200
        assert len({one.delivery_id for one in sink.stored}) == 1


@pytest.mark.parametrize("off", [-301, 301])
async def test_too_old_or_from_the_future(off: int) -> None:
    sink = Collector()
    slack = Slack(sink)
    body, kind = encoded("events_api", EVENT)
    assert (await slack.ask(body, kind, at=slack.clock.epoch() + off)).status == 401
    assert (await slack.ask(body, kind, at=slack.clock.epoch() + off // 301 * 299)).status == 200
    slack.clock.advance(3600)
    assert (await slack.ask(body, kind, at=slack.clock.epoch() - 3600)).status == 401
    assert len(sink.stored) == 1


FORGED: tuple[dict[str, str], ...] = (
    {},
    {"x-slack-signature": "v0=00"},
    {"x-slack-request-timestamp": "1803892800", "x-slack-signature": ""},
    {"x-slack-request-timestamp": "1803892800", "x-slack-signature": "v0=" + "0" * 64},
    {"x-slack-request-timestamp": "soon", "x-slack-signature": "v0=" + "0" * 64},
    {"x-slack-request-timestamp": "9" * 5000, "x-slack-signature": "v0=00"},
    {"x-slack-request-timestamp": "1803892800", "x-slack-signature": "v0=ü"},
)


@pytest.mark.parametrize("headers", FORGED)
async def test_forged(headers: dict[str, str]) -> None:
    sink = Collector()
    body, kind = encoded("events_api", EVENT)
    assert (await Slack(sink).ask(body, kind, headers=headers)).status == 401
    assert (await Slack(sink).ask(b"\xff\xfe", kind, headers=headers)).status == 401
    assert sink.calls == []


async def test_another_body_under_a_right_signature() -> None:
    sink = Collector()
    slack = Slack(sink)
    body, kind = encoded("events_api", EVENT)
    headers = slack._signer.sign(body)
    assert (await slack.ask(body.replace(b"U1", b"U2"), kind, headers=headers)).status == 401
    assert sink.calls == []


async def test_the_challenge_is_answered_only_when_signed() -> None:
    slack = Slack(Collector())
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw"}).encode()
    answered = await slack.ask(body)
    assert json.loads(answered.body) == {"challenge": "3eZbrw"}
    assert answered.content_type == "application/json"
    refused = await slack.ask(body, headers={})
    assert refused.status == 401
    assert b"3eZbrw" not in refused.body
    odd = json.dumps({"type": "url_verification", "challenge": ["x"]}).encode()
    assert (await slack.ask(odd)).status == 400


async def test_a_look_at_our_certificate_does_nothing() -> None:
    sink = Collector()
    slack = Slack(sink)
    assert (
        await slack.ask(urlencode({"ssl_check": "1", "token": "x"}).encode(), FORM)
    ).status == 200
    assert sink.calls == []


MALFORMED: tuple[tuple[bytes, str], ...] = (
    (b"", "application/json"),
    (b"{", "application/json"),
    (b"[]", "application/json"),
    (b"null", "application/json"),
    (b"[" * 100_000, "application/json"),
    (b'{"a":' * 50_000, "application/json"),
    (b"", FORM),
    (b"payload=", FORM),
    (b"payload=%7B", FORM),
    (b"payload=%5B%5D", FORM),
    (b"nothing=here", FORM),
    (b"a=1&" * 1000, FORM),
    (b"x", "multipart/form-data; boundary=x"),
)


@pytest.mark.parametrize(("body", "content_type"), MALFORMED)
async def test_malformed_but_signed(body: bytes, content_type: str) -> None:
    sink = Collector()
    assert (await Slack(sink).ask(body, content_type)).status == 400
    assert sink.calls == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = (
    "type", "event", "event_id", "team_id", "team", "user", "user_id", "channel", "channel_id",
    "channel_type", "subtype", "message", "previous_message", "text", "ts", "thread_ts", "event_ts",
    "actions", "value", "action_id", "action_ts", "container", "view", "view_id", "callback_id",
    "private_metadata", "state", "values", "trigger_id", "command", "tab", "inviter", "bot_id",
    "edited", "id", "name", "authorizations", "enterprise_id", "is_enterprise_install",
)  # fmt: skip
TYPES = (
    "event_callback", "block_actions", "view_submission", "view_closed", "message", "app_mention",
    "app_home_opened", "member_joined_channel", "channel_rename", "im", "home", "shortcut",
    "message_changed", "function_executed", "block_suggestion", "app_rate_limited",
)  # fmt: skip
VALUES = st.recursive(
    st.sampled_from((*TYPES, "U1", "D1", "C1", "", "1.5", None, 7, True, 1e300)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
    max_leaves=20,
)
LIKE_SLACKS = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES) | VALUES},
    optional={name: VALUES for name in NAMES if name != "type"},
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(payload=LIKE_SLACKS | st.dictionaries(st.text(max_size=8), JSON, max_size=5))
def test_whatever_is_signed_never_breaks_it(payload: dict[str, Any]) -> None:
    """Any JSON: stored, dropped, or refused as malformed; never a 5xx, for the sink works."""

    async def ask() -> None:
        sink = Collector()
        slack = Slack(sink)
        for kind in ("events_api", "interactive"):
            assert (await slack.send(kind, payload)).status in (200, 400)
        assert all(one.who.user and one.delivery_id for one in sink.stored)

    asyncio.run(ask())


@settings(max_examples=200, deadline=None)
@given(
    body=st.binary(max_size=200),
    content_type=st.sampled_from(("application/json", FORM, "", "text/plain; charset=x")),
    headers=st.dictionaries(
        st.sampled_from(("x-slack-signature", "x-slack-request-timestamp", "x-slack-retry-num")),
        st.text(max_size=80),
    ),
)
def test_whatever_is_forged_is_refused(
    body: bytes, content_type: str, headers: dict[str, str]
) -> None:
    async def ask() -> None:
        sink = Collector()
        slack = Slack(sink)
        assert (await slack.ask(body, content_type, headers=headers)).status == 401
        expected = (200, 400) if _is_text(body) else (401,)
        assert (await slack.ask(body, content_type)).status in expected

    asyncio.run(ask())


def _is_text(body: bytes) -> bool:
    try:
        return isinstance(body.decode(), str)
    except UnicodeDecodeError:
        return False


async def test_over_http_nothing_is_connected(over_http: SlackHarness) -> None:
    """No app-level token, no socket; updates come in every process that serves the route."""
    sink = Collector()
    async with over_http.adapter.running(sink):
        over_http.simulator.say(USER, "hello")
        over_http.simulator.command(USER, "events")
        await until(over_http, lambda: len(sink.stored) == 2)
        assert over_http.simulator.sockets.connected == 0
    assert "apps.connections.open" not in {
        one.method for one in over_http.simulator.journal.requests
    }
    assert over_http.simulator.hooks.statuses == [200, 200]


async def test_slack_asks_again_until_it_is_stored(over_http: SlackHarness) -> None:
    sink = Collector(failures=2)
    async with over_http.adapter.running(sink):
        over_http.simulator.say(USER, "hello")
        await until(over_http, lambda: sink.stored)
    assert len(sink.calls) == 3
    assert len({one.delivery_id for one in sink.calls}) == 1
    assert over_http.simulator.hooks.statuses == [503, 503, 200]


def test_in_socket_mode_there_is_no_route() -> None:
    adapter = SlackAdapter(
        access=Access("xoxb-1", "xapp-1"),
        api_url="http://127.0.0.1:9/api/",
        memory=Memory(),
        clock=HandClock(),
    )
    assert adapter.http_routes(Collector()) == ()
