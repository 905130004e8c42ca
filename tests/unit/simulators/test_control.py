"""The control interface, over HTTP as another process would use it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.simulators.base import SimulatedPerson
from bot.simulators.control import Control
from bot.simulators.journal import BOT, SeenButton, SeenMessage
from bot.simulators.telegram import TelegramSimulator


@pytest.fixture
def simulator() -> TelegramSimulator:
    simulator = TelegramSimulator()
    simulator.add_person(SimulatedPerson("5", "Ana"))
    return simulator


@pytest.fixture
async def http(simulator: TelegramSimulator) -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        Control([simulator]).serving() as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        yield session


async def post(http: aiohttp.ClientSession, path: str, **body: object) -> int:
    async with http.post(path, json=body) as answer:
        return answer.status


async def test_people_are_listed_and_added(http: aiohttp.ClientSession) -> None:
    assert await post(http, "/telegram/people", user="6", name="Bo", language="zh") == 200
    async with http.get("/telegram/people") as answer:
        assert [one["name"] for one in await answer.json()] == ["Ana", "Bo"]


async def test_people_talk_press_and_block(
    http: aiohttp.ClientSession, simulator: TelegramSimulator
) -> None:
    assert await post(http, "/telegram/say", user="5", text="hello") == 200
    assert await post(http, "/telegram/press", user="5", message_id="1", data="x:") == 200
    assert await post(http, "/telegram/block", user="5") == 200
    kinds = [list(update)[1] for _, update in simulator.world.updates]
    assert kinds == ["message", "callback_query", "my_chat_member"]


async def test_the_journal_shows_messages_and_notices(
    http: aiohttp.ClientSession, simulator: TelegramSimulator
) -> None:
    simulator.journal.add("5", SeenMessage("1", BOT, "hi", (SeenButton("Go", "go:"),)))
    simulator.journal.notice("5", "done")
    async with http.get("/telegram/journal?chat=5") as answer:
        one_chat = await answer.json()
    assert one_chat["messages"][0]["text"] == "hi"
    assert one_chat["messages"][0]["buttons"] == [{"label": "Go", "data": "go:"}]
    assert one_chat["notices"] == ["done"]
    async with http.get("/telegram/journal") as answer:
        assert await answer.json() == {"5": one_chat}


async def test_faults_are_staged(http: aiohttp.ClientSession, simulator: TelegramSimulator) -> None:
    assert await post(http, "/telegram/faults", lose_answers=2) == 200
    assert await post(http, "/telegram/faults", answer_errors=3, status=429, retry_after=9) == 200
    assert await post(http, "/telegram/faults", fault="late", method="getMe") == 200
    taken = [simulator.faults.take(name) for name in ("sendMessage",) * 5 + ("getMe",) * 2]
    kinds = [one.kind if one else "" for one in taken]
    assert kinds == ["lost", "lost", "error", "error", "error", "late", ""]
    assert taken[2] is not None
    assert (taken[2].status, taken[2].retry_after) == (429, 9)
    assert await post(http, "/telegram/faults", fault="plague") == 400


async def test_rooms_floods_and_second_deliveries(
    http: aiohttp.ClientSession, simulator: TelegramSimulator
) -> None:
    async with http.post("/telegram/rooms", json={"title": "Club"}) as answer:
        chat = (await answer.json())["chat"]
    assert await post(http, "/telegram/bot", chat=chat, by="5") == 200
    assert await post(http, "/telegram/say", user="5", text="<@bot> hi", chat=chat) == 200
    async with http.post("/telegram/upgrade", json={"chat": chat}) as answer:
        new_chat = (await answer.json())["chat"]
    assert new_chat.startswith("-100")
    assert await post(http, "/telegram/bot", chat=new_chat, by="5", added=False) == 200
    assert await post(http, "/telegram/redeliver", count=2) == 200
    assert simulator.world.again == [], "what waits still is given in its turn"
    simulator.world.updates.clear()
    assert await post(http, "/telegram/redeliver", count=2) == 200
    assert len(simulator.world.again) == 2
    assert await post(http, "/telegram/flood", mode="harsh") == 200
    assert simulator.meter.mode == "harsh"
    assert await post(http, "/telegram/flood", mode="none") == 400
    assert await post(http, "/telegram/flood", mode="", chats=True) == 200
    assert simulator.chats.on


async def test_people_answer_messages_and_vanish(
    http: aiohttp.ClientSession, simulator: TelegramSimulator
) -> None:
    simulator.say("5", "first")
    assert await post(http, "/telegram/answer", user="5", text="so?", message_id="1") == 200
    assert await post(http, "/telegram/answer", user="5", text="so?", message_id="9") == 400
    answered = simulator.world.updates[-1][1]["message"]
    assert answered["reply_to_message"]["text"] == "first"
    assert await post(http, "/telegram/vanish", user="5") == 200
    assert simulator.world.accounts["5"].deactivated


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/nowhere/say", {}, 404),
        ("/telegram/dance", {}, 404),
        ("/telegram/say", {"user": "5"}, 400),
        ("/telegram/block", {"user": "nobody"}, 400),
        ("/telegram/people", {"shoe_size": 40}, 400),
    ],
)
async def test_nonsense_is_refused(
    http: aiohttp.ClientSession, path: str, body: dict[str, object], status: int
) -> None:
    assert await post(http, path, **body) == status


async def test_a_web_page_cannot_reach_it(http: aiohttp.ClientSession) -> None:
    async with http.get("/", headers={"Host": "evil.example"}) as answer:
        assert answer.status == 403
    async with http.post("/telegram/say", data='{"user": "5", "text": "x"}') as answer:
        assert answer.status == 415
    async with http.get("/", headers={"Host": "localhost:1"}) as answer:
        assert await answer.json() == ["telegram"]
