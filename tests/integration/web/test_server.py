"""The HTTP service over real sockets: health, limits, strangers, and an end in time."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest

from bot.adapters.http import HttpRequest, HttpResponse, HttpRoute
from bot.web import mount, server
from bot.web.health import Readiness
from bot.web.mount import application
from bot.web.server import PortTaken, WebServer

WELL = Readiness("ok", True, {"telegram": "here"})


@dataclass
class Site:
    """A served application with one route; ``seen`` are the requests that reached it."""

    url: str
    port: int
    seen: list[HttpRequest] = field(default_factory=list)
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    ready: Readiness = WELL

    async def handle(self, request: HttpRequest) -> HttpResponse:
        self.seen.append(request)
        self.came.set()
        if request.body == b"break":
            raise RuntimeError("secret-detail")
        if request.body == b"wait":
            await self.hold.wait()
        return HttpResponse(200, b"took " + request.body, headers=(("x-own", "1"),))


@asynccontextmanager
async def serving() -> AsyncIterator[Site]:
    site = Site("", 0)

    async def ready() -> Readiness:
        return site.ready

    route = HttpRoute("POST", "/hook", site.handle, body_limit=1000)
    web = WebServer(application([route], ready), "127.0.0.1", 0)
    web.listen()
    site.url = web.address
    site.port = int(web.address.rpartition(":")[2])
    running = asyncio.create_task(web.run())
    try:
        yield site
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving() as site:
        yield site


async def ask(
    site: Site, method: str, path: str, body: object = None
) -> tuple[int, str, dict[str, str]]:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, site.url + path, data=body) as answer,
    ):
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return answer.status, await answer.text(), headers


async def raw(site: Site, *pieces: bytes, patience: float = 3.0) -> bytes:
    """Send ``pieces`` as they are and return everything that comes back until the end.

    Whoever is cut off in the middle of what they say gets nothing.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(patience):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_a_request_reaches_its_route_whole(site: Site) -> None:
    status, text, headers = await ask(site, "POST", "/hook?a=1&a=2", b"hello")
    assert (status, text, headers["x-own"]) == (200, "took hello", "1")
    (seen,) = site.seen
    assert (seen.method, seen.path, dict(seen.query), seen.body) == (
        "POST",
        "/hook",
        {"a": "2"},
        b"hello",
    )
    assert "server" not in headers


async def test_healthy_and_ready(site: Site) -> None:
    assert (await ask(site, "GET", "/healthz"))[:2] == (200, "ok\n")
    status, text, _ = await ask(site, "GET", "/readyz")
    assert status == 200
    assert '"ready":true' in text
    site.ready = Readiness("away", True, {"telegram": "unknown"})
    status, text, _ = await ask(site, "GET", "/readyz")
    assert status == 503
    assert '"database":"away"' in text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("POST", "/hook/", 404),
        ("GET", "/hook", 405),
        ("DELETE", "/healthz", 405),
        ("POST", "/%2e%2e/etc/passwd", 404),
    ],
)
async def test_what_is_not_there(site: Site, method: str, path: str, status: int) -> None:
    found, text, _ = await ask(site, method, path)
    assert found == status
    assert len(text) < 100
    assert site.seen == []


async def test_a_route_that_breaks_tells_strangers_nothing(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    status, text, _ = await ask(site, "POST", "/hook", b"break")
    assert (status, text) == (503, "try again")
    assert "secret-detail" in caplog.text


async def test_a_route_that_hangs_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mount, "HANDLE_SECONDS", 0.05)
    assert (await ask(site, "POST", "/hook", b"wait"))[0] == 503


async def test_a_body_that_is_too_long_never_reaches_the_route(site: Site) -> None:
    assert (await ask(site, "POST", "/hook", b"x" * 1000))[0] == 200
    assert (await ask(site, "POST", "/hook", b"x" * 1001))[0] == 413
    head = b"POST /hook HTTP/1.1\r\nHost: x\r\n"
    lying = await raw(site, head + b"Content-Length: 99999999999\r\n\r\n")
    assert b" 413 " in lying.split(b"\r\n")[0]
    chunk = b"3e8\r\n" + b"x" * 1000 + b"\r\n"
    chunked = await raw(site, head + b"Transfer-Encoding: chunked\r\n\r\n", chunk, chunk)
    assert b" 413 " in chunked.split(b"\r\n")[0]
    assert len(site.seen) == 1


async def test_a_body_that_trickles_is_given_up(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mount, "BODY_SECONDS", 0.1)
    slow = await raw(site, b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    assert b" 408 " in slow.split(b"\r\n")[0]


async def test_whoever_says_nothing_is_shown_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEADERS_SECONDS", 0.1)
    async with serving() as site:
        assert await raw(site) == b""
        assert await raw(site, b"POST /hook HTTP/1.1\r\nHost: x\r\nX-") == b""


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x16\x03\x01\x02\x00\x01",
        b"POST /hook HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /hook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 400_000 + b"\r\n\r\n",
        b"\x00" * 100,
    ],
)
async def test_nonsense_is_refused_and_the_service_goes_on(site: Site, nonsense: bytes) -> None:
    answer = await raw(site, nonsense)
    assert b" 5" not in answer.split(b"\r\n")[0]
    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert (await ask(site, "GET", "/healthz"))[0] == 200


async def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        async def ready() -> Readiness:
            return WELL

        with pytest.raises(PortTaken, match=f"CONVOKE_HTTP_PORT: 127.0.0.1:{port} .*another port"):
            WebServer(application([], ready), "127.0.0.1", port).listen()


async def test_what_is_under_way_may_end(site: Site) -> None:
    asking = asyncio.create_task(ask(site, "POST", "/hook", b"wait"))
    await site.came.wait()
    site.hold.set()
    assert (await asking)[0] == 200


async def test_an_end_does_not_wait_for_a_request_that_hangs() -> None:
    loop = asyncio.get_running_loop()
    async with serving() as site:
        asking = asyncio.create_task(ask(site, "POST", "/hook", b"wait"))
        await site.came.wait()
        begun = loop.time()
    assert loop.time() - begun < server.STOP_SECONDS + 2
    await asyncio.gather(asking, return_exceptions=True)


async def trickled(site: Site, head: bytes) -> bytes:
    """Send ``head``, then go on byte by byte until the other side has had enough."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)

    async def trickle() -> None:
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    writer.write(head)
    trickling = asyncio.create_task(trickle())
    try:
        async with asyncio.timeout(3):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        trickling.cancel()
        await asyncio.gather(trickling, return_exceptions=True)
        writer.close()


@pytest.mark.parametrize(
    "more",
    [b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-", b"POST /no HTTP/1.1\r\nContent-Length: 9999\r\n"],
    ids=["header", "body-of-what-is-not-there"],
)
async def test_one_good_request_buys_no_patience(
    monkeypatch: pytest.MonkeyPatch, more: bytes
) -> None:
    monkeypatch.setattr(server, "HEADERS_SECONDS", 0.2)
    good = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    if more.startswith(b"POST"):
        more += b"Host: x\r\n\r\n"
    async with serving() as site:
        await trickled(site, good + more)


async def test_requests_one_after_another_are_no_trickle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEADERS_SECONDS", 0.3)
    async with serving() as site, aiohttp.ClientSession() as session:
        for _one in range(5):
            async with session.get(site.url + "/healthz") as answer:
                assert answer.status == 200
            await asyncio.sleep(0.1)
