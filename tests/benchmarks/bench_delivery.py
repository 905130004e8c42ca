"""Telegram with limits off: the full durable path beside raw loops, in one run.

The durable path is claim, render, mark, send through the real SDK, record, on SQLite
with ``synchronous=FULL``. The raw loops (:mod:`tests.benchmarks.rawly`) say what this
machine and this server can do at best.
"""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from pydantic import SecretStr
from sqlalchemy import func, select

from bot.app import App, assemble
from bot.domain.announcement import Body
from bot.domain.people import CLI, ContactRole, RosterRow
from bot.service import settle_memory
from bot.services import announcements, roster
from bot.settings import Settings
from bot.storage import delivery_reports, schema, tables
from bot.storage.database import Database
from tests.benchmarks.rawly import Encode, Round, Speed, Watch, post, rounds
from tests.benchmarks.servers import TOKEN, bare_telegram, last_body

MESSAGES = 6000
ROUNDS = 3
UP_SECONDS = 2.0
"""How long the service is up before: who begins has to take leases and to ask for names."""
POLL_SECONDS = 0.2
t: Any = tables
TEXT = "Happy New Year from the secretariat. We look forward to seeing you in Beijing."


def _minimal(number: int) -> dict[str, Any]:
    return {"data": {"chat_id": str(number), "text": TEXT, "parse_mode": "HTML"}}


def _fair(body: bytes) -> Encode:
    """Return what encodes all the fields of ``body``, a message of ours, for another chat."""
    fields = dict(parse_qsl(body.decode(), strict_parsing=True))
    assert urlencode(fields).encode() == body
    return lambda number: {"data": {**fields, "chat_id": str(number)}}


def member(number: int) -> RosterRow:
    """Return somebody with an account on Telegram."""
    return RosterRow(
        line=number,
        organisation_slug=f"center-{number % 90}",
        organisation_names={"": f"Center {number % 90}"},
        country="CN",
        names={"": f"Member {number}"},
        email=f"member{number}@example.org",
        role=ContactRole.CONTACT,
        locale="en",
        timezone="UTC",
        accounts=(("telegram", "", str(number)),),
    )


async def approved(app: App, number: int, messages: int) -> Speed:
    """Approve an announcement in a service that runs already, and return how fast it was sent.

    The end is the last commit's own time: asking for it all the time would be measured, too.
    """
    settle_memory()
    await asyncio.sleep(UP_SECONDS)
    watch, begin = Watch(), app.clock.now()
    await app.database.write(
        lambda write: announcements.approve(write, number, actor=CLI, now=begin)
    )
    while True:
        await asyncio.sleep(POLL_SECONDS)
        async with app.database.read() as read:
            tally = await delivery_reports.tally(read, number)
            if tally.delivered == messages:
                end = await read.scalar(select(func.max(t.Delivery.finished_at)))
                return watch.speed(messages, (end - begin).total_seconds())


async def durable(url: str, folder: Path, *, messages: int = MESSAGES, rate: float = 1e6) -> Speed:
    """Send an announcement to so many accounts and return how fast that was."""
    settings = Settings(
        adapters="telegram",
        telegram_token=SecretStr(TOKEN),
        telegram_api_url=url,
        telegram_rate=rate,
    )
    database = Database(f"sqlite:///{folder / 'bench.db'}")
    await schema.migrate(database)
    app = assemble(settings, database)
    now = app.clock.now()
    rows = [member(number) for number in range(1, messages + 1)]
    await database.write(lambda write: roster.save(write, rows, own={}, actor=CLI, now=now))
    running = asyncio.create_task(app.run())
    draft = announcements.Draft("Greeting", (Body("en", "Greeting", TEXT),), "all", None, "UTC")
    made = await database.write(
        lambda write: announcements.create(write, draft, actor=CLI, now=now)
    )
    speed = await approved(app, made.id, messages)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await database.close()
    return speed


async def test_telegram_durable_path_beside_raw_loops(tmp_path: Path) -> None:
    async def one(number: int) -> Round:
        folder = tmp_path / str(number)
        folder.mkdir()
        ours = await durable(url, folder)
        fair = await post(address, MESSAGES, _fair(await last_body(url)))
        return Round(ours, fair, await post(address, MESSAGES, _minimal))

    with bare_telegram() as url:
        address = f"{url}/bot{TOKEN}/sendMessage"
        await rounds(ROUNDS, one)
