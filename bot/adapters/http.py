"""HTTP as adapters see it: one request, one response, and no framework.

``app`` mounts the routes of all adapters into one service (``bot.web``), which bounds
bodies and time before a route sees anything.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

BODY_LIMIT = 1024 * 1024
"""Bytes of a body that a route is given unless it asks for another limit."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What somebody asked of us; nothing in it is to be believed.

    Attributes:
        method: Such as ``POST``.
        path: Decoded, without the query.
        headers: By name in lower case; the last one counts where a name is repeated.
        query: By name; the last one counts.
        body: The bytes as they came: signatures are made over these.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What they are answered."""

    status: int
    body: bytes = field(default=b"", repr=False)
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


HttpHandler = Callable[[HttpRequest], Awaitable[HttpResponse]]


@dataclass(frozen=True, slots=True)
class HttpRoute:
    """An address that an adapter answers at.

    Attributes:
        path: Exact, such as ``/telegram/webhook``.
        body_limit: Bytes; a longer body is refused with 413 before ``handle`` is called.
    """

    method: str
    path: str
    handle: HttpHandler
    body_limit: int = BODY_LIMIT
