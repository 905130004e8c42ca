"""Slack behind the adapter contract."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from bot.adapters.base import (
    Capabilities,
    DeliveryKey,
    Health,
    KeyValue,
    Pace,
    Part,
    Sink,
)
from bot.adapters.http import HttpRoute
from bot.adapters.slack import files
from bot.adapters.slack import home as pages
from bot.adapters.slack import render as rendering
from bot.adapters.slack.advice import BOT_TOKEN, advice
from bot.adapters.slack.directs import Directs, is_channel, is_direct_channel
from bot.adapters.slack.endpoint import Endpoint
from bot.adapters.slack.history import CANNOT_SAY, History, delivery_metadata
from bot.adapters.slack.identity import Whoami
from bot.adapters.slack.lookups import ask_profile
from bot.adapters.slack.outcomes import (
    DELETE,
    EDIT,
    OPEN,
    POST,
    UNSAID_WAIT,
    USER,
    USER_BY_EMAIL,
    VIEW_PUBLISH,
    Answer,
    Trouble,
    outcome_of_code,
)
from bot.adapters.slack.reading import PLATFORM
from bot.adapters.slack.receiver import Receiver
from bot.adapters.slack.rooms import Rooms
from bot.adapters.slack.sockets import FIRST_WAIT, LONGEST_WAIT, Sockets
from bot.adapters.slack.text import cut
from bot.adapters.slack.web import Web
from bot.clock import Clock
from bot.domain.address import Address, MessageRef
from bot.domain.message import Message
from bot.domain.outcome import Delivered, Later, Never, Outcome, Reason, Scope, Unknown
from bot.domain.profile import Profile
from bot.domain.reader import Reader

EDITED_TEXT_LENGTH = 4000
"""``chat.update`` takes less ``text`` than ``chat.postMessage`` (its ``msg_too_long``)."""

_VIEW = "V"
"""Ids of views begin so; a message's is its time."""

_SENT_WITH_FILES = "slack.posted."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """What opens Slack to us; over HTTP if there is a signing secret and no app token."""

    bot_token: str
    app_token: str = ""
    signing_secret: str = ""


class SlackAdapter:
    """One bot in one workspace.

    Beside the contract: direct chats, reconciliation, files, forms, pages, look-ups, and
    routes over HTTP.
    """

    name = PLATFORM
    capabilities = Capabilities(text_limit=12_000, threads=True, files=True, reconcile=True)
    # Slack: a post a second a channel, an unpublished ceiling of "several hundred" a minute
    # a workspace, 50 a minute for updates and for openings, 100 for views. A little room is
    # left in each.
    pace = Pace(
        account=5.0,
        bulk=4.0,
        chat=1.0,
        room=1.0,
        edit=45 / 60,
        open_direct=45 / 60,
        home=80 / 60,
    )

    def __init__(
        self,
        *,
        access: Access,
        api_url: str,
        memory: KeyValue,
        clock: Clock,
        proxy: str = "",
    ) -> None:
        """Prepare; nothing is asked before ``session``, ``running`` or ``check``."""
        self._access = access
        self._web = Web(access.bot_token, api_url, proxy)
        self._memory = memory
        self._clock = clock
        self._directs = Directs(memory)
        self._me = Whoami(self._web, memory, access.bot_token)
        self._rooms = Rooms(self._web, clock)
        self._rests: dict[str, float] = {}
        self._history = History(self._web, clock)
        self._files = files.SentFiles(memory)

    @property
    def account(self) -> str:
        """The team's id; ``""`` until Slack was asked once with this token."""
        return self._me.identity.team

    # -- connections ------------------------------------------------------------------

    @asynccontextmanager
    async def session(self) -> AsyncIterator[None]:
        """Hold the connections open; also recalls or asks who we are."""
        async with self._web.open():
            await self._me.recall()
            if not self.account:
                await self._me.ask()
            try:
                yield
            finally:
                await self._rooms.stop()

    @asynccontextmanager
    async def running(self, sink: Sink) -> AsyncIterator[None]:
        """Receive into ``sink`` until the block ends; over HTTP only learn who we are."""
        async with self.session():
            receiving = asyncio.create_task(self._receive(sink), name="slack-receive")
            try:
                yield
            finally:
                receiving.cancel()
                with suppress(asyncio.CancelledError):
                    await receiving

    async def _receive(self, sink: Sink) -> None:
        """First learn who we are, for every address needs it; then take what comes."""
        wait = FIRST_WAIT
        while not self.account:
            trouble = await self._me.ask()
            if trouble is None:
                break
            if wait == FIRST_WAIT:
                log.warning("Slack is asked again. %s", advice(trouble, BOT_TOKEN))
            await self._clock.sleep(wait)
            wait = min(LONGEST_WAIT, wait * 2)
        if self._access.app_token:
            take = self._receiver(sink).take
            await Sockets(self._web, self._access.app_token, self._clock, take).run()

    def _receiver(self, sink: Sink) -> Receiver:
        return Receiver(
            self._web,
            sink,
            identity=lambda: self._me.identity,
            directs=self._directs,
            rooms=self._rooms,
            clock=self._clock,
        )

    def http_routes(self, sink: Sink) -> tuple[HttpRoute, ...]:
        """Return the one route of Slack's, or nothing in Socket Mode."""
        access = self._access
        if access.app_token or not access.signing_secret:
            return ()
        endpoint = Endpoint(access.signing_secret, self._clock, self._receiver(sink).take)
        return (endpoint.route(),)

    async def check(self) -> Health:
        """Ask Slack who we are, and whether the tokens may do what the bot does."""
        access = self._access
        return await self._me.check(access.bot_token, access.app_token, access.signing_secret)

    # -- sending ----------------------------------------------------------------------

    def render(self, message: Message, reader: Reader) -> tuple[Part, ...]:
        """Return ``message`` as blocks, split where Slack's limits are; pure."""
        return rendering.render(message, reader)

    async def send(self, to: Address, part: Part, key: DeliveryKey) -> Outcome:
        """Make one ``chat.postMessage``, marked with ``key`` for :meth:`find`.

        With files it is one ``files.completeUploadExternal``, which posts them.
        """
        channel = await self._directs.channel_of(self.account, to.chat)
        if channel is None:
            return Later(1.0, Scope.CHAT, "the direct chat is not open")
        if part.payload.get(files.FILES):
            return await self._send_files(to, channel, part, key)
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

    async def _send_files(self, to: Address, channel: str, part: Part, key: DeliveryKey) -> Outcome:
        if files.needs_upload(part):
            return Later(1.0, Scope.CHAT, "the files are not handed over yet")
        await self._files.note(self.account, key, part)
        answer = await files.post(self._web, channel, to.thread, part)
        if isinstance(answer, Trouble):
            return answer
        said: Any = answer.data
        ts = files.posted_at(said if isinstance(said, dict) else {}, channel)
        return Delivered(MessageRef(to, ts or f"{files.BY_FILE}{files.file_ids(part)[0]}"))

    async def edit(self, ref: MessageRef, part: Part) -> Outcome:
        """Make one ``chat.update``; what is gone is ``Never``.

        A page is not changed as a message: it is shown anew by :meth:`show_home`.
        """
        if ref.id.startswith(_VIEW):
            return Delivered(ref)
        channel = await self._directs.channel_of(self.account, ref.address.chat)
        if channel is None:
            return Never(Reason.NOT_FOUND, "the direct chat was never open")
        ts = await self._time_of(ref, channel)
        if isinstance(ts, Later | Never):
            return ts
        text = cut(str(part.payload.get("text", "")), EDITED_TEXT_LENGTH)
        body = {"blocks": [], **part.payload, "text": text, "channel": channel, "ts": ts}
        body.pop(files.FILES, None)
        answer = await self._rested(EDIT, lambda: self._web.post(EDIT, body))
        return Delivered(ref) if not isinstance(answer, Trouble) else answer

    async def delete(self, ref: MessageRef) -> Outcome:
        """Make one ``chat.delete``; what is gone counts as deleted."""
        channel = await self._directs.channel_of(self.account, ref.address.chat)
        if channel is None:
            return Delivered(None)
        ts = await self._time_of(ref, channel)
        if isinstance(ts, Never):
            return Delivered(None)
        if isinstance(ts, Later):
            return ts
        body = {"channel": channel, "ts": ts}
        answer = await self._rested(DELETE, lambda: self._web.post(DELETE, body))
        if not isinstance(answer, Trouble):
            return Delivered(ref)
        return Delivered(None) if answer == outcome_of_code("message_not_found") else answer

    async def _time_of(self, ref: MessageRef, channel: str) -> str | Later | Never:
        """Return the ``ts`` of a message; one with files is looked for first, then asked again.

        That looking is a request of its own, so the attempt ends with it.
        """
        if not ref.id.startswith(files.BY_FILE):
            return ref.id
        key = f"{_SENT_WITH_FILES}{self.account}.{channel}.{ref.id}"
        if known := await self._memory.get(key):
            return known
        found = await self._history.find(
            self._me.identity,
            channel,
            thread=ref.address.thread,
            delivery_id="",
            since=0.0,
            files=frozenset({ref.id.removeprefix(files.BY_FILE)}),
        )
        if isinstance(found, Later):
            return found
        if found is None:
            return Never(Reason.NOT_FOUND, "no message with the file")
        await self._memory.set(key, found)
        return Later(0.0, Scope.CHAT, "the message with the file was looked up")

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

    # -- files ------------------------------------------------------------------------

    def needs_upload(self, part: Part) -> bool:
        """Return whether Slack does not have a file of ``part`` yet."""
        return files.needs_upload(part)

    async def upload(self, part: Part) -> Part | Later | Never:
        """Hand the files of ``part`` over."""
        return await files.upload(self._web, part)

    # -- pages ------------------------------------------------------------------------

    def render_home(self, message: Message, reader: Reader) -> Part:
        """Return ``message`` as the view of a Home tab; pure."""
        return pages.render_home(message, reader)

    async def show_home(self, to: Address, part: Part) -> Outcome:
        """Make one ``views.publish``."""
        body = {"user_id": to.chat, "view": dict(part.payload)}
        answer = await self._rested(VIEW_PUBLISH, lambda: self._web.post(VIEW_PUBLISH, body))
        return answer if isinstance(answer, Trouble) else Delivered(None)

    # -- look-ups ---------------------------------------------------------------------

    async def profile_of(self, user: str) -> Profile | Later | None:
        """Make one ``users.info``."""
        return await self._looked_up(USER, user=user)

    async def find_by_email(self, email: str) -> Profile | Later | None:
        """Make one ``users.lookupByEmail``."""
        return await self._looked_up(USER_BY_EMAIL, email=email)

    async def _looked_up(self, method: str, **who: str) -> Profile | Later | None:
        left = self._rests.get(method, 0.0) - self._clock.monotonic()
        if left > 0:
            return Later(left, Scope.CHAT, "ratelimited")
        found = await ask_profile(self._web, self.account, **who)
        if isinstance(found, Later) and found.detail == "ratelimited":
            self._rests[method] = self._clock.monotonic() + found.after
            return Later(found.after, Scope.CHAT, found.detail)
        return found

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
            self._me.identity,
            channel,
            thread=to.thread,
            delivery_id=str(key.id),
            since=since,
            files=await self._files.of(self.account, key),
        )
        return MessageRef(to, found) if isinstance(found, str) else found
