"""Delivering updates to the bot's webhook, again and again until it takes them.

Updates of one chat come in their order, those of others beside them, as Telegram does it,
as many at once as the webhook allows.
Whatever is not a 2xx is tried again after a pause that grows (Telegram publishes no
figures; here it doubles from a second to a minute).
"""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.simulators.loopback import LOCAL_NAMES
from bot.simulators.telegram.world import World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
PATIENCE = 10.0
"""Real seconds that the bot has for its answer."""


class Hooks:
    """Sends what waits in a :class:`World` to its webhook, while :meth:`run` runs."""

    def __init__(self, world: World) -> None:
        """Deliver the updates of ``world``."""
        self._world = world
        self._busy: set[str] = set()
        self._pauses: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with aiohttp.ClientSession() as session:
            try:
                while True:
                    self._world.news.clear()
                    self._begin(session)
                    await self._world.news.wait()
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, session: aiohttp.ClientSession) -> None:
        """Start the oldest update of every chat that has none under way."""
        if not self._world.webhook:
            return
        for update in self._world.waiting():
            if len(self._busy) >= self._world.hook_connections:
                return
            chat = _chat_of(update)
            if chat not in self._busy:
                self._busy.add(chat)
                task = asyncio.create_task(self._deliver(session, chat, update))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _deliver(
        self, session: aiohttp.ClientSession, chat: str, update: dict[str, Any]
    ) -> None:
        world = self._world
        world.given.add(update["update_id"])
        try:
            trouble = await self._post(session, update)
            if not trouble:
                world.taken(update)
                self._pauses.pop(chat, None)
                return
            world.hook_error, world.hook_error_at = trouble, world.now()
            pause = self._pauses.get(chat, FIRST_PAUSE)
            self._pauses[chat] = min(LONGEST_PAUSE, pause * 2)
            await world.clock.sleep(pause)
        finally:
            self._busy.discard(chat)
            world.news.set()

    async def _post(self, session: aiohttp.ClientSession, update: dict[str, Any]) -> str:
        """Make one request; return what was wrong, in Telegram's words, or ``""``."""
        world = self._world
        if urlsplit(world.webhook).hostname not in {name.strip("[]") for name in LOCAL_NAMES}:
            return "Failed to resolve host: only this machine can be reached from here"
        headers = {SECRET_HEADER: world.hook_secret} if world.hook_secret else {}
        limit = aiohttp.ClientTimeout(total=PATIENCE)
        try:
            async with session.post(
                world.webhook, json=update, headers=headers, timeout=limit
            ) as answer:
                if 200 <= answer.status < 300:
                    return ""
                return f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except TimeoutError:
            return "Read timeout expired"
        except (aiohttp.ClientError, OSError):
            return "Connection refused"


def _chat_of(update: dict[str, Any]) -> str:
    """Return what keeps its order: a chat, and apart from it the presses of a person."""
    for kind, body in update.items():
        if isinstance(body, dict):
            if kind == "callback_query":
                return f"press {body.get('from', {}).get('id')}"
            return str(body.get("chat", {}).get("id", kind))
    return ""
