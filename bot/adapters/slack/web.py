"""Web API calls: one attempt each, over one shared session, silent about tokens.

``slack_sdk`` logs request arguments and answers (the WebSocket address with its ticket
among them) at DEBUG, and asks ``logger.level`` itself rather than the effective level. So
it gets a logger of its own whose level is INFO whatever the root's is.
"""

import io
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.base import REQUEST_SECONDS
from bot.adapters.downloads import read_up_to
from bot.adapters.proxies import NOTHING_LEFT, connector_for
from bot.adapters.slack.outcomes import UNSAID_WAIT, Answer, outcome_of
from bot.domain.outcome import Later, Never, Reason, Scope

SDK_LOGGER = logging.getLogger("bot.adapters.slack.sdk")
SDK_LOGGER.setLevel(logging.INFO)

ANSWER_WITHIN = REQUEST_SECONDS - 0.5
"""Seconds for a whole call; the SDK's own time-out does not reach a shared session."""

CONNECT_WITHIN = 3.0

_FAILURES: tuple[type[Exception], ...] = (aiohttp.ClientError, OSError, ValueError, *NOTHING_LEFT)

HANDED_OVER_WITHIN = 60.0
"""Seconds for the bytes of a file; nobody sees them yet, so no lease has to cover that."""


class Web:
    """The bot's client and the session that calls and sockets share."""

    def __init__(self, bot_token: str, api_url: str, proxy: str = "") -> None:
        """Prepare calls to ``api_url`` in the name of ``bot_token``, through ``proxy`` if given."""
        self._users = 0
        self._session: aiohttp.ClientSession | None = None
        self.api_url = api_url if api_url.endswith("/") else f"{api_url}/"
        self._through = proxy or _proxy_for(self.api_url)
        self.proxy: str | None = None
        """What every request of the session gives as ``proxy=``; known once it is open."""
        self._client = self._new_client(bot_token)
        self.anonymous_client = self._new_client(None)
        """For Bolt, which makes a client for each event but is never asked to call."""

    def _new_client(self, token: str | None) -> AsyncWebClient:
        client = AsyncWebClient(
            token=token, base_url=self.api_url, retry_handlers=[], logger=SDK_LOGGER
        )
        client.proxy = None  # the SDK's own choice knows no exceptions for loopback
        return client

    @asynccontextmanager
    async def open(self) -> AsyncIterator[aiohttp.ClientSession]:
        """Hold the session; the last one to leave closes it."""
        if self._session is None:
            timeout = aiohttp.ClientTimeout(
                total=ANSWER_WITHIN, connect=CONNECT_WITHIN, sock_connect=CONNECT_WITHIN
            )
            connector, self.proxy = connector_for(self._through)
            self._client.proxy = self.anonymous_client.proxy = self.proxy
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
            self._client.session = self.anonymous_client.session = self._session
        session = self._session
        self._users += 1
        try:
            yield session
        finally:
            self._users -= 1
            if not self._users:
                self._session = self._client.session = self.anonymous_client.session = None
                await session.close()

    async def post(self, method: str, body: dict[str, Any]) -> Answer:
        """Call ``method`` with JSON, as methods with blocks want it."""
        return await self._call(method, json=body)

    async def ask(self, method: str, /, http_verb: str = "POST", **arguments: Any) -> Answer:
        """Call ``method`` with plain arguments; ``token`` overrides the bot's."""
        return await self._call(method, http_verb=http_verb, params=arguments)

    async def submit(self, method: str, fields: dict[str, str]) -> Answer:
        """Call ``method`` with a form, as methods with files want it."""
        return await self._call(method, data=fields)

    async def hand_over(self, url: str, content: bytes) -> Later | None:
        """Put the bytes of a file where Slack asked for them; None if it has them."""
        timeout = aiohttp.ClientTimeout(total=HANDED_OVER_WITHIN, sock_connect=CONNECT_WITHIN)
        async with self.open() as session:
            try:
                # A stream, for aiohttp warns of large bytes: they would hold up everybody else.
                body = io.BytesIO(content)
                async with session.post(
                    url, data=body, proxy=self.proxy, timeout=timeout
                ) as answer:
                    status = answer.status
            except _FAILURES as error:
                return Later(UNSAID_WAIT, Scope.CHAT, type(error).__name__)
        return None if status == 200 else Later(UNSAID_WAIT, Scope.CHAT, f"HTTP {status}")

    async def fetch(self, url: str, limit: int) -> tuple[bytes, str] | Later | Never:
        """Fetch a file that Slack keeps for us; return its bytes and what kind they are said to be.

        The token goes along, so only to Slack itself, and never on where that points elsewhere.
        """
        if not self._is_ours(url):
            return Never(Reason.NOT_ALLOWED, "the file lies outside Slack")
        timeout = aiohttp.ClientTimeout(total=HANDED_OVER_WITHIN, sock_connect=CONNECT_WITHIN)
        headers = {"Authorization": f"Bearer {self._client.token}"}
        async with self.open() as session:
            try:
                async with session.get(
                    url, headers=headers, proxy=self.proxy, timeout=timeout, allow_redirects=False
                ) as answer:
                    if answer.status != 200:
                        return Later(UNSAID_WAIT, Scope.CHAT, f"HTTP {answer.status}")
                    content = await read_up_to(answer, limit)
                    kind = answer.content_type
            except _FAILURES as error:
                return Later(UNSAID_WAIT, Scope.CHAT, type(error).__name__)
        return (
            Never(Reason.TOO_LONG, "the file is too large") if content is None else (content, kind)
        )

    def _is_ours(self, url: str) -> bool:
        """Return whether ``url`` is Slack's own, or of the server that stands in for it."""
        given, ours = urlsplit(url), urlsplit(self.api_url)
        if (given.scheme, given.netloc) == (ours.scheme, ours.netloc):
            return True
        return given.scheme == "https" and (given.hostname or "").endswith(".slack.com")

    async def _call(self, method: str, **how: Any) -> Answer:
        async with self.open():
            try:
                return await self._client.api_call(method, **how)
            except Exception as error:  # the SDK raises any kind on odd answers
                return outcome_of(error)


def _proxy_for(url: str) -> str:
    """Return the environment's proxy for ``url``, or ``""``; never one for this very machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in ("localhost", "127.0.0.1", "::1") or proxy_bypass(host):
        return ""
    return getproxies().get(parts.scheme, "")
