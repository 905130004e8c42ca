"""``CONVOKE_PROXY`` carries all of it, and its password is told to nobody."""

import asyncio
import logging
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from bot.adapters.base import DeliveryKey, Part
from bot.adapters.conformance import READER, Collector, until
from bot.adapters.conformance_kit import direct
from bot.adapters.slack import Access, SlackAdapter
from bot.domain.message import Attachment, Message, line
from bot.domain.outcome import Delivered, Later, Scope
from tests.contract.slack.conftest import SECRETS, USER, SlackHarness

PASSWORD = "pass-word-of-the-proxy"
TAIL = Attachment("a.txt", "text/plain", b"abc")


@dataclass
class Proxy:
    """A proxy of both kinds that notes which addresses it was asked for."""

    asked: list[str] = field(default_factory=list)
    refuses: bool = False
    url: str = ""

    async def http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.split(b"\r\n")[0].decode().split()
        if method == "CONNECT":
            host, port, rest = *target.split(":"), b""
        else:
            url = urlsplit(target)
            host, port = str(url.hostname), str(url.port)
            rest = head.replace(f"{url.scheme}://{url.netloc}".encode(), b"", 1)
            if b"upgrade: websocket" not in rest.lower():  # each request is to be seen here
                rest = rest.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        self.asked.append(target)
        if self.refuses:
            writer.write(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            writer.close()
            return
        await _join(reader, writer, (host, int(port)), rest, b"" if rest else _ESTABLISHED)

    async def socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        methods = await reader.readexactly(count)
        if 2 in methods:
            writer.write(b"\x05\x02")
            _, length = await reader.readexactly(2)
            await reader.readexactly(length)
            (length,) = await reader.readexactly(1)
            await reader.readexactly(length)
            writer.write(b"\x01\x00")
        else:
            writer.write(b"\x05\x00")
        _, _, _, kind = await reader.readexactly(4)
        if kind == 3:
            (length,) = await reader.readexactly(1)
            host = (await reader.readexactly(length)).decode()
        else:
            host = ".".join(str(one) for one in await reader.readexactly(4))
        (port,) = struct.unpack(">H", await reader.readexactly(2))
        self.asked.append(f"{host}:{port}")
        if self.refuses:
            writer.write(b"\x05\x02\x00\x01" + b"\0" * 6)
            writer.close()
            return
        await _join(reader, writer, (host, port), b"", b"\x05\x00\x00\x01" + b"\0" * 6)


_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


async def _join(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    to: tuple[str, int],
    first: bytes,
    answer: bytes,
) -> None:
    there, to_there = await asyncio.open_connection(*to)
    to_there.write(first)
    writer.write(answer)

    async def copy(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                to.write(data)
        except OSError:
            pass
        finally:
            to.close()

    await asyncio.gather(copy(reader, to_there), copy(there, writer))


@asynccontextmanager
async def proxied(
    harness: SlackHarness, kind: str, refuses: bool = False
) -> AsyncIterator[tuple[Proxy, SlackAdapter]]:
    proxy = Proxy(refuses=refuses)
    serve = proxy.http if kind == "http" else proxy.socks
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(serve(reader, writer))
        tasks.add(task)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    adapter = SlackAdapter(
        access=Access(*SECRETS),
        api_url=harness.simulator.environment()["CONVOKE_SLACK_API_URL"],
        memory=harness.memory,
        clock=harness.clock,
        proxy=f"{kind}://member:{PASSWORD}@127.0.0.1:{port}",
    )
    try:
        yield proxy, adapter
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


@pytest.mark.parametrize("kind", ["http", "socks5", "socks5h"])
async def test_everything_goes_through_it(harness: SlackHarness, kind: str) -> None:
    sink = Collector()
    async with proxied(harness, kind) as (proxy, adapter), adapter.running(sink):
        harness.simulator.say(USER, "hello")
        await until(harness, lambda: sink.stored)
        before = len(proxy.asked)
        (part,) = adapter.render(Message((line("hi"),), (), (TAIL,)), READER)
        handed_over = await adapter.upload(part)
        assert isinstance(handed_over, Part)
        assert isinstance(
            await adapter.send(direct(harness), handed_over, DeliveryKey(1)), Delivered
        )
        assert sink.texts() == ["hello"]
        assert before, "the socket came through it"
        if kind == "http":
            shown = " ".join(proxy.asked)
            assert "apps.connections.open" in shown
            assert "/link" in shown
            assert "files.completeUploadExternal" in shown
            assert "/upload/" in shown


@pytest.mark.parametrize("kind", ["http", "socks5"])
async def test_one_that_is_not_there_is_named_without_its_password(
    harness: SlackHarness, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    caplog.set_level(logging.DEBUG)
    async with proxied(harness, kind) as (_, adapter):
        pass
    async with adapter.session():
        outcome = await adapter.open_direct(direct(harness))
        health = await adapter.check()
        async with adapter.running(Collector()):
            await until(harness, lambda: len(harness.clock.slept) >= 2, passing=1.0)
    assert isinstance(outcome, Later)
    assert outcome.scope is Scope.ACCOUNT
    assert "CONVOKE_PROXY" in health.problem
    told = f"{outcome!r} {health!r} {caplog.text}"
    assert PASSWORD not in told


async def test_one_that_refuses_certainly_sent_nothing(harness: SlackHarness) -> None:
    async with proxied(harness, "socks5", refuses=True) as (_, adapter), adapter.session():
        health = await adapter.check()
        outcome = await adapter.open_direct(direct(harness))
    assert "CONVOKE_PROXY" in health.problem
    assert isinstance(outcome, Later)
