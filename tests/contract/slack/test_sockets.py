"""Two connections at a time: refreshed, cut, fallen silent; nothing is lost and order holds."""

import asyncio
import json
import logging
from typing import Any

import pytest

from bot.adapters.conformance import Collector, until
from bot.adapters.slack import sockets
from tests.contract.slack.conftest import USER, SlackHarness


def connected(harness: SlackHarness) -> int:
    return harness.simulator.sockets.connected


async def test_there_are_two(harness: SlackHarness) -> None:
    sink = Collector()
    async with harness.adapter.running(sink):
        await until(harness, lambda: connected(harness) == 2)
        for number in range(20):
            harness.simulator.say(USER, str(number))
        await until(harness, lambda: len(set(sink.texts())) == 20)
        asked = [each.method for each in harness.simulator.journal.requests]
        assert asked.count("apps.connections.open") == 2
    assert list(dict.fromkeys(sink.texts())) == [str(number) for number in range(20)], "in order"


async def test_the_next_is_opened_before_the_old_is_gone(harness: SlackHarness) -> None:
    """After a warning Slack still sends through the old one, and that is taken too."""
    sink = Collector()
    async with harness.adapter.running(sink):
        await until(harness, lambda: connected(harness) == 2)
        old = list(harness.simulator.sockets._connections)
        await harness.simulator.disconnect("warning")
        await until(harness, lambda: connected(harness) == 4, passing=0.1)
        for number in range(8):
            harness.simulator.say(USER, str(number))
        await until(harness, lambda: len(set(sink.texts())) == 8)
        await until(harness, lambda: harness.simulator.sockets.acknowledged >= 8)
        harness.clock.advance(sockets.FAREWELL)
        await until(harness, lambda: connected(harness) == 2, passing=5.0)
        assert not set(old) & set(harness.simulator.sockets._connections)
    assert list(dict.fromkeys(sink.texts())) == [str(number) for number in range(8)]


async def test_one_is_cut_without_a_word(harness: SlackHarness) -> None:
    sink = Collector()
    async with harness.adapter.running(sink):
        await until(harness, lambda: connected(harness) == 2)
        for number in range(30):
            harness.simulator.say(USER, str(number))
            if number % 10 == 5:
                harness.simulator.sockets.cut()
                await asyncio.sleep(0.01)
        await until(harness, lambda: len(set(sink.texts())) == 30, passing=0.1)
        await until(harness, lambda: connected(harness) == 2, passing=0.1)
    assert harness.simulator.given_up == []


async def test_a_server_that_stops_talking(
    harness: SlackHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """Half open: nothing is closed, no ping is answered; only the silence says so."""
    sink = Collector()
    async with harness.adapter.running(sink):
        harness.simulator.say(USER, "before")
        await until(harness, lambda: sink.stored)
        await until(harness, lambda: connected(harness) == 2)
        await asyncio.sleep(0.05)  # hello and the acknowledgement are through
        harness.simulator.sockets.fall_silent(2)
        silent = list(harness.simulator.sockets._connections)
        harness.simulator.say(USER, "meanwhile")
        with caplog.at_level(logging.WARNING):
            await until(harness, lambda: "meanwhile" in sink.texts(), passing=1.0)
        await until(harness, lambda: connected(harness) == 4)
        assert set(silent) < set(harness.simulator.sockets._connections), "it heard no farewell"
    assert "fell silent" in caplog.text
    assert list(dict.fromkeys(sink.texts())) == ["before", "meanwhile"]


async def test_a_quiet_server_that_lives_is_kept(harness: SlackHarness) -> None:
    """Nothing to say for ten minutes, but every ping is answered."""
    sink = Collector()
    async with harness.adapter.running(sink):
        await until(harness, lambda: connected(harness) == 2)
        before = list(harness.simulator.sockets._connections)
        for _ in range(60):
            harness.clock.advance(sockets.PING)
            await asyncio.sleep(0.02)
        assert set(harness.simulator.sockets._connections) == set(before)


async def test_socket_mode_switched_off_is_said_once(
    harness: SlackHarness, caplog: pytest.LogCaptureFixture
) -> None:
    async with harness.adapter.running(Collector()):
        for _ in range(4):
            await until(harness, lambda: connected(harness) == 2, passing=1.0)
            await harness.simulator.disconnect("link_disabled")
        await until(harness, lambda: connected(harness) == 2, passing=1.0)
    said = [each for each in caplog.messages if "Socket Mode is switched off" in each]
    assert len(said) >= 1


async def test_what_a_form_is_answered_goes_with_the_acknowledgement(harness: SlackHarness) -> None:
    """``payload`` of the acknowledgement: Slack takes it for a form and for nothing else."""
    seen: list[dict[str, Any]] = []
    taken = harness.simulator.sockets._acknowledge

    def noting(text: str) -> None:
        seen.append(json.loads(text))
        taken(text)

    harness.simulator.sockets._acknowledge = noting  # type: ignore[method-assign]  # only looks on, and goes on as before
    sink = Collector()
    async with harness.adapter.running(sink):
        harness.simulator.say(USER, "hello")
        await until(harness, lambda: seen)
    assert list(seen[0]) == ["envelope_id"]
