"""Serving HTTP to this machine alone.

Binding to 127.0.0.1 is not enough: a web page in somebody's browser can reach it under
a name of its own that resolves to 127.0.0.1 (DNS rebinding). Such a request carries
that name in its ``Host`` header, so every other name is refused.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
SHUTDOWN_SECONDS = 0.05

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def only_local_hosts(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a request whose ``Host`` is not this machine, with 403."""
    name, _, port = request.host.rpartition(":")
    if (name if port.isdigit() and name else request.host) not in LOCAL_NAMES:
        raise web.HTTPForbidden(text="this server answers local requests only")
    return await handler(request)


@asynccontextmanager
async def served(app: web.Application, port: int = 0) -> AsyncIterator[int]:
    """Serve ``app`` on 127.0.0.1 inside the block, without an access log.

    Requests in progress are cancelled when their client leaves and at the end.

    Yields:
        The port, which is a free one where ``port`` is 0.
    """
    runner = web.AppRunner(
        app, access_log=None, handler_cancellation=True, shutdown_timeout=SHUTDOWN_SECONDS
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
