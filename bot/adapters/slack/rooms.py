"""What channels are called: asked once each, and never waited for long."""

import asyncio
from collections import OrderedDict

from bot.adapters.slack.bodies import Body, part, text
from bot.adapters.slack.outcomes import INFO, Trouble
from bot.adapters.slack.web import Web
from bot.clock import Clock

KEPT = 2000
RESTS = 300.0
"""Seconds until a title that could not be had is asked for again."""
PATIENCE = 1.0
"""Real seconds: an update must be acknowledged within three, and a title is only a title."""


class Rooms:
    """Titles of channels; ``""`` while one is not known."""

    def __init__(self, web: Web, clock: Clock) -> None:
        """Ask through ``web``."""
        self._web = web
        self._clock = clock
        self._not_before: dict[str, float] = {}
        self._titles: OrderedDict[str, str] = OrderedDict()
        self._asking: dict[str, asyncio.Task[None]] = {}

    async def title_of(self, channel: str) -> str:
        """Return the title of ``channel``; an answer that is late serves the next update."""
        if channel not in self._titles and self._may_ask(channel):
            task = self._asking.get(channel)
            if task is None:
                task = asyncio.create_task(self._ask(channel), name="slack-room")
                self._asking[channel] = task
                task.add_done_callback(lambda _done: self._asking.pop(channel, None))
            await asyncio.wait({task}, timeout=PATIENCE)
        return self._titles.get(channel, "")

    def renamed(self, body: Body) -> None:
        """Take the new title of an event ``channel_rename``."""
        channel = part(body, "event", "channel")
        if text(channel, "id") and text(channel, "name"):
            self._keep(text(channel, "id"), text(channel, "name"))

    async def stop(self) -> None:
        """End what is being asked."""
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, channel: str) -> None:
        answer = await self._web.ask(INFO, http_verb="GET", channel=channel)
        if isinstance(answer, Trouble):
            self._not_before[channel] = self._clock.monotonic() + RESTS
            return
        found = part(answer.data if isinstance(answer.data, dict) else {}, "channel")
        self._keep(channel, text(found, "name"))

    def _may_ask(self, channel: str) -> bool:
        """Return whether asking was not in vain just now; what is past is forgotten."""
        now = self._clock.monotonic()
        if len(self._not_before) > KEPT:
            self._not_before = {name: at for name, at in self._not_before.items() if at > now}
        return self._not_before.get(channel, 0.0) <= now

    def _keep(self, channel: str, title: str) -> None:
        self._titles[channel] = title
        self._titles.move_to_end(channel)
        if len(self._titles) > KEPT:
            self._titles.popitem(last=False)
