"""Slack behind the adapter contract."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

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
from bot.adapters.slack import files, received
from bot.adapters.slack import home as pages
from bot.adapters.slack import render as rendering
from bot.adapters.slack.advice import BOT_TOKEN, advice
from bot.adapters.slack.directs import OPENED, Directs
from bot.adapters.slack.endpoint import Endpoint
from bot.adapters.slack.identity import Whoami
from bot.adapters.slack.lookups import ask_profile
from bot.adapters.slack.messages import Messages
from bot.adapters.slack.outcomes import USER, USER_BY_EMAIL, VIEW_PUBLISH, Trouble
from bot.adapters.slack.reading import PLATFORM
from bot.adapters.slack.receiver import Receiver
from bot.adapters.slack.rests import Rests
from bot.adapters.slack.rooms import Rooms
from bot.adapters.slack.sockets import FIRST_WAIT, LONGEST_WAIT, Sockets
from bot.adapters.slack.web import Web
from bot.clock import Clock
from bot.domain.address import Address, MessageRef
from bot.domain.message import Message
from bot.domain.outcome import Delivered, Later, Never, Outcome
from bot.domain.profile import Profile
from bot.domain.reader import Reader

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
    opened_prefix = OPENED
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
        self._clock = clock
        self._directs = Directs(memory)
        self._me = Whoami(self._web, memory, access.bot_token)
        self._rooms = Rooms(self._web, clock)
        self._rests = Rests(clock)
        self._messages = Messages(
            self._web, self._me, self._directs, memory=memory, clock=clock, rests=self._rests
        )

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
        """Make one ``chat.postMessage``, or ``files.completeUploadExternal`` where it has files."""
        return await self._messages.send(to, part, key)

    async def edit(self, ref: MessageRef, part: Part) -> Outcome:
        """Make one ``chat.update``."""
        return await self._messages.edit(ref, part)

    async def delete(self, ref: MessageRef) -> Outcome:
        """Make one ``chat.delete``."""
        return await self._messages.delete(ref)

    # -- files ------------------------------------------------------------------------

    def needs_upload(self, part: Part) -> bool:
        """Return whether Slack does not have a file of ``part`` yet."""
        return files.needs_upload(part)

    async def upload(self, part: Part) -> Part | Later | Never:
        """Hand the files of ``part`` over."""
        return await files.upload(self._web, part)

    async def fetch(self, file: str, limit: int) -> bytes | Later | Never:
        """Make one ``files.info``, and fetch what it names."""
        return await received.fetch(self._web, file, limit)

    # -- pages ------------------------------------------------------------------------

    def render_home(self, message: Message, reader: Reader) -> Part:
        """Return ``message`` as the view of a Home tab; pure."""
        return pages.render_home(message, reader)

    async def show_home(self, to: Address, part: Part) -> Outcome:
        """Make one ``views.publish``."""
        body = {"user_id": to.chat, "view": dict(part.payload)}
        answer = await self._rests.call(VIEW_PUBLISH, lambda: self._web.post(VIEW_PUBLISH, body))
        return answer if isinstance(answer, Trouble) else Delivered(None)

    # -- look-ups ---------------------------------------------------------------------

    async def profile_of(self, user: str) -> Profile | Later | None:
        """Make one ``users.info``."""
        return await self._looked_up(USER, user=user)

    async def find_by_email(self, email: str) -> Profile | Later | None:
        """Make one ``users.lookupByEmail``."""
        return await self._looked_up(USER_BY_EMAIL, email=email)

    async def _looked_up(self, method: str, **who: str) -> Profile | Later | None:
        if rest := self._rests.left(method):
            return rest
        found = await ask_profile(self._web, self.account, **who)
        return self._rests.note(method, found) if isinstance(found, Later) else found

    # -- direct chats and reconciliation ----------------------------------------------

    async def is_open(self, to: Address) -> bool:
        """Return whether the channel of ``to`` is known."""
        return await self._directs.channel_of(self.account, to.chat) is not None

    async def open_direct(self, to: Address) -> Later | Never | None:
        """Make one ``conversations.open``."""
        return await self._messages.open_direct(to)

    async def find(self, to: Address, key: DeliveryKey, since: float) -> MessageRef | Later | None:
        """Look through the chat's history for the message that was sent with ``key``."""
        return await self._messages.find(to, key, since)
