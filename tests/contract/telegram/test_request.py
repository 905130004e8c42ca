"""What a failed request says of the message: never left, or nobody knows."""

import asyncio
import traceback
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import NetworkError, TelegramError, TimedOut

from bot.adapters.telegram.request import AiohttpRequest, NotSentError
from bot.simulators.loopback import served

TOKEN = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"


class Server:
    """Does what the method's name says."""

    def __init__(self) -> None:
        self.given: dict[str, object] = {}
        self.arrived = 0
        self.hanging = asyncio.Event()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/bot{token}/{method}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.arrived += 1
        match request.match_info["method"]:
            case "hang":
                self.hanging.set()
                await asyncio.Event().wait()
            case "reset":
                assert request.transport
                request.transport.abort()
            case "moved":
                raise web.HTTPFound("/elsewhere")
            case "nonsense":
                return web.Response(text="<html>a captive portal</html>")
        for name, value in (await request.post()).items():
            self.given[name] = value.file.read() if isinstance(value, web.FileField) else value
        return web.json_response({"ok": True, "result": {"message_id": 1, "chat": {"id": 5}}})


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def open_request(stack: AsyncExitStack, port: int, seconds: float = 3.0) -> AiohttpRequest:
    request = AiohttpRequest(f"http://127.0.0.1:{port}/bot{TOKEN}", seconds)
    await request.initialize()
    stack.push_async_callback(request.shutdown)
    return request


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("hang", TimedOut),
        ("reset", NetworkError),
        ("moved", NetworkError),
        ("nonsense", TelegramError),
    ],
)
async def test_what_arrived_and_got_no_answer_is_unknown(
    stack: AsyncExitStack, method: str, kind: type[TelegramError]
) -> None:
    server = Server()
    port = await stack.enter_async_context(served(server.app()))
    request = await open_request(stack, port, 0.3)
    with pytest.raises(TelegramError) as caught:
        await request.post(f"x/{method}")
    assert type(caught.value) is kind
    assert server.arrived == 1


async def test_a_refused_connection_never_left(stack: AsyncExitStack) -> None:
    async with served(Server().app()) as port:
        pass
    request = await open_request(stack, port)
    with pytest.raises(NotSentError) as caught:
        await request.post("x/sendMessage")
    text = "".join(traceback.format_exception(caught.value))
    assert TOKEN not in text
    assert caught.value.__context__ is None


async def test_a_full_pool_never_left(stack: AsyncExitStack) -> None:
    server = Server()
    port = await stack.enter_async_context(served(server.app()))
    request = AiohttpRequest(f"http://127.0.0.1:{port}/bot{TOKEN}", 5.0, connections=1)
    await request.initialize()
    stack.push_async_callback(request.shutdown)
    first = asyncio.create_task(request.post("x/hang"))
    await server.hanging.wait()
    with pytest.raises(NotSentError):
        await request.post("x/sendMessage", read_timeout=0.1)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert server.arrived == 1


async def test_without_a_session_nothing_leaves() -> None:
    with pytest.raises(NotSentError):
        await AiohttpRequest("http://127.0.0.1:1/bot1:x").post("x/getMe")


async def test_files_go_as_multipart(stack: AsyncExitStack) -> None:
    server = Server()
    port = await stack.enter_async_context(served(server.app()))
    request = await open_request(stack, port)
    bot = Bot("1:placeholder", request=request, get_updates_request=request)
    sent = await bot.send_document(5, b"%PDF-1.7 \x00\xff", caption="Programme ü", filename="p.pdf")
    assert sent.message_id == 1
    assert server.given["caption"] == "Programme ü"
    assert b"%PDF-1.7 \x00\xff" in server.given.values()


async def test_the_environment_gives_no_proxy(
    stack: AsyncExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server = Server()
    port = await stack.enter_async_context(served(server.app()))
    request = await open_request(stack, port)
    assert await request.post("x/sendMessage")
