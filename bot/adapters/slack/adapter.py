"""Slack behind the adapter contract."""

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from typing import Any

from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.adapters.base import (
    Capabilities,
    DeliveryKey,
    Health,
    KeyValue,
    Pace,
    Part,
    Sink,
)
from bot.adapters.slack import render as rendering
from bot.adapters.slack.directs import Directs, is_channel, is_direct_channel
from bot.adapters.slack.history import CANNOT_SAY, History, delivery_metadata
from bot.adapters.slack.inbound import PLATFORM, Reading, read_event, read_press
from bot.adapters.slack.listeners import Identity, build_app, handle
from bot.adapters.slack.outcomes import (
    DELETE,
    EDIT,
    OPEN,
    POST,
    UNSAID_WAIT,
    Answer,
    Trouble,
    outcome_of_code,
)
from bot.adapters.slack.sockets import FIRST_WAIT, LONGEST_WAIT, Sockets, advice
from bot.adapters.slack.text import cut
from bot.adapters.slack.web import Web
from bot.clock import Clock
from bot.domain.address import Address, MessageRef
from bot.domain.incoming import Incoming
from bot.domain.message import Message
from bot.domain.outcome import Delivered, Later, Never, Outcome, Reason, Scope, Unknown
from bot.domain.reader import Reader

EDITED_TEXT_LENGTH = 4000
"""``chat.update`` takes less ``text`` than ``chat.postMessage`` (its ``msg_too_long``)."""

_NEEDED_SCOPES = ("chat:write", "im:history", "im:write")
_ADVISED_SCOPES = ("metadata.message:read",)
"""Without it history may show no metadata: what was lost then stays unconfirmed, no more."""
_BOT_TOKEN = "CONVOKE_SLACK_BOT_TOKEN"  # noqa: S105 - the variable's name

log = logging.getLogger(__name__)


class SlackAdapter:
    """One bot in one workspace; also opens direct chats and reconciles."""

    name = PLATFORM
    capabilities = Capabilities(text_limit=12_000, threads=True, reconcile=True)
    # Slack: a post a second a channel, an unpublished ceiling of "several hundred" a minute
    # a workspace, 50 a minute for updates and for openings. A little room is left in each.
    pace = Pace(account=5.0, bulk=4.0, chat=1.0, room=1.0, edit=45 / 60, open_direct=45 / 60)

    def __init__(
        self, *, bot_token: str, app_token: str, api_url: str, memory: KeyValue, clock: Clock
    ) -> None:
        """Prepare; nothing is asked before ``session``, ``running`` or ``check``."""
        self._web = Web(bot_token, api_url)
        self._memory = memory
        self._clock = clock
        self._directs = Directs(memory)
        self._identity = Identity()
        self._sink: Sink | None = None
        self._rests: dict[str, float] = {}
        self._history = History(self._web, clock)
        digest = hashlib.sha256(bot_token.encode()).hexdigest()[:24]
        self._identity_key = f"slack.identity.{digest}"
        self._app = build_app(self._web, lambda: self._identity, self._on_event, self._on_action)
        self._sockets = Sockets(self._web, app_token, clock, self._handle)

    @property
    def account(self) -> str:
        """The team's id; ``""`` until Slack was asked once with this token."""
        return self._identity.team

    # -- connections ------------------------------------------------------------------

    @asynccontextmanager
    async def session(self) -> AsyncIterator[None]:
        """Hold the connections open; also recalls or asks who we are."""
        async with self._web.open():
            await self._recall()
            if not self.account:
                await self._identify()
            yield

    @asynccontextmanager
    async def running(self, sink: Sink) -> AsyncIterator[None]:
        """Receive into ``sink`` until the block ends."""
        async with self.session():
            self._sink = sink
            receiving = asyncio.create_task(self._receive(), name="slack-receive")
            try:
                yield
            finally:
                receiving.cancel()
                with suppress(asyncio.CancelledError):
                    await receiving
                self._sink = None

    async def _receive(self) -> None:
        """First learn who we are, for every address needs it; then take what comes."""
        wait = FIRST_WAIT
        while not self.account:
            trouble = await self._identify()
            if trouble is None:
                break
            if wait == FIRST_WAIT:
                log.warning("Slack is asked again. %s", advice(trouble, _BOT_TOKEN))
            await self._clock.sleep(wait)
            wait = min(LONGEST_WAIT, wait * 2)
        await self._sockets.run()

    async def _recall(self) -> None:
        stored = None if self.account else await self._memory.get(self._identity_key)
        if stored:
            self._identity = Identity(**json.loads(stored))

    async def _identify(self) -> Trouble | None:
        """Ask who we are, once, and remember it for a start while Slack is down."""
        answer = await self._web.ask("auth.test")
        if isinstance(answer, Trouble):
            return answer
        names = {"team": "team_id", "bot_user": "user_id", "bot_id": "bot_id", "name": "user"}
        self._identity = Identity(**{ours: str(answer.get(it) or "") for ours, it in names.items()})
        if not self.account:
            return Unknown("auth.test named no team")
        await self._memory.set(self._identity_key, json.dumps(asdict(self._identity)))
        return None

    async def check(self) -> Health:
        """Ask Slack who we are, and whether the token may do what the bot does."""
        async with self._web.open():
            answer = await self._web.ask("auth.test")
            await self._recall()
            if isinstance(answer, Trouble):
                return Health(False, self.account, problem=advice(answer, _BOT_TOKEN))
            trouble = None if self.account else await self._identify()
        if trouble is not None:
            return Health(False, problem=advice(trouble, _BOT_TOKEN))
        missing = _missing_scopes(answer, _NEEDED_SCOPES)
        if advised := _missing_scopes(answer, _ADVISED_SCOPES):
            log.warning(
                "The Slack app lacks the scope %s: a message whose answer was lost may not be "
                "found again and then stays unconfirmed; the manifest has it.",
                ", ".join(advised),
            )
        problem = (
            f"The app lacks the scopes {', '.join(missing)}; install it again with the manifest."
            if missing
            else ""
        )
        return Health(not missing, self.account, str(answer.get("user") or ""), problem)

    # -- receiving --------------------------------------------------------------------

    async def _handle(self, request: SocketModeRequest) -> bool:
        return await handle(self._app, request)

    def _reading(self, body: dict[str, Any]) -> Reading:
        account = self.account or str(body.get("team_id") or "")
        return Reading(account, self._identity.bot_user, self._directs, self._clock)

    async def _on_event(self, body: dict[str, Any]) -> None:
        incoming = await read_event(body, self._reading(body))
        await self._put(incoming)

    async def _on_action(self, body: dict[str, Any]) -> None:
        # A press on Slack spins for nobody: there is no notice, hence no interaction.
        incoming = await read_press(body, self._reading(body))
        await self._put(incoming)

    async def _put(self, incoming: Incoming | None) -> None:
        """Raise rather than lose anything: what raises is not acknowledged."""
        if incoming is None:
            return
        if self._sink is None:
            raise RuntimeError("receiving has ended")
        await self._sink(incoming)

    # -- sending ----------------------------------------------------------------------

    def render(self, message: Message, reader: Reader) -> tuple[Part, ...]:
        """Return ``message`` as blocks, split where Slack's limits are; pure."""
        return rendering.render(message, reader)

    async def send(self, to: Address, part: Part, key: DeliveryKey) -> Outcome:
        """Make one ``chat.postMessage``, marked with ``key`` for :meth:`find`."""
        channel = await self._directs.channel_of(self.account, to.chat)
        if channel is None:
            return Later(1.0, Scope.CHAT, "the direct chat is not open")
        body = {
            **part.payload,
            "channel": channel,
            "mrkdwn": False,
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": delivery_metadata(str(key.id)),
        }
        if to.thread:
            body["thread_ts"] = to.thread
        answer = await self._web.post(POST, body)
        if isinstance(answer, Trouble):
            return answer
        posted_in = str(answer.get("channel") or "")
        if not is_channel(to.chat) and is_direct_channel(posted_in) and is_channel(posted_in):
            await self._directs.remember(self.account, to.chat, posted_in)
        ts = answer.get("ts")
        return Delivered(MessageRef(to, str(ts)) if ts else None)

    async def edit(self, ref: MessageRef, part: Part) -> Outcome:
        """Make one ``chat.update``; what is gone is ``Never``."""
        channel = await self._directs.channel_of(self.account, ref.address.chat)
        if channel is None:
            return Never(Reason.NOT_FOUND, "the direct chat was never open")
        text = cut(str(part.payload.get("text", "")), EDITED_TEXT_LENGTH)
        body = {"blocks": [], **part.payload, "text": text, "channel": channel, "ts": ref.id}
        answer = await self._rested(EDIT, lambda: self._web.post(EDIT, body))
        return Delivered(ref) if not isinstance(answer, Trouble) else answer

    async def delete(self, ref: MessageRef) -> Outcome:
        """Make one ``chat.delete``; what is gone counts as deleted."""
        channel = await self._directs.channel_of(self.account, ref.address.chat)
        if channel is None:
            return Delivered(None)
        body = {"channel": channel, "ts": ref.id}
        answer = await self._rested(DELETE, lambda: self._web.post(DELETE, body))
        if not isinstance(answer, Trouble):
            return Delivered(ref)
        return Delivered(None) if answer == outcome_of_code("message_not_found") else answer

    async def _rested(self, method: str, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """Make ``call`` unless Slack told this method to wait; then say so without asking.

        The limits of methods other than posting are a method's own, so only it rests and
        posts go on: ``CHAT`` keeps the caller from stopping the whole account.
        """
        left = self._rests.get(method, 0.0) - self._clock.monotonic()
        if left > 0:
            return Later(left, Scope.CHAT, "ratelimited")
        answer = await call()
        if isinstance(answer, Later) and answer.detail == "ratelimited":
            self._rests[method] = self._clock.monotonic() + answer.after
            return Later(answer.after, Scope.CHAT, answer.detail)
        return answer

    # -- direct chats and reconciliation ----------------------------------------------

    async def is_open(self, to: Address) -> bool:
        """Return whether the channel of ``to`` is known."""
        return await self._directs.channel_of(self.account, to.chat) is not None

    async def open_direct(self, to: Address) -> Later | Never | None:
        """Make one ``conversations.open``; Slack gives the same channel again and again."""
        answer = await self._rested(OPEN, lambda: self._web.ask(OPEN, users=to.chat))
        if isinstance(answer, Later) and answer.detail == "unknown_method":
            # A server too small to open chats; Slack itself takes a person's id for a post.
            self._directs.post_by_person(self.account, to.chat)
            return None
        if isinstance(answer, Unknown):
            return Later(UNSAID_WAIT, Scope.CHAT, answer.reason)
        if isinstance(answer, Trouble):
            return answer
        channel = str((answer.get("channel") or {}).get("id") or "")
        if not channel:
            return Later(UNSAID_WAIT, Scope.CHAT, "Slack named no channel")
        await self._directs.remember(self.account, to.chat, channel)
        return None

    async def find(self, to: Address, key: DeliveryKey, since: float) -> MessageRef | Later | None:
        """Look through the chat's history for the message that was sent with ``key``."""
        channel = await self._directs.channel_of(self.account, to.chat)
        if channel is None:
            return Later(CANNOT_SAY, Scope.CHAT, "the direct chat is not known")
        found = await self._history.find(
            self._identity, channel, thread=to.thread, delivery_id=str(key.id), since=since
        )
        return MessageRef(to, found) if isinstance(found, str) else found


def _missing_scopes(answer: AsyncSlackResponse, wanted: Iterable[str]) -> list[str]:
    """Return which of ``wanted`` the token lacks; Slack lists its scopes in a header."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    granted = headers.get("x-oauth-scopes")
    if not granted:
        return []
    return [scope for scope in wanted if scope not in granted.replace(" ", "").split(",")]
