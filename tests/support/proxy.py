"""A proxy of both kinds on loopback, that notes what it was asked for."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PASSWORD = "pass-word-of-the-proxy"


@dataclass
class Proxy:
    """A proxy of both kinds that notes which addresses it was asked for."""

    asked: list[str] = field(default_factory=list)
    refuses: bool = False

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
async def proxy_of_kind(kind: str, refuses: bool = False) -> AsyncIterator[tuple[Proxy, str]]:
    """Serve a proxy; it yields it and its URL, with a password in it."""
    proxy = Proxy(refuses=refuses)
    serve = proxy.http if kind == "http" else proxy.socks
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.ensure_future(serve(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield proxy, f"{kind}://member:{PASSWORD}@127.0.0.1:{port}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
