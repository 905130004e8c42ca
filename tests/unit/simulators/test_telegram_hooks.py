"""The loopback Telegram delivers to a webhook as Telegram does: again, in order, with a secret."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest

from bot.adapters.conformance import HandClock
from bot.simulators.base import SimulatedPerson
from bot.simulators.loopback import served
from bot.simulators.telegram import TelegramSimulator, hooks
from bot.simulators.telegram.hooks import FIRST_PAUSE, LONGEST_PAUSE, SECRET_HEADER
from tests.unit.simulators.test_telegram import client

PEOPLE = ("1", "2", "3")
REAL_SECONDS = 30.0


class Receiver:
    """A bot's server that answers with the next of ``answers``, and then with 200."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[int] = []
        self.got: list[dict[str, Any]] = []
        self.secrets: set[str | None] = set()
        self.at_once = self.most_at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/hook", self._take)
        return app

    async def _take(self, request: web.Request) -> web.StreamResponse:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            self.got.append(await request.json())
            self.secrets.add(request.headers.get(SECRET_HEADER))
            await self.gate.wait()
            return web.Response(status=self.answers.pop(0) if self.answers else 200)
        finally:
            self.at_once -= 1

    def texts(self) -> list[str]:
        return [one["message"]["text"] for one in self.got]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def simulator(clock: HandClock) -> AsyncIterator[TelegramSimulator]:
    simulator = TelegramSimulator(clock)
    for user in PEOPLE:
        simulator.add_person(SimulatedPerson(user, user))
    async with simulator.serving():
        yield simulator


@pytest.fixture
async def bot(simulator: TelegramSimulator) -> AsyncIterator[Bot]:
    async with client(simulator) as bot:
        yield bot


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with served(receiver.app()) as port:
        receiver.url = f"http://127.0.0.1:{port}/hook"
        yield receiver


def slept_more_often_than(clock: HandClock, times: int) -> bool:
    return len(clock.slept) > times


async def until(condition: Callable[[], object]) -> None:
    end = asyncio.get_running_loop().time() + REAL_SECONDS
    while not condition():
        assert asyncio.get_running_loop().time() < end
        await asyncio.sleep(0.002)


async def test_what_is_taken_is_gone_and_the_secret_is_shown(
    bot: Bot, simulator: TelegramSimulator, receiver: Receiver
) -> None:
    simulator.say("1", "waits already")
    await bot.set_webhook(receiver.url, secret_token="s-1_x")
    simulator.say("1", "comes later")
    await until(lambda: not simulator.world.waiting())
    assert receiver.texts() == ["waits already", "comes later"]
    assert receiver.secrets == {"s-1_x"}
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count, info.max_connections) == (receiver.url, 0, 40)
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_a_refusal_is_tried_again_ever_later_and_holds_up_its_chat_alone(
    bot: Bot, simulator: TelegramSimulator, receiver: Receiver, clock: HandClock
) -> None:
    receiver.answers = [503, 500, 302, 403]
    await bot.set_webhook(receiver.url)
    simulator.say("1", "a1")
    simulator.say("1", "a2")
    expected = FIRST_PAUSE
    for number in range(4):
        await until(partial(slept_more_often_than, clock, number))
        assert clock.slept[number] == expected
        clock.advance(expected)
        expected = min(LONGEST_PAUSE, expected * 2)
    await until(lambda: not simulator.world.waiting())
    assert receiver.texts() == ["a1"] * 5 + ["a2"]
    receiver.answers = [503]
    simulator.say("1", "a3")
    await until(lambda: len(clock.slept) == 5)
    assert clock.slept[4] == FIRST_PAUSE, "what went well ended the long pauses"
    simulator.say("2", "b1")
    await until(lambda: "b1" in receiver.texts())
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"
    assert info.pending_update_count == 1
    clock.advance(FIRST_PAUSE)
    await until(lambda: not simulator.world.waiting())


async def test_a_server_that_hangs_or_is_away_gets_it_again(
    bot: Bot,
    simulator: TelegramSimulator,
    receiver: Receiver,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hooks, "PATIENCE", 0.05)
    receiver.gate.clear()
    await bot.set_webhook(receiver.url)
    simulator.say("1", "x")
    await until(lambda: clock.slept)
    assert (await bot.get_webhook_info()).last_error_message == "Read timeout expired"
    monkeypatch.undo()  # a busy machine may need longer for an answer
    receiver.gate.set()
    clock.advance(FIRST_PAUSE)
    await until(lambda: not simulator.world.waiting())
    await bot.set_webhook("http://127.0.0.1:9/hook")
    simulator.say("1", "y")
    await until(lambda: len(clock.slept) == 2)
    assert (await bot.get_webhook_info()).last_error_message == "Connection refused"
    await bot.set_webhook(receiver.url)
    clock.advance(LONGEST_PAUSE)
    await until(lambda: not simulator.world.waiting())
    assert receiver.texts() == ["x", "x", "y"]


async def test_no_more_at_once_than_was_asked_for_and_each_chat_in_order(
    bot: Bot, simulator: TelegramSimulator, receiver: Receiver
) -> None:
    receiver.gate.clear()
    for number in range(20):
        for user in PEOPLE:
            simulator.say(user, f"{user}:{number}")
    await bot.set_webhook(receiver.url, max_connections=2)
    await until(lambda: receiver.at_once == 2)
    receiver.gate.set()
    await until(lambda: not simulator.world.waiting())
    assert receiver.most_at_once == 2
    by_person: dict[str, list[int]] = defaultdict(list)
    for text in receiver.texts():
        user, _, which = text.partition(":")
        by_person[user].append(int(which))
    assert by_person == {user: list(range(20)) for user in PEOPLE}


async def test_a_day_later_nothing_waits_any_more(
    bot: Bot, simulator: TelegramSimulator, receiver: Receiver, clock: HandClock
) -> None:
    simulator.say("1", "old")
    clock.advance(timedelta(hours=24, seconds=1).total_seconds())
    simulator.say("1", "new")
    await bot.set_webhook(receiver.url)
    await until(lambda: not simulator.world.waiting())
    assert receiver.texts() == ["new"]


async def test_a_second_delivery_of_what_was_taken(
    bot: Bot, simulator: TelegramSimulator, receiver: Receiver
) -> None:
    await bot.set_webhook(receiver.url)
    simulator.say("1", "x")
    await until(lambda: not simulator.world.waiting())
    simulator.redeliver()
    await until(lambda: not simulator.world.waiting())
    assert [one["update_id"] for one in receiver.got] == [receiver.got[0]["update_id"]] * 2


async def test_nothing_leaves_this_machine(
    bot: Bot, simulator: TelegramSimulator, clock: HandClock
) -> None:
    await bot.set_webhook("https://elsewhere.example/hook")
    simulator.say("1", "x")
    await until(lambda: clock.slept)
    assert "only this machine" in str((await bot.get_webhook_info()).last_error_message)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "nowhere", "http://[", "http://h:99999/"])
async def test_what_is_no_address_is_refused(bot: Bot, url: str) -> None:
    with pytest.raises(BadRequest, match=r"(?i)bad webhook"):
        await bot.set_webhook(url)


async def test_a_secret_and_a_number_that_telegram_does_not_take(bot: Bot) -> None:
    with pytest.raises(BadRequest, match=r"(?i)secret token"):
        await bot.set_webhook("https://x.example", secret_token="with space")
    with pytest.raises(BadRequest, match=r"(?i)max_connections"):
        await bot.set_webhook("https://x.example", max_connections=101)
