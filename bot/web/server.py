"""Uvicorn inside our own event loop: it owns neither signals nor logs, and waits for nobody."""

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.settings import SettingsError

CONNECTIONS = 500
"""At once; whoever comes then is told 503."""
HEADERS_BYTES = 16 * 1024
HEADERS_SECONDS = 10.0
"""How long a connection may be silent, or trickle, before its next request is whole."""
STOP_SECONDS = 3
"""How long requests that are under way may take at the end."""

log = logging.getLogger(__name__)


class PortTaken(SettingsError):
    """Somebody else listens where we should."""


class ImpatientProtocol(H11Protocol):
    """Closes a connection whose next request does not come, the first or one after another."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Begin to wait."""
        super().connection_made(transport)
        self._hurry = self.loop.call_later(HEADERS_SECONDS, self._close_if_silent)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._hurry.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Begin to wait for the next one; whoever trickles it is not idle for uvicorn."""
        self._hurry.cancel()
        self._hurry = self.loop.call_later(HEADERS_SECONDS, self._close_if_silent)
        super().on_response_complete()

    def _close_if_silent(self) -> None:
        cycle: Any = self.cycle  # None before the first request, whatever uvicorn's type says
        if cycle is None or cycle.response_complete:
            self.transport.close()


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the process's signals alone: ``app`` ends everything in its order."""
        yield


class WebServer:
    """Listens at an address of ours; see :meth:`listen` and :meth:`run`."""

    def __init__(self, app: Starlette, host: str, port: int) -> None:
        """Serve ``app``; port 0 takes a free one."""
        self._app = app
        self._host = host
        self._port = port
        self._socket: socket.socket | None = None

    @property
    def address(self) -> str:
        """``http://host:port`` of the open socket."""
        if self._socket is None:
            return ""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def listen(self) -> None:
        """Take the port.

        Raises:
            PortTaken: it cannot be had; the message says what to do.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            self._socket = socket.create_server(
                (self._host, self._port), family=family, backlog=256
            )
        except OSError as error:
            raise PortTaken(
                f"CONVOKE_HTTP_PORT: {self._host}:{self._port} cannot be used ({error.strerror}); "
                "choose another port, or end what listens there"
            ) from None
        self._socket.setblocking(False)

    async def run(self) -> None:
        """Serve until cancelled; then let what is under way end, for three seconds at most."""
        assert self._socket is not None  # noqa: S101 - listen comes first
        config = uvicorn.Config(
            self._app,
            http=ImpatientProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,  # secrets stand in paths
            server_header=False,
            date_header=False,
            limit_concurrency=CONNECTIONS,
            h11_max_incomplete_event_size=HEADERS_BYTES,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[self._socket]), name="http")
        log.info("listening on %s", self.address)
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            await asyncio.gather(serving, return_exceptions=True)
            raise
        finally:
            self._socket.close()
