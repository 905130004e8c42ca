"""Finding a delivery again by the metadata of its message.

``conversations.history`` gives 15 messages a call, once a minute, to apps that are sold
outside Slack's marketplace (FACTS): a page may be short, and "slow down" is an ordinary
answer, handed on as ``Later``.

A message of ours that shows no metadata says that they are withheld (a scope that is
missing, a server that keeps none): then nothing can be told from their absence, and
calling a message "not there" would send it twice.
"""

import time
from collections import deque
from typing import Any

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.adapters.slack.listeners import Identity
from bot.adapters.slack.outcomes import HISTORY, REPLIES, Trouble
from bot.adapters.slack.web import Web
from bot.clock import Clock
from bot.domain.outcome import Later, Scope

EVENT_TYPE = "convoke_delivery"

CANNOT_SAY = 60.0
"""Seconds until it is worth asking again where history cannot be read."""

_PAGES, _PAGE = 20, "200"

CALLS, MINUTE = 40, 60.0
"""Pages that are read in any minute: Slack allows "50+" (Tier 3), and others may ask, too."""

_POSTED = frozenset({None, "", "bot_message", "thread_broadcast", "me_message"})
"""Subtypes of what a bot posts; the others are Slack's own lines, such as "has joined"."""

_SKEW = 3600.0
"""Seconds by which our clock and Slack's may disagree."""


def delivery_metadata(delivery_id: str) -> dict[str, Any]:
    """Return the metadata that marks a message; everybody in the channel can read it."""
    return {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": delivery_id}}


class History:
    """Looks through chats, no faster than Slack allows."""

    def __init__(self, web: Web, clock: Clock) -> None:
        """Start with a full minute of calls."""
        self._web = web
        self._clock = clock
        self._taken: deque[float] = deque()

    async def find(
        self,
        me: Identity,
        channel: str,
        *,
        thread: str,
        delivery_id: str,
        since: float,
        files: frozenset[str] = frozenset(),
    ) -> str | Later | None:
        """Return the ``ts`` of the message, None if it certainly is not there, else ``Later``.

        It certainly is not there only if each message of ours in that time shows whose it is.
        A message with ``files`` is known by any of them: it carries no metadata.

        ``since`` is of our calendar, which a rehearsal moves; Slack stamps messages with real
        time. So nothing later than an hour ago in real time is ever left out.
        """
        oldest = min(since, time.time()) - _SKEW
        arguments = {
            "channel": channel,
            "oldest": f"{max(0.0, oldest):.6f}",
            "include_all_metadata": "true",
            "limit": _PAGE,
            **({"ts": thread} if thread else {}),
        }
        is_hidden = False
        for _ in range(_PAGES):
            answer = await self._page(REPLIES if thread else HISTORY, arguments)
            if isinstance(answer, Later):
                return answer
            for message in answer.get("messages") or ():
                delivery = _delivery_of(message)
                if delivery == delivery_id or not files.isdisjoint(_files_of(message)):
                    return str(message["ts"])
                is_hidden |= delivery is None and not files and _may_be_ours(message, me)
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                why = "history shows no metadata"
                return Later(CANNOT_SAY, Scope.CHAT, why) if is_hidden else None
            arguments["cursor"] = str(cursor)
        return Later(CANNOT_SAY, Scope.CHAT, "history is too long")

    async def _page(self, method: str, arguments: dict[str, str]) -> AsyncSlackResponse | Later:
        if wait := self._take():
            return wait
        answer = await self._web.ask(method, http_verb="GET", **arguments)
        if isinstance(answer, Later):
            return answer
        if isinstance(answer, Trouble):
            return Later(CANNOT_SAY, Scope.CHAT, "history cannot be read")
        return answer

    def _take(self) -> Later | None:
        """Take one call, or say when all are there again: a long history needs many."""
        now = self._clock.monotonic()
        while self._taken and self._taken[0] <= now - MINUTE:
            self._taken.popleft()
        if len(self._taken) >= CALLS:
            return Later(self._taken[-1] + MINUTE - now, Scope.ACCOUNT, "history is paced")
        self._taken.append(now)
        return None


def _may_be_ours(message: dict[str, Any], me: Identity) -> bool:
    """Return whether we may have posted the message: yes, unless it names somebody else."""
    if message.get("subtype") not in _POSTED or message.get("files"):
        return False
    user, bot = str(message.get("user") or ""), str(message.get("bot_id") or "")
    if (user and user == me.bot_user) or (bot and bot == me.bot_id):
        return True
    is_anothers = (user and me.bot_user) or (bot and me.bot_id)
    return not is_anothers


def _files_of(message: dict[str, Any]) -> list[str]:
    return [str(one.get("id")) for one in message.get("files") or () if isinstance(one, dict)]


def _delivery_of(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    value = (metadata.get("event_payload") or {}).get("delivery_id")
    return None if value is None else str(value)
