"""A bare Telegram in its own process whose members ask, and which times the replies."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from tests.benchmarks.servers import answer, in_own_process

TEXT = "How do I get to the venue?"


class Asking:
    """Hands out questions through ``getUpdates`` at a steady pace."""

    def __init__(self) -> None:
        """Nobody asks yet."""
        self._numbers, self._updates = itertools.count(1), itertools.count(1)
        self._ready: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._asked: dict[int, float] = {}
        self._waited: list[float] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def application(self) -> web.Application:
        """Return what is served."""
        app = web.Application()
        app.router.add_post("/bot{token}/{method}", self._method)
        app.router.add_post("/ask", self._ask)
        app.router.add_get("/waited", self._say)
        return app

    async def _ask(self, request: web.Request) -> web.Response:
        how = await request.json()
        self._asked, self._waited = {}, []
        task = asyncio.create_task(self._come(how["first"], how["count"], how["a_second"]))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return answer({})

    async def _come(self, first: int, count: int, a_second: float) -> None:
        begin = time.perf_counter()
        for number in range(count):
            await asyncio.sleep(max(0.0, begin + number / a_second - time.perf_counter()))
            await self._ready.put({"user": first + number})

    async def _say(self, _request: web.Request) -> web.Response:
        return answer(self._waited)

    async def _method(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        if name == "getUpdates":
            return answer({"ok": True, "result": await self._next()})
        if name == "getMe":
            me = {"id": 7000000001, "is_bot": True, "first_name": "B", "username": "b"}
            return answer({"ok": True, "result": me})
        if name != "sendMessage":
            return answer({"ok": True, "result": True})
        user = int(str((await request.post())["chat_id"]))
        if (asked := self._asked.pop(user, None)) is not None:
            self._waited.append(time.perf_counter() - asked)
        chat = {"id": user, "type": "private"}
        return answer(
            {"ok": True, "result": {"message_id": next(self._numbers), "date": 1, "chat": chat}}
        )

    async def _next(self) -> list[dict[str, Any]]:
        try:
            async with asyncio.timeout(5):
                user = (await self._ready.get())["user"]
        except TimeoutError:
            return []
        self._asked[user] = time.perf_counter()
        who = {"id": user, "is_bot": False, "first_name": f"Member {user}"}
        message = {
            "message_id": next(self._numbers),
            "date": int(time.time()),
            "chat": {"id": user, "type": "private"},
            "from": who,
            "text": TEXT,
        }
        return [{"update_id": next(self._updates), "message": message}]


def _application() -> web.Application:
    return Asking().application()


@contextmanager
def asking_telegram() -> Iterator[str]:
    """Serve it and give its address."""
    with in_own_process(_application) as url:
        yield url
