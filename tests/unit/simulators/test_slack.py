"""The loopback Slack, driven by the real ``slack_sdk``."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.simulators.base import SimulatedPerson, Simulator
from bot.simulators.slack import SlackSimulator

ANA = "U0ANA"
SECTION = {"type": "section", "text": {"type": "plain_text", "text": "x"}}
BUTTON = {
    "type": "button",
    "text": {"type": "plain_text", "text": "Go"},
    "action_id": "go",
    "value": "go:1",
}


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    section = {"type": "rich_text_section", "elements": list(elements)}
    return {"type": "rich_text", "elements": [section]}


@pytest.fixture
async def slack() -> AsyncIterator[SlackSimulator]:
    simulator = SlackSimulator(ack_within=0.05, redelivery=(0.0, 0.01))
    simulator.add_person(SimulatedPerson(ANA, "Ana", "de", "Europe/Berlin", "ana@x.example"))
    async with simulator.serving():
        yield simulator


@pytest.fixture
async def client(slack: SlackSimulator) -> AsyncIterator[AsyncWebClient]:
    given = slack.environment()
    async with aiohttp.ClientSession() as session:
        made = AsyncWebClient(
            given["CONVOKE_SLACK_BOT_TOKEN"],
            base_url=given["CONVOKE_SLACK_API_URL"],
            session=session,
            retry_handlers=[],
        )
        made.proxy = None
        yield made


@asynccontextmanager
async def socket(
    slack: SlackSimulator, client: AsyncWebClient
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    app_token = slack.environment()["CONVOKE_SLACK_APP_TOKEN"]
    answer = await client.apps_connections_open(app_token=app_token)
    assert client.session is not None
    async with client.session.ws_connect(str(answer["url"])) as connection:
        assert (await connection.receive_json())["type"] == "hello"
        yield connection


async def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def until(condition: Callable[[], object]) -> None:
    end = asyncio.get_running_loop().time() + 5
    while not condition():
        assert asyncio.get_running_loop().time() < end
        await asyncio.sleep(0.002)


def test_it_is_a_simulator() -> None:
    simulator: Simulator = SlackSimulator()
    assert simulator.platform == "slack"


async def test_posting_changing_and_removing(slack: SlackSimulator, client: AsyncWebClient) -> None:
    assert (await client.auth_test())["team_id"] == "T0CONVOKE"
    opened = await client.conversations_open(users=ANA)
    again = await client.conversations_open(users=[ANA])
    direct = opened["channel"]["id"]
    assert again["channel"]["id"] == direct
    assert again["already_open"]
    blocks = [
        rich(
            {"type": "text", "text": "Hello <b> "},
            {"type": "user", "user_id": ANA},
            {"type": "link", "url": "https://x.example/", "text": " site "},
            {"type": "date", "timestamp": 1, "format": "{date}", "fallback": "once"},
        ),
        {"type": "actions", "elements": [BUTTON]},
    ]
    posted = await client.chat_postMessage(channel=direct, text="Hello", blocks=blocks)
    (shown,) = slack.journal.from_bot(ANA)
    assert shown.text == "Hello <b> @Ana site once"
    assert [(one.label, one.data) for one in shown.buttons] == [("Go", "go:1")]
    await client.chat_update(channel=direct, ts=posted["ts"], text="a &lt; b")
    assert (shown.text, shown.history) == ("a < b", ["Hello <b> @Ana site once"])
    await client.chat_delete(channel=direct, ts=posted["ts"])
    assert shown.deleted
    again_gone = await refused(client.chat_delete(channel=direct, ts=posted["ts"]))
    assert again_gone == "message_not_found"
    assert {one.chat for one in slack.journal.requests if one.method.startswith("chat.")} == {ANA}


async def test_people_and_their_settings(slack: SlackSimulator, client: AsyncWebClient) -> None:
    user = (await client.users_info(user=ANA))["user"]
    assert (user["tz"], user["locale"][:2]) == ("Europe/Berlin", "de")
    found = await client.users_lookupByEmail(email="ANA@x.example")
    assert found["user"]["id"] == ANA
    assert await refused(client.users_lookupByEmail(email="b@x.example")) == "users_not_found"
    assert slack.people()[0].user == ANA


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({"text": ""}, "no_text"),
    "long text": ({"text": "x" * 40_001}, "msg_too_long"),
    "51 blocks": ({"text": "x", "blocks": [SECTION] * 51}, "invalid_blocks"),
    "long section": (
        {
            "text": "x",
            "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "x" * 3001}}],
        },
        "invalid_blocks",
    ),
    "unknown block": ({"text": "x", "blocks": [{"type": "poem"}]}, "invalid_blocks"),
    "no list": ({"text": "x", "blocks": {"a": 1}}, "invalid_blocks_format"),
    "empty text element": (
        {"text": "x", "blocks": [rich({"type": "text", "text": ""})]},
        "invalid_blocks",
    ),
    "date as text": (
        {"text": "x", "blocks": [rich({"type": "date", "timestamp": "1", "format": "{date}"})]},
        "invalid_blocks",
    ),
    "too much in all": (
        {"text": "x", "blocks": [rich({"type": "text", "text": "x" * 2900})] * 5},
        "msg_blocks_too_long",
    ),
    "long label": (
        {
            "text": "x",
            "blocks": [
                {
                    "type": "actions",
                    "elements": [{**BUTTON, "text": {"type": "plain_text", "text": "x" * 76}}],
                }
            ],
        },
        "invalid_blocks",
    ),
    "same action twice": (
        {"text": "x", "blocks": [{"type": "actions", "elements": [BUTTON, BUTTON]}]},
        "invalid_blocks",
    ),
    "long value": (
        {
            "text": "x",
            "blocks": [{"type": "actions", "elements": [{**BUTTON, "value": "x" * 2001}]}],
        },
        "invalid_blocks",
    ),
    "metadata without a type": ({"text": "x", "metadata": {"a": 1}}, "invalid_metadata_format"),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_slack_refuses(slack: SlackSimulator, client: AsyncWebClient, name: str) -> None:
    message, code = BAD[name]
    call = client.api_call("chat.postMessage", json={"channel": ANA, **message})
    assert await refused(call) == code
    assert slack.journal.from_bot(ANA) == []


async def test_where_nobody_may_write(slack: SlackSimulator, client: AsyncWebClient) -> None:
    slack.add_channel("C0A", "a", [ANA])
    slack.add_channel("C0B", "b", [ANA])
    slack.workspace.channels["C0B"].members.discard(slack.workspace.bot_user)
    await client.chat_postMessage(channel="C0A", text="x")
    slack.archive("C0A")
    assert await refused(client.chat_postMessage(channel="C0A", text="x")) == "is_archived"
    assert await refused(client.chat_postMessage(channel="C0B", text="x")) == "not_in_channel"
    assert await refused(client.chat_postMessage(channel="C9", text="x")) == "channel_not_found"
    slack.block(ANA)
    assert await refused(client.conversations_open(users=ANA)) == "user_disabled"
    assert await refused(client.chat_postMessage(channel=ANA, text="x")) == "channel_not_found"
    slack.block(ANA, blocked=False)
    await client.chat_postMessage(channel=ANA, text="x")
    assert await refused(client.conversations_open(users="U9")) == "user_not_found"


async def test_somebody_elses_words_stay(slack: SlackSimulator, client: AsyncWebClient) -> None:
    slack.say(ANA, "mine")
    ts = slack.journal.messages(ANA)[0].id
    direct = slack.workspace.direct_channel(ANA).id
    assert await refused(client.chat_update(channel=direct, ts=ts, text="x")) == (
        "cant_update_message"
    )
    assert await refused(client.chat_delete(channel=direct, ts=ts)) == "cant_delete_message"
    long = "x" * 4001
    posted = await client.chat_postMessage(channel=direct, text="x")
    changed = client.chat_update(channel=direct, ts=posted["ts"], text=long)
    assert await refused(changed) == "msg_too_long"


async def test_tokens_and_encodings(slack: SlackSimulator, client: AsyncWebClient) -> None:
    token, url = client.token, client.base_url
    assert client.session is not None
    form = {"token": token, "channel": ANA, "text": "form", "blocks": f"[{json.dumps(SECTION)}]"}
    async with client.session.post(f"{url}chat.postMessage", data=form) as answer:
        assert (await answer.json())["ok"]
    for bad, code in (({}, "not_authed"), ({"token": "xoxb-no"}, "invalid_auth")):
        async with client.session.post(f"{url}auth.test", data=bad) as answer:
            assert (await answer.json())["error"] == code
    no_socket = client.apps_connections_open(app_token=str(token))
    assert await refused(no_socket) == "not_allowed_token_type"
    assert await refused(client.api_call("made.up")) == "unknown_method"
    async with client.session.get(f"{url}auth.test", headers={"Host": "evil.example"}) as answer:
        assert answer.status == 403


async def test_history_pages_and_metadata(slack: SlackSimulator, client: AsyncWebClient) -> None:
    metadata = {"event_type": "t", "event_payload": {"delivery_id": "1"}}
    for number in range(5):
        await client.chat_postMessage(channel=ANA, text=str(number), metadata=metadata)
    direct = slack.workspace.direct_channel(ANA).id
    first = await client.conversations_history(channel=direct, limit=3, include_all_metadata=True)
    assert [one["text"] for one in first["messages"]] == ["4", "3", "2"]
    assert first["messages"][0]["metadata"] == metadata
    rest = await client.conversations_history(
        channel=direct, limit=3, cursor=first["response_metadata"]["next_cursor"]
    )
    assert [one["text"] for one in rest["messages"]] == ["1", "0"]
    assert not rest["has_more"]
    assert "metadata" not in rest["messages"][0]
    since = await client.conversations_history(channel=direct, oldest=first["messages"][1]["ts"])
    assert [one["text"] for one in since["messages"]] == ["4"]


async def test_faults_come_when_ordered(slack: SlackSimulator, client: AsyncWebClient) -> None:
    slack.lose_answers(1)
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=ANA, text="kept")
    slack.answer_errors(1, 429, retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=ANA, text="refused")
    assert caught.value.response.headers["Retry-After"] == "7"
    assert caught.value.response["error"] == "ratelimited"
    await client.chat_postMessage(channel=ANA, text="fine")
    assert [one.text for one in slack.journal.from_bot(ANA)] == ["kept", "fine"]
    assert [one.status for one in slack.journal.requests] == ["lost", "ratelimited", "ok"]


async def test_rates_are_limited_on_request(slack: SlackSimulator, client: AsyncWebClient) -> None:
    slack.limit_rates()
    slack.add_person(SimulatedPerson("U0BO", "Bo"))
    await client.chat_postMessage(channel=ANA, text="1")
    assert await refused(client.chat_postMessage(channel=ANA, text="2")) == "ratelimited"
    await client.chat_postMessage(channel="U0BO", text="1")


async def test_an_event_comes_until_it_is_acknowledged(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    async with socket(slack, client) as connection:
        slack.say(ANA, "a < b")
        first, second = await connection.receive_json(), await connection.receive_json()
        assert first["payload"] == second["payload"]
        assert first["payload"]["event"]["text"] == "a &lt; b"
        assert [one["retry_attempt"] for one in (first, second)] == [0, 1]
        await connection.send_json({"envelope_id": second["envelope_id"]})
        await until(lambda: slack.sockets.acknowledged)
    assert slack.given_up == []


async def test_after_the_last_attempt_slack_gives_up(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    async with socket(slack, client) as connection:
        slack.say(ANA, "unheard")
        slack.press(ANA, "1.000001", "go:1")
        kinds = [(await connection.receive_json())["type"] for _ in range(4)]
        await until(lambda: len(slack.given_up) == 2)
    assert sorted(kinds) == ["events_api"] * 3 + ["interactive"], "a press is never repeated"


async def test_what_was_not_acknowledged_outlives_the_server(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    simulator = SlackSimulator(ack_within=60.0)
    simulator.add_person(SimulatedPerson(ANA, "Ana"))
    for _ in range(2):
        async with simulator.serving():
            client.base_url = simulator.environment()["CONVOKE_SLACK_API_URL"]
            if not simulator.journal.messages(ANA):
                simulator.say(ANA, "before anybody listened")
            async with socket(simulator, client) as connection:
                envelope = await connection.receive_json()
    assert envelope["payload"]["event_id"] == "Ev0000000001"


async def test_a_press_says_what_a_client_would_say(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    blocks = [{"type": "actions", "elements": [BUTTON]}]
    posted = await client.chat_postMessage(channel=ANA, text="?", blocks=blocks)
    async with socket(slack, client) as connection:
        slack.press(ANA, str(posted["ts"]), "go:1")
        payload = (await connection.receive_json())["payload"]
    assert payload["type"] == "block_actions"
    assert payload["actions"][0]["action_id"] == "go"
    assert payload["container"]["message_ts"] == posted["ts"]
    assert payload["container"]["channel_id"] == posted["channel"]
    assert payload["user"]["id"] == ANA


async def test_an_answer_stands_in_the_thread_of_a_message(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel=ANA, text="?")
    room = slack.create_room("club", [ANA])
    slack.add_bot(room, ANA)
    said = await client.chat_postMessage(channel=room, text="?")
    events: list[dict[str, Any]] = []
    async with socket(slack, client) as connection:
        slack.answer(ANA, "here", str(posted["ts"]))
        slack.answer(ANA, "<@bot> there", str(said["ts"]), room)
        while len(events) < 2:
            envelope = await connection.receive_json()
            await connection.send_json({"envelope_id": envelope["envelope_id"]})
            event = envelope["payload"]["event"]
            if "thread_ts" in event and event not in events:
                events.append(event)
    assert [one["thread_ts"] for one in events] == [posted["ts"], said["ts"]]
    assert [one["type"] for one in events] == ["message", "app_mention"]


async def test_a_ticket_opens_one_socket(slack: SlackSimulator, client: AsyncWebClient) -> None:
    app_token = slack.environment()["CONVOKE_SLACK_APP_TOKEN"]
    url = str((await client.apps_connections_open(app_token=app_token))["url"])
    assert client.session is not None
    async with client.session.ws_connect(url) as connection:
        await connection.receive_json()
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await client.session.ws_connect(url)
        await slack.disconnect()
        assert (await connection.receive_json())["type"] == "disconnect"
