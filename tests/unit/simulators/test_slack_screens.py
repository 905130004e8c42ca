"""The loopback Slack beside its chats: forms, pages, files, signed requests, rates, faults."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.simulators.base import FLOODS, HasScreens, SimulatedPerson
from bot.simulators.control import Control
from bot.simulators.loopback import served
from bot.simulators.slack import SlackSimulator
from bot.simulators.slack.rates import CEILING, RateLimit

ANA, SECRET = "U0ANA", "signing"


class Hand:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
async def slack(hand: Hand) -> AsyncIterator[SlackSimulator]:
    simulator = SlackSimulator(
        ack_within=0.1, redelivery=(0.0, 0.01), monotonic=hand, signing_secret=SECRET
    )
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


async def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def until(condition: Callable[[], object]) -> None:
    end = asyncio.get_running_loop().time() + 5
    while not condition():
        assert asyncio.get_running_loop().time() < end
        await asyncio.sleep(0.002)


def text(value: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": value}


def view(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = {"type": "modal", "title": text("Title"), "submit": text("Send"), "callback_id": "f"}
    return {**given, "blocks": list(blocks), **more}


def asks(name: str, **element: Any) -> dict[str, Any]:
    given = {"type": "plain_text_input", "action_id": "value", **element}
    return {"type": "input", "block_id": name, "label": text(name), "element": given}


def menu(count: int) -> list[dict[str, Any]]:
    return [{"text": text(f"o{number}"), "value": str(number)} for number in range(count)]


async def test_a_trigger_opens_one_view_within_three_seconds(
    slack: SlackSimulator, client: AsyncWebClient, hand: Hand
) -> None:
    trigger = slack.workspace.views.trigger(ANA)
    opened = await client.views_open(trigger_id=trigger, view=view(asks("name")))
    assert slack.form(ANA)
    again = client.views_open(trigger_id=trigger, view=view(asks("name")))
    assert await refused(again) == "exchanged_trigger_id"
    made_up = client.views_open(trigger_id="1.2", view=view(asks("name")))
    assert await refused(made_up) == "invalid_trigger_id"
    late = slack.workspace.views.trigger(ANA)
    hand.at += 3.0
    assert await refused(client.views_open(trigger_id=late, view=view())) == "expired_trigger_id"
    changed = await client.views_update(view_id=opened["view"]["id"], view=view(asks("other")))
    old_hash = client.views_update(
        view_id=opened["view"]["id"], view=view(), hash=opened["view"]["hash"]
    )
    assert await refused(old_hash) == "hash_conflict"
    assert changed["view"]["hash"] != opened["view"]["hash"]
    slack.close_form(ANA)
    closed = client.views_update(view_id=opened["view"]["id"], view=view())
    assert await refused(closed) == "not_found"


BAD: dict[str, dict[str, Any]] = {
    "long title": view(asks("a"), title=text("x" * 25)),
    "no submit": {"type": "modal", "title": text("t"), "blocks": [asks("a")]},
    "101 blocks": view(*({"type": "divider"} for _ in range(101))),
    "one name twice": view(asks("a"), asks("a")),
    "initial too long": view(asks("a", initial_value="xx", max_length=1)),
    "no options": view(asks("a", type="static_select", options=[])),
    "101 options": view(asks("a", type="static_select", options=menu(101))),
    "11 boxes": view(asks("a", type="checkboxes", options=menu(11))),
    "an initial option that is none": view(
        asks("a", type="static_select", options=menu(2), initial_option=menu(3)[2])
    ),
    "long metadata": view(asks("a"), private_metadata="x" * 3001),
    "an unknown input": view(asks("a", type="datepicker")),
    "another kind": {"type": "home", "blocks": []},
}


@pytest.mark.parametrize("name", BAD)
async def test_a_view_that_slack_refuses(
    slack: SlackSimulator, client: AsyncWebClient, name: str
) -> None:
    opening = client.views_open(trigger_id=slack.workspace.views.trigger(ANA), view=BAD[name])
    assert await refused(opening) == "invalid_arguments"
    assert slack.form(ANA) is None


async def test_a_client_does_not_send_what_is_incomplete(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    with pytest.raises(ValueError, match="no form open"):
        slack.submit(ANA, {})
    blocks = (asks("a", max_length=3), asks("b", type="static_select", options=menu(2)))
    trigger = slack.workspace.views.trigger(ANA)
    await client.views_open(trigger_id=trigger, view=view(*blocks))
    for wrong in ({}, {"a": "abcd", "b": "1"}, {"a": "x"}, {"a": "x", "b": "7"}, {"c": "x"}):
        with pytest.raises(ValueError):  # noqa: PT011 - each says another thing
            slack.submit(ANA, wrong)


async def test_a_page_is_its_persons_own(slack: SlackSimulator, client: AsyncWebClient) -> None:
    home = {"type": "home", "blocks": [{"type": "section", "text": text("one")}]}
    first = await client.views_publish(user_id=ANA, view=home)
    second = await client.views_publish(user_id=ANA, view=home)
    assert first["view"]["id"] == second["view"]["id"]
    assert await refused(client.views_publish(user_id="U9", view=home)) == "user_not_found"
    wrong = client.views_publish(user_id=ANA, view=view(asks("a")))
    assert await refused(wrong) == "invalid_arguments"


async def test_files_come_before_their_message(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    given = await client.files_getUploadURLExternal(filename="a.txt", length=3)
    done: dict[str, Any] = {
        "files": [{"id": given["file_id"]}],
        "channel_id": slack.workspace.direct_channel(ANA).id,
    }
    assert await refused(client.files_completeUploadExternal(**done)) == "file_not_found"
    assert client.session is not None
    async with client.session.post(given["upload_url"], data=b"four") as answer:
        assert answer.status == 400
    async with client.session.post(given["upload_url"], data=b"abc") as answer:
        assert answer.status == 200
    await client.files_completeUploadExternal(**done, initial_comment="see <here>")
    (shown,) = slack.journal.from_bot(ANA)
    assert [(one.name, one.size) for one in shown.files] == [("a.txt", 3)]
    assert await refused(client.files_completeUploadExternal(**done)) == "file_not_found"


async def test_requests_are_signed_and_come_again_until_they_succeed(slack: SlackSimulator) -> None:
    verifier, asked, answers = SignatureVerifier(SECRET), [], [500, 503, 200]

    async def events(request: web.Request) -> web.Response:
        body = await request.read()
        assert verifier.is_valid_request(body, dict(request.headers))
        asked.append((request.headers.get("X-Slack-Retry-Num"), await request.json()))
        return web.Response(status=answers.pop(0))

    app = web.Application()
    app.router.add_post("/events", events)
    async with served(app) as port:
        slack.deliver_to(f"http://127.0.0.1:{port}/events")
        slack.say(ANA, "hello")
        await until(lambda: slack.hooks.statuses == [500, 503, 200])
    assert [number for number, _ in asked] == [None, "1", "2"]
    assert len({body["event_id"] for _, body in asked}) == 1
    assert slack.hooks.given_up == []


async def test_slack_gives_up_and_never_repeats_a_press(slack: SlackSimulator) -> None:
    slack.deliver_to("http://127.0.0.1:9/nobody")
    slack.say(ANA, "hello")
    slack.command(ANA, "events")
    await until(lambda: len(slack.hooks.given_up) == 2)
    assert sorted(one.attempts for one in slack.hooks.given_up) == [1, 3]


def burst(limit: RateLimit, at: float, count: int, method: str, channel: str = "C1") -> int:
    """Return how many of ``count`` calls at once are let through."""
    return sum(limit.wait_for(method, channel, at) is None for _ in range(count))


@pytest.mark.parametrize("mode", FLOODS)
def test_tiers_and_channels_have_their_own_limits(mode: str) -> None:
    limit = RateLimit(mode)
    assert burst(limit, 0.0, 60, "chat.update") == 50
    assert burst(limit, 0.0, 110, "views.publish") == 100
    assert burst(limit, 0.0, 2, "chat.postMessage", "C1") == 1
    assert burst(limit, 0.0, 2, "chat.postMessage", "C2") == 1
    assert burst(limit, 0.0, 500, "auth.test") == 500


@pytest.mark.parametrize("mode", ["bucket", "window"])
def test_a_workspace_has_a_ceiling(mode: str) -> None:
    limit = RateLimit(mode)
    sent = sum(burst(limit, 0.0, 1, "chat.postMessage", f"C{number}") for number in range(400))
    assert sent == CEILING
    later = burst(limit, 10.0, 1, "chat.postMessage", "C999")
    assert later == (1 if mode == "bucket" else 0), "a bucket fills slowly, a window at its end"


def test_harsh_means_that_asking_on_makes_it_longer() -> None:
    limit = RateLimit("harsh")
    assert burst(limit, 0.0, 50, "chat.update") == 50
    assert limit.wait_for("chat.update", "", 60.0) is None
    burst(limit, 60.0, 49, "chat.update")
    assert limit.wait_for("chat.update", "", 60.0) == 3
    for _ in range(60):
        limit.wait_for("chat.update", "", 61.0)
    assert limit.wait_for("chat.update", "", 64.1) is not None, "3 s and 60 times 20 ms"
    with pytest.raises(ValueError, match="no such mode"):
        RateLimit("gentle")


@pytest.mark.parametrize(("kind", "kept"), [("reset", 0), ("lost", 1), ("garbled", 1)])
async def test_faults_do_or_do_not(
    slack: SlackSimulator, client: AsyncWebClient, kind: str, kept: int
) -> None:
    slack.fault(kind)
    with pytest.raises((aiohttp.ClientError, SlackApiError)):
        await client.chat_postMessage(channel=ANA, text="x")
    assert len(slack.journal.from_bot(ANA)) == kept
    await client.chat_postMessage(channel=ANA, text="y")


@pytest.mark.parametrize(("kind", "kept"), [("timeout", 0), ("late", 1)])
async def test_some_answers_never_come(
    slack: SlackSimulator, client: AsyncWebClient, kind: str, kept: int
) -> None:
    slack.fault(kind)
    asking = asyncio.ensure_future(client.chat_postMessage(channel=ANA, text="x"))
    await until(lambda: slack.journal.requests)
    assert not asking.done()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert len(slack.journal.from_bot(ANA)) == kept
    with pytest.raises(ValueError, match="no such fault"):
        slack.fault("weather")


async def test_another_process_sees_pages_and_sends_forms(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    assert isinstance(slack, HasScreens)
    trigger = slack.workspace.views.trigger(ANA)
    await client.views_open(trigger_id=trigger, view=view(asks("name")))
    async with (
        Control([slack]).serving() as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        async with http.get(f"/slack/screens?user={ANA}") as answer:
            screens = await answer.json()
        assert screens["home"] is None
        assert screens["form"]["fields"] == ["name"]
        for path, body in (
            ("submit", {"user": ANA, "values": {"name": "Ana"}}),
            ("command", {"user": ANA, "text": "events"}),
            ("home", {"user": ANA}),
        ):
            async with http.post(f"/slack/{path}", json=body) as answer:
                assert answer.status == 200
        async with http.post("/slack/submit", json={"user": ANA, "values": {"x": "y"}}) as answer:
            assert answer.status == 400
    assert [kind for kind, _ in slack._last] == ["interactive", "slash_commands", "events_api"]
