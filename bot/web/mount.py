"""From the adapters' routes to one ASGI application, with limits before any of them.

A body is read here, at most as much of it and for as long as is allowed; a route sees
whole requests only. What a route raises is a 503 without a word of why: platforms try
again, and everybody else learns nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.adapters.http import HttpRequest, HttpResponse, HttpRoute
from bot.web.health import Readiness

BODY_SECONDS = 10.0
"""How long a body may take to arrive, however it trickles."""
HANDLE_SECONDS = 10.0
"""How long a route may take; a platform has given up long before."""

log = logging.getLogger(__name__)

AskReadiness = Callable[[], Awaitable[Readiness]]
Endpoint = Callable[[Request], Awaitable[Response]]


class TooLong(Exception):
    """A body is longer than its route allows."""


def application(routes: Iterable[HttpRoute], ready: AskReadiness) -> Starlette:
    """Return the application: health, readiness, and ``routes``."""

    async def healthz(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(request: Request) -> Response:
        found = await ready()
        return JSONResponse(found.as_json(), status_code=200 if found.ready else 503)

    health = [Route("/healthz", healthz), Route("/readyz", readyz)]
    mounted = [Route(one.path, _endpoint(one), methods=[one.method]) for one in routes]
    app = Starlette(routes=[*health, *mounted])
    app.router.redirect_slashes = False  # an address that is not ours is not there
    return app


def _endpoint(route: HttpRoute) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(request, route.body_limit)
        except TooLong:
            return _refused(413, "too long")
        except TimeoutError:
            return _refused(408, "too slow")
        except ClientDisconnect:
            return _refused(400, "broken off")
        asked = HttpRequest(
            request.method,
            request.url.path,
            {name.lower(): value for name, value in request.headers.items()},
            dict(request.query_params),
            body,
        )
        return _response(await _handled(route, asked))

    return endpoint


async def _handled(route: HttpRoute, asked: HttpRequest) -> HttpResponse:
    try:
        async with asyncio.timeout(HANDLE_SECONDS):
            return await route.handle(asked)
    except TimeoutError:
        log.error("%s %s took too long", route.method, route.path)
    except Exception:  # a route's mistake must not become a page for strangers
        log.exception("%s %s failed", route.method, route.path)
    return HttpResponse(503, b"try again")


async def _body(request: Request, limit: int) -> bytes:
    """Return the body.

    Raises:
        TooLong: it has more than ``limit`` bytes, or says that it has.
    """
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > limit:
        raise TooLong
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > limit:
            raise TooLong
        pieces.append(piece)
    return b"".join(pieces)


def _refused(status: int, why: str) -> Response:
    # What is left of the body would be read as the next request.
    return PlainTextResponse(f"{why}\n", status, headers={"connection": "close"})


def _response(answer: HttpResponse) -> Response:
    made = Response(answer.body, answer.status, media_type=answer.content_type)
    for name, value in answer.headers:
        made.headers[name] = value
    return made
