"""A bare Telegram that counts floods, answers late and keeps what it took, in its own process."""

import asyncio
import itertools
import json
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from bot.clock import SystemClock
from bot.simulators.flood import Meter

LATE = (0.040, 0.070)
"""Seconds after which an answer comes, at least and at most."""


def _application(mode: str) -> web.Application:
    numbers, taken, refused = itertools.count(1), Counter[str](), Counter[str]()
    came: list[float] = []
    meter = Meter(SystemClock(), mode)
    late = random.Random(7)

    async def method(request: web.Request) -> web.Response:
        name = request.match_info["method"]
        if name == "getUpdates":
            await asyncio.sleep(5)
            return _json({"ok": True, "result": []})
        if name != "sendMessage":
            me = {"id": 7000000001, "is_bot": True, "first_name": "B", "username": "b"}
            return _json({"ok": True, "result": me if name == "getMe" else True})
        data = await request.post()
        chat = str(data.get("chat_id", "1"))
        seconds = meter.wait()
        if seconds:
            refused[chat] += 1
            return _json(
                {
                    "ok": False,
                    "error_code": 429,
                    "description": f"Too Many Requests: retry after {seconds}",
                    "parameters": {"retry_after": seconds},
                },
                429,
            )
        taken[chat] += 1
        came.append(time.monotonic())
        await asyncio.sleep(late.uniform(*LATE))
        message = {"message_id": next(numbers), "date": 1, "chat": {"id": int(chat)}}
        message["chat"]["type"] = "private"  # type: ignore[index]  # a plain JSON object
        return _json({"ok": True, "result": message})

    async def seen(_request: web.Request) -> web.Response:
        return _json(
            {
                "seconds": came[-1] - came[0] if came else 0.0,
                "chats": len(taken),
                "doubled": sum(count - 1 for count in taken.values()),
                "refused": sum(refused.values()),
            }
        )

    app = web.Application()
    app.router.add_post("/bot{token}/{method}", method)
    app.router.add_get("/seen", seen)
    return app


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(text=json.dumps(value), status=status, content_type="application/json")


def _serve(port: Any, mode: str) -> None:
    async def run() -> None:
        runner = web.AppRunner(_application(mode), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port.value = runner.addresses[0][1]
        await asyncio.Event().wait()

    asyncio.run(run())


@contextmanager
def flooded_telegram(mode: str) -> Iterator[str]:
    """Serve it and give its address; ``mode`` is ``bucket``, ``window`` or ``harsh``."""
    context = multiprocessing.get_context("spawn")
    port = context.Value("i", 0)
    process = context.Process(target=_serve, args=(port, mode), daemon=True)
    process.start()
    try:
        while not port.value:
            process.join(0.05)
        yield f"http://127.0.0.1:{port.value}"
    finally:
        process.terminate()
        process.join()
