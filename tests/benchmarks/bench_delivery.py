"""Telegram with limits off: the full durable path beside a raw loop, in one run.

The durable path is claim, render, mark, send through the real SDK, record, on SQLite
with ``synchronous=FULL``. The raw loop posts the same words with aiohttp and keeps
nothing: what this machine and this server can do at best.
"""

import asyncio
import time
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bot.app import assemble
from bot.domain.announcement import Body
from bot.domain.people import CLI, ContactRole, RosterRow
from bot.services import announcements, roster
from bot.settings import Settings
from bot.storage import delivery_reports, schema
from bot.storage.database import Database
from tests.benchmarks.servers import TOKEN, bare_telegram

MESSAGES = 6000
AT_ONCE = 32
TEXT = "Happy New Year from the secretariat. We look forward to seeing you in Beijing."


async def _raw(url: str) -> float:
    """Post the messages with a bare client and return how many a second that was."""
    left = iter(range(MESSAGES))
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def worker() -> None:
            for number in left:
                body = {"chat_id": str(number + 1), "text": TEXT, "parse_mode": "HTML"}
                async with session.post(f"{url}/bot{TOKEN}/sendMessage", data=body) as answer:
                    await answer.json()

        begin = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
        return MESSAGES / (time.perf_counter() - begin)


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


async def durable(url: str, folder: Path, *, messages: int = MESSAGES, rate: float = 1e6) -> float:
    """Send an announcement to so many accounts and return how many a second that was."""
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
    begin = time.perf_counter()
    await database.write(lambda write: announcements.approve(write, made.id, actor=CLI, now=now))
    while True:
        await asyncio.sleep(0.05)
        async with database.read() as read:
            tally = await delivery_reports.tally(read, made.id)
        if tally.delivered == messages:
            break
    done = messages / (time.perf_counter() - begin)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await database.close()
    return done


async def test_telegram_durable_path_beside_a_raw_loop(tmp_path: Path) -> None:
    with bare_telegram() as url:
        raw = await _raw(url)
        ours = await durable(url, tmp_path)
    print(f"\nraw aiohttp loop   {raw:7.0f} messages/s")
    print(f"durable path       {ours:7.0f} messages/s   ratio {ours / raw:.2f}")
    assert ours > 0
