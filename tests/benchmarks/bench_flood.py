"""900 messages at Telegram's 30 a second, in three ways of counting floods, late answers.

Beside ours, in the same run: PTB with its own ``AIORateLimiter``, which by itself repeats
nothing, and with retries; PTB with the documented recipe of waiting for ``retry_after``; and
a raw loop that sends 30 a second by the clock and asks nothing. ``CONVOKE_BENCH_MESSAGES``
changes how many messages there are.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from telegram import Bot
from telegram.error import RetryAfter, TelegramError
from telegram.ext import AIORateLimiter, ExtBot

from tests.benchmarks.bench_delivery import TEXT, durable
from tests.benchmarks.flooded import flooded_telegram
from tests.benchmarks.servers import TOKEN

MESSAGES = int(os.environ.get("CONVOKE_BENCH_MESSAGES", "900"))
RATE = 30.0
AT_ONCE = 30
RETRIES = 5
Way = Callable[[str], Awaitable[float | None]]
"""Sends all of them to a URL; may return how many a second that was."""


async def _raw(url: str) -> None:
    """Send by the clock, 30 a second; what is refused is lost."""
    async with aiohttp.ClientSession() as session:

        async def one(number: int) -> None:
            body = {"chat_id": str(number + 1), "text": TEXT}
            async with session.post(f"{url}/bot{TOKEN}/sendMessage", data=body) as answer:
                await answer.read()

        begin = time.perf_counter()
        tasks = []
        for number in range(MESSAGES):
            await asyncio.sleep(max(0.0, begin + number / RATE - time.perf_counter()))
            tasks.append(asyncio.create_task(one(number)))
        await asyncio.gather(*tasks)


async def _ptb(url: str) -> None:
    """Send with PTB, 30 at once, and wait for ``retry_after`` where it is asked for."""
    left = iter(range(MESSAGES))
    async with Bot(TOKEN, base_url=f"{url}/bot") as bot:

        async def worker() -> None:
            for number in left:
                while True:
                    try:
                        await bot.send_message(str(number + 1), TEXT)
                        break
                    except RetryAfter as refused:
                        after = refused.retry_after
                        await asyncio.sleep(
                            after.total_seconds() if not isinstance(after, int) else after
                        )

        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))


async def _limited(url: str, retries: int) -> None:
    """Send with PTB's limiter, as many at once as :func:`_ptb`; what it raises is lost."""
    left = iter(range(MESSAGES))
    limiter = AIORateLimiter(max_retries=retries)
    async with ExtBot(TOKEN, base_url=f"{url}/bot", rate_limiter=limiter) as bot:

        async def worker() -> None:
            for number in left:
                with suppress(TelegramError):
                    await bot.send_message(number + 1, TEXT)

        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))


async def _measured(mode: str, send: Way) -> tuple[float, Any]:
    """Return the seconds that it took (ours says so itself: from the approval on), and more."""
    with flooded_telegram(mode) as url:
        begin = time.perf_counter()
        rate = await send(url)
        took = MESSAGES / rate if rate else time.perf_counter() - begin
        async with aiohttp.ClientSession() as session, session.get(f"{url}/seen") as answer:
            return took, await answer.json()


@pytest.mark.parametrize("mode", ["bucket", "window", "harsh"])
async def test_900_messages_at_30_a_second(mode: str, tmp_path: Path) -> None:
    async def ours(url: str) -> float:
        return (await durable(url, tmp_path, messages=MESSAGES, rate=RATE)).rate

    ways: dict[str, Way] = {
        "ours": ours,
        "AIORateLimiter": partial(_limited, retries=0),
        f"the same, {RETRIES} retries": partial(_limited, retries=RETRIES),
        "PTB and retry_after": _ptb,
        "raw, by the clock": _raw,
    }
    print()
    for name, send in ways.items():
        took, seen = await _measured(mode, send)
        lost = MESSAGES - seen["chats"]
        print(
            f"{mode:<7} {name:<19} {took:6.2f} s   on the wire {seen['seconds']:6.2f} s   "
            f"lost {lost}   doubled {seen['doubled']}   429s {seen['refused']}"
        )
        if name == "ours":
            assert (lost, seen["doubled"]) == (0, 0)
