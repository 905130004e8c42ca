"""Every error of Slack's that the methods used can answer, and what becomes of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.adapters.base import DeliveryKey, Part
from bot.adapters.slack import SlackAdapter
from bot.adapters.slack.outcomes import outcome_of_code
from bot.domain.address import Address, MessageRef
from bot.domain.message import plain
from bot.domain.outcome import Delivered, Later, Never, Outcome, Reason, Scope, Unknown
from bot.domain.reader import Reader
from tests.contract.slack.conftest import USER, SlackHarness

READER = Reader("en", "UTC")
ACCOUNT, CHAT = Scope.ACCOUNT, Scope.CHAT

WAITS = {
    "ratelimited": (5.0, ACCOUNT),
    "rate_limited": (5.0, ACCOUNT),
    "message_limit_exceeded": (60.0, ACCOUNT),
    "service_unavailable": (10.0, ACCOUNT),
    "team_added_to_org": (60.0, ACCOUNT),
    "request_timeout": (2.0, CHAT),
    "external_channel_migrating": (60.0, CHAT),
}
ACCOUNT_TROUBLE = (
    "access_denied",
    "accesslimited",
    "account_inactive",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "invalid_auth",
    "messages_tab_disabled",
    "missing_scope",
    "no_permission",
    "not_allowed_token_type",
    "not_authed",
    "org_login_required",
    "team_access_not_granted",
    "token_expired",
    "token_revoked",
    "two_factor_setup_required",
    "unknown_method",
)
NEVER = {
    "channel_not_found": Reason.GONE,
    "is_archived": Reason.GONE,
    "is_inactive": Reason.GONE,
    "user_disabled": Reason.GONE,
    "message_not_found": Reason.NOT_FOUND,
    "thread_not_found": Reason.NOT_FOUND,
    "user_not_found": Reason.NOT_FOUND,
    "user_not_visible": Reason.NOT_FOUND,
    "users_not_found": Reason.NOT_FOUND,
    "cannot_dm_bot": Reason.NOT_ALLOWED,
    "cant_delete_message": Reason.NOT_ALLOWED,
    "cant_update_message": Reason.NOT_ALLOWED,
    "compliance_exports_prevent_deletion": Reason.NOT_ALLOWED,
    "edit_window_closed": Reason.NOT_ALLOWED,
    "invalid_user_combination": Reason.NOT_ALLOWED,
    "not_in_channel": Reason.NOT_ALLOWED,
    "restricted_action": Reason.NOT_ALLOWED,
    "restricted_action_non_threadable_channel": Reason.NOT_ALLOWED,
    "restricted_action_read_only_channel": Reason.NOT_ALLOWED,
    "restricted_action_thread_locked": Reason.NOT_ALLOWED,
    "restricted_action_thread_only_channel": Reason.NOT_ALLOWED,
    "msg_blocks_too_long": Reason.TOO_LONG,
    "msg_too_long": Reason.TOO_LONG,
    "metadata_too_large": Reason.TOO_LONG,
    "too_many_attachments": Reason.TOO_LONG,
    "invalid_arguments": Reason.REFUSED,
    "invalid_blocks": Reason.REFUSED,
    "invalid_blocks_format": Reason.REFUSED,
    "invalid_metadata_format": Reason.REFUSED,
    "invalid_metadata_schema": Reason.REFUSED,
    "metadata_must_be_sent_from_app": Reason.REFUSED,
    "no_text": Reason.REFUSED,
    "an_error_that_slack_invents_tomorrow": Reason.REFUSED,
}
UNKNOWN = ("fatal_error", "internal_error", "rollup_error", "update_failed")

TABLE: dict[str, Outcome] = {
    **{code: Later(after, scope, code) for code, (after, scope) in WAITS.items()},
    **{code: Later(30.0, ACCOUNT, code) for code in ACCOUNT_TROUBLE},
    **{code: Never(why, code) for code, why in NEVER.items()},
    **{code: Unknown(code) for code in UNKNOWN},
}


def one_part(adapter: SlackAdapter, text: str = "x") -> Part:
    (part,) = adapter.render(plain(text), READER)
    return part


async def opened(harness: SlackHarness) -> Address:
    to = Address("slack", harness.adapter.account, USER)
    assert await harness.adapter.open_direct(to) is None
    return to


@pytest.mark.parametrize("code", sorted(TABLE))
async def test_every_error_code_of_a_post(harness: SlackHarness, code: str) -> None:
    to = await opened(harness)
    harness.simulator.refuse(code)
    outcome = await harness.adapter.send(to, one_part(harness.adapter), DeliveryKey(1))
    if code == "ratelimited":
        assert outcome == Later(5.0, ACCOUNT, code)
    else:
        assert outcome == TABLE[code]
    assert harness.simulator.journal.from_bot(USER) == []


def test_a_code_with_a_pause_of_its_own() -> None:
    assert outcome_of_code("ratelimited", 17.0) == Later(17.0, ACCOUNT, "ratelimited")


async def test_what_an_edit_and_a_delete_meet(harness: SlackHarness) -> None:
    to = await opened(harness)
    sent = await harness.adapter.send(to, one_part(harness.adapter), DeliveryKey(1))
    assert isinstance(sent, Delivered)
    assert sent.ref is not None
    gone, part = MessageRef(to, "1.000001"), one_part(harness.adapter, "new")
    assert await harness.adapter.edit(gone, part) == Never(Reason.NOT_FOUND, "message_not_found")
    assert await harness.adapter.delete(gone) == Delivered(None)
    harness.simulator.say(USER, "mine")
    theirs = MessageRef(to, harness.simulator.journal.messages(USER)[-1].id)
    refused = await harness.adapter.edit(theirs, part)
    assert refused == Never(Reason.NOT_ALLOWED, "cant_update_message")
    for code in ("edit_window_closed", "cant_update_message", "fatal_error"):
        harness.simulator.refuse(code, "chat.update")
        assert await harness.adapter.edit(sent.ref, part) == TABLE[code]
    harness.simulator.refuse("compliance_exports_prevent_deletion", "chat.delete")
    assert isinstance(await harness.adapter.delete(sent.ref), Never)
    harness.simulator.lose_answers(1, "chat.update")
    assert isinstance(await harness.adapter.edit(sent.ref, part), Unknown)


async def test_a_long_message_can_be_edited(harness: SlackHarness) -> None:
    """``chat.update`` takes 4000 characters of text where a post takes 40,000."""
    to = await opened(harness)
    part = one_part(harness.adapter, "\n".join(["& word"] * 1000))
    sent = await harness.adapter.send(to, part, DeliveryKey(1))
    assert isinstance(sent, Delivered)
    assert sent.ref is not None
    assert await harness.adapter.edit(sent.ref, part) == Delivered(sent.ref)


async def test_a_flooded_method_rests_and_posts_go_on(harness: SlackHarness) -> None:
    to = await opened(harness)
    other = Address("slack", harness.adapter.account, "U0OTHER")
    harness.simulator.answer_errors(1, 429, 9, method="conversations.open")
    assert await harness.adapter.open_direct(other) == Later(9.0, CHAT, "ratelimited")
    asked = len(harness.simulator.journal.requests)
    harness.clock.advance(4)
    assert await harness.adapter.open_direct(other) == Later(5.0, CHAT, "ratelimited")
    assert len(harness.simulator.journal.requests) == asked
    sent = await harness.adapter.send(to, one_part(harness.adapter), DeliveryKey(1))
    assert isinstance(sent, Delivered)
    harness.clock.advance(5)
    assert await harness.adapter.open_direct(other) == Never(Reason.NOT_FOUND, "user_not_found")


async def test_opening_is_safe_to_repeat(harness: SlackHarness) -> None:
    to = Address("slack", harness.adapter.account, USER)
    assert not await harness.adapter.is_open(to)
    harness.simulator.lose_answers(1, "conversations.open")
    assert isinstance(await harness.adapter.open_direct(to), Later)
    assert await harness.adapter.open_direct(to) is None
    assert await harness.adapter.is_open(to)
    direct = [one for one in harness.simulator.workspace.channels if one.startswith("D")]
    assert len(direct) == 1


async def test_nothing_is_posted_to_a_chat_that_is_not_open(harness: SlackHarness) -> None:
    to = Address("slack", harness.adapter.account, USER)
    outcome = await harness.adapter.send(to, one_part(harness.adapter), DeliveryKey(1))
    assert isinstance(outcome, Later)
    assert outcome.scope is CHAT
    assert "chat.postMessage" not in {one.method for one in harness.simulator.journal.requests}


ODD_ANSWERS = {
    "text that is no JSON": (200, "text/plain", "fine", Unknown),
    "JSON that is broken": (200, "application/json", "{", Unknown),
    "JSON that is no object": (200, "application/json", "[]", Unknown),
    "a gateway's page": (502, "text/html", "<h1>Bad gateway</h1>", Unknown),
    "a time-out's text": (504, "text/plain", "late", Unknown),
    "an unknown code with 500": (500, "application/json", '{"ok":false,"error":"x"}', Unknown),
    "a known pause with 503": (
        503,
        "application/json",
        '{"ok":false,"error":"service_unavailable"}',
        Later,
    ),
    "a proxy's lost patience": (408, "text/html", "<h1>late</h1>", Unknown),
    "a proxy whose client left": (499, "text/html", "", Unknown),
    "a proxy's pause of its own": (
        503,
        "application/json",
        '{"error":"service_unavailable"}',
        Unknown,
    ),
    "a proxy that names a time-out": (
        408,
        "application/json",
        '{"error":"request_timeout"}',
        Unknown,
    ),
    "a teapot": (418, "text/html", "", Unknown),
    "a proxy that refuses": (403, "text/html", "<h1>no</h1>", Later),
    "too large for a proxy": (413, "text/html", "<h1>no</h1>", Never),
    "a flood without words": (429, "text/plain", "", Later),
}


@asynccontextmanager
async def answering(status: int, kind: str, text: str) -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, text=text, content_type=kind)

    app = web.Application()
    app.router.add_route("*", "/api/{method}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("name", ODD_ANSWERS)
async def test_an_answer_that_is_not_slacks(harness: SlackHarness, name: str) -> None:
    to = await opened(harness)
    status, kind, text, expected = ODD_ANSWERS[name]
    async with answering(status, kind, text) as url:
        adapter = harness.new_adapter(api_url=url)
        async with adapter.session():
            assert adapter.account == to.account, "remembered from the last time"
            outcome = await adapter.send(to, one_part(adapter), DeliveryKey(1))
            assert isinstance(outcome, expected), outcome
            assert not (await adapter.check()).ok
