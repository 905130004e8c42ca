"""Bare platforms in a process of their own: they answer at once and keep nothing.

They take the second core, so that the benchmark measures our side and the wire.
"""

import asyncio
import itertools
import json
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

TOKEN = "7000000001:benchmark-benchmark-benchmark-bench"


def answer(value: Any) -> web.Response:
    """Return ``value`` as JSON, without what aiohttp's own helper looks at."""
    return web.Response(text=json.dumps(value), content_type="application/json")


def _telegram() -> web.Application:
    numbers = itertools.count(1)

    async def method(request: web.Request) -> web.Response:
        name = request.match_info["method"]
        data = await request.post() if request.content_type != "application/json" else {}
        if name == "getUpdates":
            await asyncio.sleep(5)
            return answer({"ok": True, "result": []})
        if name == "getMe":
            me = {"id": 7000000001, "is_bot": True, "first_name": "B", "username": "b"}
            return answer({"ok": True, "result": me})
        chat = {"id": int(str(data.get("chat_id", 1))), "type": "private"}
        result = {"message_id": next(numbers), "date": 1, "chat": chat, "text": "x"}
        return answer({"ok": True, "result": result})

    app = web.Application()
    app.router.add_post("/bot{token}/{method}", method)
    return app


def _serve(port: Any, make: Callable[[], web.Application]) -> None:
    async def run() -> None:
        runner = web.AppRunner(make(), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port.value = runner.addresses[0][1]
        await asyncio.Event().wait()

    asyncio.run(run())


@contextmanager
def in_own_process(make: Callable[[], web.Application]) -> Iterator[str]:
    """Serve what ``make`` returns, a function of a module, and give its address."""
    context = multiprocessing.get_context("spawn")
    port = context.Value("i", 0)
    process = context.Process(target=_serve, args=(port, make), daemon=True)
    process.start()
    try:
        while not port.value:
            process.join(0.05)
        yield f"http://127.0.0.1:{port.value}"
    finally:
        process.terminate()
        process.join()


@contextmanager
def bare_telegram() -> Iterator[str]:
    """Serve a bare Bot API and give its address."""
    with in_own_process(_telegram) as url:
        yield url
