"""Telegram's webhook over a real inbox: nothing that comes with the secret is a 503 for ever."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.adapters.conformance import HandClock
from bot.adapters.http import HttpHandler, HttpRequest
from bot.adapters.telegram import TelegramAdapter
from bot.adapters.telegram.adapter import Webhook
from bot.adapters.telegram.webhook import PATH, SECRET_HEADER
from bot.inbox_sink import InboxSink
from bot.interactions import Interactions
from bot.routing import Routes
from bot.storage import tables
from bot.storage.database import Database
from tests.contract.telegram.harness import Memory

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query
SECRET = "shown-by-telegram"
ANA = 4242
NASTY = ("nul \x00 here", "half \ud83d pair", "\udc00\ud800", "\u202e\ufeff\x1b[0m", "𝕏" * 5000)


@pytest.fixture
async def post(database: Database) -> AsyncIterator[HttpHandler]:
    clock = HandClock()
    adapter = TelegramAdapter(
        token="7:x",
        api_url="http://127.0.0.1:9",
        memory=Memory(),
        clock=clock,
        webhook=Webhook("", SECRET),
    )
    sink = InboxSink(database, clock, Interactions(), Routes(()))
    (route,) = adapter.http_routes(sink)
    async with adapter.session():
        yield route.handle


async def status(post: HttpHandler, update: dict[str, Any], secret: str = SECRET) -> int:
    body = json.dumps(update).encode()
    return (await post(HttpRequest("POST", PATH, {SECRET_HEADER: secret}, body=body))).status


async def stored(database: Database) -> list[Any]:
    async with database.read() as read:
        return [one.payload for one in await read.all(select(t.Inbox.payload))]


def message(number: int, text: object, **more: object) -> dict[str, Any]:
    who = {"id": ANA, "is_bot": False, "first_name": "Ana"}
    chat = {"id": ANA, "type": "private"}
    said = {"message_id": number, "date": 1, "text": text, "from": who, "chat": chat}
    return {"update_id": number, "message": said | more}


async def test_a_redelivered_update_is_one_row(post: HttpHandler, database: Database) -> None:
    for _time in range(3):
        assert await status(post, message(1, "once")) == 200
    assert [one["text"] for one in await stored(database)] == ["once"]


async def test_a_forged_update_is_no_row(post: HttpHandler, database: Database) -> None:
    assert await status(post, message(1, "forged"), "guessed") == 403
    assert await stored(database) == []


@pytest.mark.parametrize("text", NASTY)
async def test_text_that_no_database_takes_is_stored_in_a_form_that_it_does(
    post: HttpHandler, database: Database, text: str
) -> None:
    who = {"id": ANA, "is_bot": False, "first_name": text, "language_code": text[:9]}
    group = {"id": -5, "type": "supergroup", "title": text}
    said = f"/start@x {text}"
    assert await status(post, message(1, text, **{"from": who})) == 200
    assert await status(post, message(2, said, **{"from": who}, chat=group)) == 200
    press = {"id": text, "from": who, "data": text, "chat_instance": "1"}
    press["message"] = {"message_id": 1, "date": 0, "chat": {"id": ANA, "type": "private"}}
    assert await status(post, {"update_id": 3, "callback_query": press}) == 200
    assert len(await stored(database)) == 3


async def test_what_has_no_place_in_the_inbox_is_passed_over(
    post: HttpHandler, database: Database
) -> None:
    """A key of that length is refused by PostgreSQL's indexes: it must not come to that."""
    long = 10**4000
    mores: tuple[dict[str, Any], ...] = (
        {"chat": {"id": long, "type": "private"}},
        {"chat": {"id": "9" * 9000, "type": "group"}},
        {"from": {"id": long, "is_bot": False, "first_name": "A"}},
        {"message_thread_id": long, "is_topic_message": True},
        {"message_id": long},
    )
    for number, more in enumerate(mores):
        assert await status(post, message(number, "x", **more)) == 200
    assert await status(post, message(9, "goes on")) == 200
    assert [one["text"] for one in await stored(database)] == ["goes on"]
