"""A storm over both webhooks: real sockets, real routes, a real inbox, and a seed.

Every request knows which answers are right for it. What is malformed, too long, forged,
stale, replayed or changed at random comes mixed with what is good; good words are numbered,
so that afterwards each must be one row.
"""

import asyncio
import io
import json
import random
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import select

from bot.adapters.conformance import HandClock
from bot.adapters.http import BODY_LIMIT
from bot.adapters.slack import Access, SlackAdapter
from bot.adapters.slack.endpoint import PATH as SLACK_PATH
from bot.adapters.telegram import TelegramAdapter
from bot.adapters.telegram.adapter import Webhook
from bot.adapters.telegram.webhook import PATH as TELEGRAM_PATH
from bot.adapters.telegram.webhook import SECRET_HEADER
from bot.inbox_sink import InboxSink
from bot.interactions import Interactions
from bot.routing import Routes
from bot.simulators.slack import SlackSimulator
from bot.simulators.slack.http_delivery import HttpDelivery
from bot.storage import tables
from bot.storage.database import Database
from bot.web.health import Readiness
from bot.web.mount import application
from bot.web.server import WebServer
from tests.contract.telegram.harness import Memory

SECRET, SIGNING_SECRET = "shown-by-telegram", "8f742231b10e8888abcd99yyyzzz85a5"
AT_ONCE = 16
PEOPLE = 40
JSON_TYPE = "application/json"
DEEP = b"[" * 100_000
ODD: tuple[Any, ...] = (
    None, True, -1, 10**30, 1e308, "", "\x00", "\ud800", "x" * 5000, [], {}, [[[]]], {"id": {}},
    {"id": 10**4000}, "U1", "private", [{"type": "mention", "offset": 10**12, "length": -5}],
)  # fmt: skip

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


@dataclass(frozen=True, slots=True)
class Shot:
    """A request, and the statuses that are right for it."""

    path: str
    body: bytes
    headers: dict[str, str]
    right: tuple[int, ...]


@dataclass
class Storm:
    """Makes requests; ``words`` are those that must be in the inbox once each."""

    seed: int
    clock: HandClock
    words: list[str] = field(default_factory=list)
    _good: deque[Shot] = field(default_factory=lambda: deque(maxlen=500))

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._signer = HttpDelivery(
            SIGNING_SECRET, self.clock.epoch, answer_within=1.0, redelivery=()
        )
        self._number = 0

    def shots(self, count: int) -> list[Shot]:
        kinds: tuple[Callable[[], Shot], ...] = (
            self.good, self.good, self.replayed, self.forged, self.malformed, self.changed,
            self.changed, self.stale,
        )  # fmt: skip
        return [
            self.too_long() if number % 500 == 7 else self._random.choice(kinds)()
            for number in range(count)
        ]

    def good(self) -> Shot:
        word, telegram, slack = self._pair()
        self.words.append(word)
        shot = self._either(telegram, slack, (200,))
        self._good.append(shot)
        return shot

    def replayed(self) -> Shot:
        return self._random.choice(self._good) if self._good else self.good()

    def forged(self) -> Shot:
        _, telegram, slack = self._pair()
        guess = self._random.choice(("", "guess", SECRET[:-1], "é" * 40, SECRET + "\t x"))
        if self._random.random() < 0.5:
            headers = {SECRET_HEADER: guess, "content-type": JSON_TYPE}
            return Shot(TELEGRAM_PATH, _json(telegram), headers, (403,))
        signed = self._signer.sign(_json(slack) + b" ")
        return Shot(SLACK_PATH, _json(slack), {**signed, "content-type": JSON_TYPE}, (401, 403))

    def stale(self) -> Shot:
        """Signed properly, ten minutes ago."""
        body = _json(self._pair()[2])
        signed = self._signer.sign(body, self.clock.epoch() - 600)
        return Shot(SLACK_PATH, body, {**signed, "content-type": JSON_TYPE}, (401, 403))

    def malformed(self) -> Shot:
        whole = _json(self._pair()[self._random.choice((1, 2))])
        body = self._random.choice(
            (
                whole[: self._random.randrange(1, len(whole))],
                self._random.randbytes(self._random.randrange(0, 300)),
                b'{"update_id": ' + b"9" * 5000 + b"}",
                DEEP,
                b"null",
                b"",
            )
        )
        # A signature of Slack's is made over text: over other bytes it is none.
        return self._sent(self._random.random() < 0.5, body, (400, 401))

    def changed(self) -> Shot:
        """A good one in which anything may be anything."""
        _, telegram, slack = self._pair()
        for _ in range(self._random.randint(1, 3)):
            self._spoil(telegram)
            self._spoil(slack)
        return self._either(telegram, slack, (200, 400))

    def too_long(self) -> Shot:
        return self._sent(self._random.random() < 0.5, b" " * (BODY_LIMIT + 1), (413,))

    def _either(self, telegram: Any, slack: Any, right: tuple[int, ...]) -> Shot:
        to_telegram = self._random.random() < 0.5
        return self._sent(to_telegram, _json(telegram if to_telegram else slack), right)

    def _sent(self, to_telegram: bool, body: bytes, right: tuple[int, ...]) -> Shot:
        if to_telegram:
            headers = {SECRET_HEADER: SECRET, "content-type": JSON_TYPE}
            return Shot(TELEGRAM_PATH, body, headers, right)
        signed = self._signer.sign(body)
        return Shot(SLACK_PATH, body, {**signed, "content-type": JSON_TYPE}, right)

    def _pair(self) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Return new words, and how either platform would bring them."""
        self._number += 1
        word, person = f"word {self._number}", self._random.randrange(1, PEOPLE)
        who = {"id": person, "is_bot": False, "first_name": "Ana", "language_code": "de"}
        chat = {"id": person, "type": "private"}
        message = {"message_id": 5, "date": 1, "text": word, "from": who, "chat": chat}
        event = {"type": "message", "channel_type": "im", "channel": f"D{person}"}
        event |= {"user": f"U{person}", "text": word, "ts": f"{self._number}.000001"}
        return (
            word,
            {"update_id": self._number, "message": message},
            {
                "type": "event_callback",
                "event_id": f"Ev{self._number}",
                "team_id": "T1",
                "event": event,
            },
        )

    def _spoil(self, value: dict[str, Any]) -> None:
        """Put something odd somewhere; numbered words may vanish, but never become another's."""
        name = self._random.choice(list(value))
        inner = value[name]
        if isinstance(inner, dict) and inner and self._random.random() < 0.8:
            self._spoil(inner)
        else:
            value[name] = deepcopy(self._random.choice(ODD))


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


@asynccontextmanager
async def served(database: Database, clock: HandClock) -> AsyncIterator[str]:
    """Serve both webhooks over the inbox of ``database``; it yields the address."""
    sink = InboxSink(database, clock, Interactions(), Routes(()))
    telegram = TelegramAdapter(
        token="7:x",
        api_url="http://127.0.0.1:9",
        memory=Memory(),
        clock=clock,
        webhook=Webhook("", SECRET),
    )

    async def ready() -> Readiness:
        return Readiness("ok", True)

    workspace = SlackSimulator()
    async with workspace.serving():
        given = workspace.environment()
        slack = SlackAdapter(
            access=Access(given["CONVOKE_SLACK_BOT_TOKEN"], signing_secret=SIGNING_SECRET),
            api_url=given["CONVOKE_SLACK_API_URL"],
            memory=Memory(),
            clock=clock,
        )
        async with slack.session():
            assert (await slack.check()).ok, "from now on it knows who it is"
    routes = (*telegram.http_routes(sink), *slack.http_routes(sink))
    web = WebServer(application(routes, ready), "127.0.0.1", 0)
    web.listen()
    running = asyncio.create_task(web.run())
    try:
        yield web.address
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def fire(url: str, shots: list[Shot]) -> list[tuple[Shot, int]]:
    """Send all of them, several at once; return each with its status."""
    waiting, answers = iter(shots), []
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def worker() -> None:
            for shot in waiting:
                status = await _ask(session, url, shot)
                answers.append((shot, status))

        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return answers


async def _ask(session: aiohttp.ClientSession, url: str, shot: Shot) -> int:
    try:
        async with session.post(
            url + shot.path, data=io.BytesIO(shot.body), headers=shot.headers
        ) as answer:
            return answer.status
    except aiohttp.ClientOSError:
        # Whoever goes on talking past the limit may be cut off before they read why.
        return 413 if shot.right == (413,) else 0


async def words_stored(database: Database) -> Counter[str]:
    """Return how often each text stands in the inbox."""
    async with database.read() as read:
        rows = await read.all(select(t.Inbox.payload))
    return Counter(str(one.payload.get("text")) for one in rows)


def resident_bytes() -> int:
    """Return how much memory this process has in use."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096
