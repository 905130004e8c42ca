"""An adapter's routes on loopback, with nothing around them: what ``app`` mounts, for tests."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from bot.adapters.http import HttpRequest, HttpRoute
from bot.simulators.loopback import served


@asynccontextmanager
async def serving_routes(routes: Sequence[HttpRoute], port: int = 0) -> AsyncIterator[str]:
    """Serve ``routes`` on 127.0.0.1 inside the block; it yields ``http://127.0.0.1:port``."""
    app = web.Application(client_max_size=max(one.body_limit for one in routes))
    for route in routes:
        app.router.add_route(route.method, route.path, _answer(route))
    async with served(app, port) as bound:
        yield f"http://127.0.0.1:{bound}"


def _answer(route: HttpRoute):  # type: ignore[no-untyped-def]  # aiohttp's own kind of handler
    async def handle(request: web.Request) -> web.Response:
        asked = HttpRequest(
            request.method,
            request.path,
            {name.lower(): value for name, value in request.headers.items()},
            dict(request.query),
            await request.read(),
        )
        answer = await route.handle(asked)
        headers = {**dict(answer.headers), "Content-Type": answer.content_type}
        return web.Response(status=answer.status, body=answer.body, headers=headers)

    return handle
