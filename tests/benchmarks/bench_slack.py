"""Slack: with limits off beside a raw loop, and three messages to each of 500 channels.

The first is the full durable path (claim, render, mark, send through the real SDK, record)
on SQLite with ``synchronous=FULL``, to people whose direct chats are open. In the second
the simulator's own count of a post a second and channel is on, the workspace's ceiling
off: two seconds between the first and the last post are the least that it allows.
"""

import asyncio
import time
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
from bot.storage import accounts, deliveries, delivery_reports, schema, tables
from bot.storage.database import Database, Write
from tests.benchmarks.bench_delivery import AT_ONCE, TEXT, member
from tests.benchmarks.servers import TEAM, bare_slack

MESSAGES = 6000
CHANNELS, EACH = 500, 3
BOT_TOKEN = "xoxb-benchmark-benchmark"
OFF = Pace(account=1e6, bulk=1e6, chat=1.0, room=1.0, edit=1.0, open_direct=1.0, home=1.0)
t: Any = tables


async def _raw(url: str) -> float:
    """Post the messages with a bare client and return how many a second that was."""
    left = iter(range(MESSAGES))
    headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def worker() -> None:
            for number in left:
                body = {"channel": f"D{number:08}", "text": TEXT}
                async with session.post(f"{url}/api/chat.postMessage", json=body) as answer:
                    await answer.json()

        begin = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
        return MESSAGES / (time.perf_counter() - begin)


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


async def _durable(url: str, folder: Path) -> float:
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
            begin = time.perf_counter()
            await database.write(
                lambda write: announcements.approve(write, made.id, actor=CLI, now=now)
            )
            while True:
                await asyncio.sleep(0.1)
                async with database.read() as read:
                    tally = await delivery_reports.tally(read, made.id)
                if tally.delivered == MESSAGES:
                    return MESSAGES / (time.perf_counter() - begin)


async def test_slack_durable_path_beside_a_raw_loop(tmp_path: Path) -> None:
    with bare_slack() as url:
        raw = await _raw(url)
        ours = await _durable(url, tmp_path)
    print(f"\nraw aiohttp loop   {raw:7.0f} messages/s")
    print(f"durable path       {ours:7.0f} messages/s   ratio {ours / raw:.2f}")
    assert ours > 0


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
