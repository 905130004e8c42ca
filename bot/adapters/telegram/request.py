"""PTB's requests over aiohttp: ten times as fast, honest about what left us, no token.

PTB is made with a placeholder in place of the token, and this class puts the real URL
together. So no log line, ``repr`` or exception of PTB's can hold the token: it never
had it. aiohttp's exceptions may hold the URL, so they are replaced by their class name
outside the ``except`` block, without a context.

What a failure says of the request (read in aiohttp 3.14's ``client_exceptions``):

* a connector error, a time-out while connecting, an answered proxy refusal: nothing left;
* anything later (read time-out, reset, broken answer): unknown. aiohttp repeats only
  idempotent methods by itself, and every call here is a POST.
"""

import asyncio
import io
import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote, urlencode

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.adapters.base import REQUEST_SECONDS
from bot.adapters.downloads import read_up_to
from bot.adapters.proxies import NOTHING_LEFT, connector_for, is_proxys_failure
from bot.adapters.telegram.liberal import complete

CONNECT_SECONDS = 3.0
SEND_SECONDS = REQUEST_SECONDS
"""Everything of a sending request, from the wait for the pool to the last byte."""
POLL_SLACK_SECONDS = 10.0
"""How long the answer to a poll may take beyond the time that the poll waits."""
DOWNLOAD_SECONDS = 60.0
"""The bytes of a file; nobody else waits for them, so no lease has to cover that."""
SEND_CONNECTIONS = 64
POLL_CONNECTIONS = 2
PROXY_WANTS_PASSWORD = 407
_NOT_FETCHED: tuple[type[Exception], ...] = (
    aiohttp.ClientError,
    OSError,
    ValueError,
    *NOTHING_LEFT,
)
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_BREAKS_HEADERS = re.compile(r'[\x00-\x1f\x7f"\\]')


class NotSentError(NetworkError):
    """No connection came about: the request certainly never reached the server."""


class ProxyFailedError(NotSentError):
    """It was the proxy that did not let us through."""


class Form:
    """A body that is encoded already, where PTB would have its own ``RequestData``."""

    contains_files = False

    def __init__(self, body: bytes) -> None:
        """Carry ``body`` as it is."""
        self.body = body


class AiohttpRequest(BaseRequest):
    """One pool of connections to the Bot API."""

    def __init__(
        self,
        root: str,
        seconds: float = SEND_SECONDS,
        connections: int = SEND_CONNECTIONS,
        proxy: str = "",
    ) -> None:
        """Prepare; nothing is opened before :meth:`initialize`.

        Args:
            root: URL up to and with the token; methods are appended after a slash.
            seconds: Default limit of a whole request.
            connections: How many requests can be under way at once.
            proxy: What they go through, or ``""``.
        """
        super().__init__()
        self._root = root
        self._seconds = seconds
        self._limits = _limits(seconds)
        self._connections = connections
        self._proxy = proxy
        self._through: str | None = None
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds that PTB adds to the time a poll waits."""
        return self._seconds

    async def initialize(self) -> None:
        """Open the pool; the environment's proxies and netrc are not looked at."""
        if self._session is None:
            connector, self._through = connector_for(self._proxy, limit=self._connections)
            self._session = aiohttp.ClientSession(connector=connector, trust_env=False)

    async def shutdown(self) -> None:
        """Close the pool."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def call(self, method: str, body: bytes) -> Any:
        """Make one call as PTB's ``Bot`` would, and return the result as it came.

        ``Bot.send_message`` costs more than everything else of a message: it makes objects of
        each parameter, and of an answer of which one number is read (decision 0040).

        Args:
            body: The parameters as :func:`encoded`.

        Raises:
            TelegramError: as from the ``Bot``.
        """
        # PTB hands the data on to do_request and does not look into it.
        return await self.post(f"/{method}", cast(RequestData, Form(body)))

    async def download(self, path: str, limit: int) -> bytes | None:
        """Return what lies at ``path``, as ``getFile`` named it; None if it is too large.

        Raises:
            NetworkError: it could not be fetched.
        """
        if self._session is None:
            raise NotSentError("the adapter's session is not open")
        root, _, secret = self._root.rpartition("/bot")
        limits = aiohttp.ClientTimeout(total=DOWNLOAD_SECONDS, sock_connect=CONNECT_SECONDS)
        failure: TelegramError
        try:
            async with self._session.get(
                f"{root}/file/bot{secret}/{quote(path)}",
                timeout=limits,
                allow_redirects=False,
                proxy=self._through,
            ) as answer:
                if answer.status == 200:
                    return await read_up_to(answer, limit)
                failure = NetworkError(f"HTTP {answer.status}")
        except _NOT_FETCHED as error:
            failure = NetworkError(f"the file was not fetched ({type(error).__name__})")
        raise failure  # out here, for its cause may hold the URL, and that the token

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """Return the answer's JSON with the fields that PTB insists on; see ``liberal``."""
        return complete(payload)

    async def do_request(  # noqa: PLR0917 - the signature is PTB's
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one request and return status and body.

        Raises:
            NotSentError: it never left.
            TimedOut: no answer came in time.
            NetworkError: the connection broke.
        """
        if self._session is None:
            raise NotSentError("the adapter's session is not open")
        is_set = isinstance(read_timeout, (int, float))
        limits = _limits(read_timeout) if is_set else self._limits
        failure: TelegramError
        try:
            async with self._session.request(
                method,
                f"{self._root}/{url.rpartition('/')[2]}",
                data=_body(request_data),
                headers=_FORM if request_data and not request_data.contains_files else None,
                timeout=limits,
                allow_redirects=False,
                proxy=self._through,
            ) as answer:
                if answer.status != PROXY_WANTS_PASSWORD or self._through is None:
                    return answer.status, await answer.read()
            # No platform ever says this: only a proxy does, and passes nothing on.
            failure = ProxyFailedError("it wants another user or password")
        except NOTHING_LEFT as error:
            kind = ProxyFailedError if is_proxys_failure(error) else NotSentError
            failure = kind(f"no connection ({type(error).__name__})")
        except TimeoutError:
            failure = TimedOut()
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError, ValueError) as error:
            failure = NetworkError(f"connection lost ({type(error).__name__})")
        raise failure


def _limits(seconds: float) -> aiohttp.ClientTimeout:
    """Waiting for the pool and connecting must run out first: only that says "not sent"."""
    return aiohttp.ClientTimeout(total=seconds, connect=min(CONNECT_SECONDS, seconds / 2))


def encoded(fields: Mapping[str, str]) -> bytes:
    """Return ``fields`` as a form's body; what is no text is JSON already."""
    return urlencode(fields).encode()


def _body(data: RequestData | Form | None) -> aiohttp.FormData | bytes | None:
    if data is None:
        return None
    if isinstance(data, Form):
        return data.body
    if not data.contains_files:
        return encoded(data.json_parameters)
    # Telegram reads file names as they are: quoted, "a b.pdf" would arrive as "a%20b.pdf".
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (file_name, content, media_type) in data.multipart_data.items():
        bare = _BREAKS_HEADERS.sub("_", file_name)
        # A stream, for aiohttp warns of large bytes: they would hold up everybody else.
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, stream, filename=bare, content_type=media_type)
    return form
