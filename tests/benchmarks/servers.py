"""Bare platforms in a process of their own: they answer at once and keep nothing.

They take the second core, so that the benchmark measures our side and the wire. Each shows
the last message's body at ``/last``: a raw loop is fair only where it posts the same.
"""

import asyncio
import itertools
import json
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import aiohttp
from aiohttp import web

from bot.clock import SystemClock
from bot.simulators.slack import rates
from bot.simulators.slack.rates import RateLimit

TEAM = "T0BENCH"
TOKEN = "7000000001:benchmark-benchmark-benchmark-bench"


def answer(value: Any) -> web.Response:
    """Return ``value`` as JSON, without what aiohttp's own helper looks at."""
    return web.Response(text=json.dumps(value), content_type="application/json")


class _Last:
    """The body of the last message, at ``/last``."""

    def __init__(self, app: web.Application) -> None:
        self.body = b""
        app.router.add_get("/last", self._show)

    async def _show(self, _request: web.Request) -> web.Response:
        return web.Response(body=self.body)


def _telegram() -> web.Application:
    numbers = itertools.count(1)
    app = web.Application()
    last = _Last(app)

    async def method(request: web.Request) -> web.Response:
        name = request.match_info["method"]
        data = await request.post() if request.content_type != "application/json" else {}
        if name == "getUpdates":
            await asyncio.sleep(5)
            return answer({"ok": True, "result": []})
        if name == "getMe":
            me = {"id": 7000000001, "is_bot": True, "first_name": "B", "username": "b"}
            return answer({"ok": True, "result": me})
        last.body = await request.read()
        chat = {"id": int(str(data.get("chat_id", 1))), "type": "private"}
        result = {"message_id": next(numbers), "date": 1, "chat": chat, "text": "x"}
        return answer({"ok": True, "result": result})

    app.router.add_post("/bot{token}/{method}", method)
    return app


def _slack(*, limited: bool) -> web.Application:
    """Return a bare Web API; ``limited`` refuses more than a post a second and channel."""
    numbers, refused, taken = itertools.count(1), itertools.count(), []
    clock, limit = SystemClock(), RateLimit("window")
    rates.CEILING = 10**9  # the workspace's own is not what is measured
    seen = {"refused": 0}
    app = web.Application()
    last = _Last(app)

    async def method(request: web.Request) -> web.Response:
        name = request.match_info["method"]
        if name == "auth.test":
            return answer({"ok": True, "team_id": TEAM, "user_id": "UBOT", "bot_id": "BBOT"})
        if name != "chat.postMessage":
            return answer({"ok": True})
        body = await request.json()
        last.body = await request.read()
        now = clock.monotonic()
        if limited and (wait := limit.wait_for(name, body["channel"], now)):
            seen["refused"] = next(refused) + 1
            late = web.json_response({"ok": False, "error": "ratelimited"}, status=429)
            late.headers["Retry-After"] = str(wait)
            return late
        taken.append(now)
        return answer({"ok": True, "channel": body["channel"], "ts": f"1.{next(numbers):06}"})

    async def say(_request: web.Request) -> web.Response:
        took = taken[-1] - taken[0] if taken else 0.0
        return answer({**seen, "taken": len(taken), "seconds": took})

    app.router.add_post("/api/{method}", method)
    app.router.add_get("/seen", say)
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


async def last_body(url: str) -> bytes:
    """Return the body of the last message that the bare platform at ``url`` was sent."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/last") as shown:
        return await shown.read()


@contextmanager
def bare_telegram() -> Iterator[str]:
    """Serve a bare Bot API and give its address."""
    with in_own_process(_telegram) as url:
        yield url


@contextmanager
def bare_slack(*, limited: bool = False) -> Iterator[str]:
    """Serve a bare Web API and give its address."""
    with in_own_process(partial(_slack, limited=limited)) as url:
        yield url
