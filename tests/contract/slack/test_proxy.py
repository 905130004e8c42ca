"""``CONVOKE_PROXY`` carries all of it, and its password is told to nobody."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.adapters.base import DeliveryKey, Part
from bot.adapters.conformance import READER, Collector, until
from bot.adapters.conformance_kit import direct
from bot.adapters.slack import Access, SlackAdapter
from bot.domain.message import Attachment, Message, line
from bot.domain.outcome import Delivered, Later, Scope
from tests.contract.slack.conftest import SECRETS, USER, SlackHarness
from tests.support.proxy import PASSWORD, Proxy, proxy_of_kind

TAIL = Attachment("a.txt", "text/plain", b"abc")


@asynccontextmanager
async def proxied(
    harness: SlackHarness, kind: str, refuses: bool = False
) -> AsyncIterator[tuple[Proxy, SlackAdapter]]:
    async with proxy_of_kind(kind, refuses) as (proxy, url):
        yield (
            proxy,
            SlackAdapter(
                access=Access(*SECRETS),
                api_url=harness.simulator.environment()["CONVOKE_SLACK_API_URL"],
                memory=harness.memory,
                clock=harness.clock,
                proxy=url,
            ),
        )


@pytest.mark.parametrize("kind", ["http", "socks5", "socks5h"])
async def test_everything_goes_through_it(harness: SlackHarness, kind: str) -> None:
    sink = Collector()
    async with proxied(harness, kind) as (proxy, adapter), adapter.running(sink):
        harness.simulator.say(USER, "hello")
        await until(harness, lambda: sink.stored)
        before = len(proxy.asked)
        (part,) = adapter.render(Message((line("hi"),), (), (TAIL,)), READER)
        handed_over = await adapter.upload(part)
        assert isinstance(handed_over, Part)
        assert isinstance(
            await adapter.send(direct(harness), handed_over, DeliveryKey(1)), Delivered
        )
        assert sink.texts() == ["hello"]
        assert before, "the socket came through it"
        if kind == "http":
            shown = " ".join(proxy.asked)
            assert "apps.connections.open" in shown
            assert "/link" in shown
            assert "files.completeUploadExternal" in shown
            assert "/upload/" in shown


@pytest.mark.parametrize("kind", ["http", "socks5"])
async def test_one_that_is_not_there_is_named_without_its_password(
    harness: SlackHarness, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    caplog.set_level(logging.DEBUG)
    async with proxied(harness, kind) as (_, adapter):
        pass
    async with adapter.session():
        outcome = await adapter.open_direct(direct(harness))
        health = await adapter.check()
        async with adapter.running(Collector()):
            await until(harness, lambda: len(harness.clock.slept) >= 2, passing=1.0)
    assert isinstance(outcome, Later)
    assert outcome.scope is Scope.ACCOUNT
    assert "CONVOKE_PROXY" in health.problem
    told = f"{outcome!r} {health!r} {caplog.text}"
    assert PASSWORD not in told


async def test_one_that_refuses_certainly_sent_nothing(harness: SlackHarness) -> None:
    async with proxied(harness, "socks5", refuses=True) as (_, adapter), adapter.session():
        health = await adapter.check()
        outcome = await adapter.open_direct(direct(harness))
    assert "CONVOKE_PROXY" in health.problem
    assert isinstance(outcome, Later)
