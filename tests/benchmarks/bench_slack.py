"""Slack: with limits off beside raw loops, and three messages to each of 500 channels.

The first is the full durable path (claim, render, mark, send through the real SDK, record)
on SQLite with ``synchronous=FULL``, to people whose direct chats are open. In the second
the simulator's own count of a post a second and channel is on, the workspace's ceiling
off: two seconds between the first and the last post are the least that it allows.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr
from sqlalchemy import insert

from bot.adapters.base import Pace
from bot.app import App, assemble
from bot.domain.address import Address
from bot.domain.announcement import Body
from bot.domain.delivery import Kind, Lane
from bot.domain.message import plain
from bot.domain.people import CLI, RosterRow
from bot.domain.reader import Reader
from bot.services import announcements, roster
from bot.settings import Settings
from bot.storage import accounts, deliveries, schema, tables
from bot.storage.database import Database, Write
from tests.benchmarks.bench_delivery import ROUNDS, TEXT, approved, member
from tests.benchmarks.rawly import Encode, Round, Speed, post, rounds
from tests.benchmarks.servers import TEAM, bare_slack, last_body

MESSAGES = 6000
CHANNELS, EACH = 500, 3
BOT_TOKEN = "xoxb-benchmark-benchmark"
OFF = Pace(account=1e6, bulk=1e6, chat=1.0, room=1.0, edit=1.0, open_direct=1.0, home=1.0)
t: Any = tables


def _minimal(number: int) -> dict[str, Any]:
    return {"json": {"channel": f"D{number:08}", "text": TEXT}}


def _fair(body: bytes) -> Encode:
    """Return what encodes all the fields of ``body``, a message of ours, for another chat."""
    fields = json.loads(body)
    assert json.dumps(fields).encode() == body

    def encode(number: int) -> dict[str, Any]:
        mark = {**fields["metadata"], "event_payload": {"delivery_id": str(number)}}
        return {"json": {**fields, "channel": f"D{number:08}", "metadata": mark}}

    return encode


@asynccontextmanager
async def _assembled(url: str, folder: Path) -> AsyncIterator[App]:
    settings = Settings(
        adapters="slack",
        slack_bot_token=SecretStr(BOT_TOKEN),
        slack_signing_secret=SecretStr("a-secret"),
        slack_mode="http",
        slack_api_url=f"{url}/api/",
    )
    database = Database(f"sqlite:///{folder / 'bench.db'}")
    await schema.migrate(database)
    app = assemble(settings, database)
    app.adapters["slack"].pace = OFF
    try:
        yield app
    finally:
        await database.close()


@asynccontextmanager
async def _running(app: App) -> AsyncIterator[None]:
    running = asyncio.create_task(app.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _member(number: int) -> RosterRow:
    return replace(member(number), accounts=(("slack", TEAM, f"U{number:08}"),))


async def _open_chats(write: Write) -> None:
    """Note a direct channel for each, as if they had been opened before."""
    rows = [
        {"key": f"adapter:slack:slack.direct.{TEAM}.U{one:08}", "value": f"D{one:08}"}
        for one in range(1, MESSAGES + 1)
    ]
    await write.execute(insert(t.KeyValue), rows)


async def _durable(url: str, folder: Path) -> Speed:
    async with _assembled(url, folder) as app:
        database, now = app.database, app.clock.now()
        rows = [_member(number) for number in range(1, MESSAGES + 1)]
        await database.write(lambda write: roster.save(write, rows, own={}, actor=CLI, now=now))
        await database.write(_open_chats)
        draft = announcements.Draft("Greeting", (Body("en", "Greeting", TEXT),), "all", None, "UTC")
        async with _running(app):
            made = await database.write(
                partial(announcements.create, draft=draft, actor=CLI, now=now)
            )
            return await approved(app, made.id, MESSAGES)


async def test_slack_durable_path_beside_raw_loops(tmp_path: Path) -> None:
    async def one(number: int) -> Round:
        folder = tmp_path / str(number)
        folder.mkdir()
        ours = await _durable(url, folder)
        fair = await post(address, MESSAGES, _fair(await last_body(url)), headers)
        return Round(ours, fair, await post(address, MESSAGES, _minimal, headers))

    headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
    with bare_slack() as url:
        address = f"{url}/api/chat.postMessage"
        await rounds(ROUNDS, one)


async def _enqueue(write: Write, payload: dict[str, Any]) -> None:
    common = {"platform": "slack", "account": TEAM, "lane": int(Lane.BULK), "payload": payload}
    rooms = [f"C{number:08}" for number in range(1, CHANNELS + 1)]
    where = [await accounts.ensure_address(write, Address("slack", TEAM, one)) for one in rooms]
    rows = [
        {**common, "kind": Kind.SEND.value, "address_id": one, "ordinal": ordinal}
        for ordinal in range(EACH)
        for one in where
    ]
    await deliveries.enqueue(write, rows)


async def test_three_messages_to_each_of_500_channels(tmp_path: Path) -> None:
    with bare_slack(limited=True) as url:
        async with _assembled(url, tmp_path) as app:
            (part,) = app.adapters["slack"].render(plain(TEXT), Reader("en", "UTC"))
            await app.database.write(partial(_enqueue, payload=dict(part.payload)))
            async with _running(app), aiohttp.ClientSession() as session:
                for _ in range(200):
                    await asyncio.sleep(0.1)
                    async with session.get(f"{url}/seen") as answer:
                        seen = await answer.json()
                    if seen["taken"] >= CHANNELS * EACH:
                        break
    print(f"\n{seen['taken']} posts in {seen['seconds']:.2f} s, {seen['refused']} times 429")
    assert seen["taken"] == CHANNELS * EACH
