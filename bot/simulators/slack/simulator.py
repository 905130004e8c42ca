"""The loopback Slack as tests, the demo and the control interface see it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from bot.simulators.base import BareSimulator, SimulatedPerson
from bot.simulators.journal import Journal, SeenButton
from bot.simulators.loopback import served
from bot.simulators.slack import payloads
from bot.simulators.slack.attaching import Attaching
from bot.simulators.slack.faults import Fault, Faults
from bot.simulators.slack.http_delivery import HttpDelivery
from bot.simulators.slack.rates import RateLimit
from bot.simulators.slack.reading import escape, read_message
from bot.simulators.slack.server import Server
from bot.simulators.slack.sockets import Answered, Envelope, Sockets
from bot.simulators.slack.views import Screen, filled
from bot.simulators.slack.workspace import Channel, Workspace

REDELIVERY = (0.0, 0.5, 2.0)
"""Seconds before each repetition; Slack's own are 0, 60 and 300."""

SLASH = "/alliance"


class SlackSimulator(Attaching, BareSimulator):
    """One workspace with one bot in it; implements :class:`~bot.simulators.base.Simulator`."""

    platform = "slack"

    def __init__(
        self,
        *,
        ack_within: float = 3.0,
        redelivery: Sequence[float] = REDELIVERY,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        bot_token: str = "xoxb-simulated-bot-token",  # noqa: S107 - it opens nothing real
        app_token: str = "xapp-simulated-app-token",  # noqa: S107 - it opens nothing real
        signing_secret: str = "simulated-signing-secret",  # noqa: S107 - it opens nothing real
    ) -> None:
        """Start an empty workspace.

        Args:
            ack_within: Seconds in which an update must be acknowledged, as Slack's 3.
            redelivery: Seconds before each repetition of an event.
            now: Epoch seconds, which Slack stamps messages and signatures with.
            monotonic: Seconds by which triggers expire and rates are counted.
            sleep: Waits before a repetition over HTTP.
            bot_token: What the Web API accepts.
            app_token: What opens Socket Mode.
            signing_secret: What requests to :meth:`deliver_to` are signed with.
        """
        self.journal = Journal()
        self.workspace = Workspace(self.journal, now, monotonic)
        self.sockets = Sockets(ack_within, redelivery)
        self.hooks = HttpDelivery(
            signing_secret, now, answer_within=ack_within, redelivery=redelivery, sleep=sleep
        )
        self._server = Server(self.workspace, self.sockets, bot_token, app_token)
        self._tokens = bot_token, app_token
        self._secret = signing_secret
        self._events = 0
        self._rooms = 0
        self._last: list[tuple[str, dict[str, Any]]] = []

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[None]:
        """Serve on 127.0.0.1; port 0 takes a free one. State outlives the block."""
        delivering = [
            asyncio.create_task(self.sockets.deliver(), name="slack-simulator-sockets"),
            asyncio.create_task(self.hooks.deliver(), name="slack-simulator-hooks"),
        ]
        try:
            async with served(self._server.application(), port) as self._server.port:
                try:
                    yield
                finally:
                    await self.sockets.stop()
        finally:
            for task in delivering:
                task.cancel()
            for task in delivering:
                with suppress(asyncio.CancelledError):
                    await task

    def environment(self) -> dict[str, str]:
        """Return the ``CONVOKE_…`` variables that point an adapter here."""
        return {
            "CONVOKE_SLACK_BOT_TOKEN": self._tokens[0],
            "CONVOKE_SLACK_APP_TOKEN": self._tokens[1],
            "CONVOKE_SLACK_SIGNING_SECRET": self._secret,
            "CONVOKE_SLACK_API_URL": f"http://127.0.0.1:{self._server.port}/api/",
        }

    def deliver_to(self, url: str) -> None:
        """Send everything as signed requests to ``url`` from now on; ``""``: over sockets."""
        self.hooks.url = url

    def _put(self, kind: str, payload: dict[str, Any], answered: Answered | None = None) -> None:
        self._last.append((kind, payload))
        del self._last[:-100]
        (self.hooks if self.hooks.url else self.sockets).put(kind, payload, answered)

    def redeliver(self, count: int = 1) -> None:
        """Send the last ``count`` updates once more, as after a lost acknowledgement."""
        for kind, payload in self._last[-count:]:
            (self.hooks if self.hooks.url else self.sockets).put(kind, payload)

    # -- people and rooms -------------------------------------------------------------

    def add_person(self, person: SimulatedPerson) -> None:
        """Open an account in the workspace."""
        self.workspace.people[person.user] = person

    def people(self) -> list[SimulatedPerson]:
        """Return everybody who has an account."""
        return list(self.workspace.people.values())

    def set_kind(self, user: str, *, guest: bool = False, stranger: bool = False) -> None:
        """Make ``user`` a guest of single channels, or somebody of another workspace."""
        (self.workspace.guests.add if guest else self.workspace.guests.discard)(user)
        (self.workspace.strangers.add if stranger else self.workspace.strangers.discard)(user)

    def create_room(self, title: str, members: Sequence[str] = ()) -> str:
        """Open a channel without the bot and return its id."""
        self._rooms += 1
        id_ = f"C{self._rooms:08}"
        self.workspace.channels[id_] = Channel(id_, name=title, members=set(members))
        return id_

    def add_channel(self, id_: str, name: str, members: Sequence[str] = ()) -> None:
        """Open a channel that the bot and ``members`` are in; nobody is told."""
        everybody = {*members, self.workspace.bot_user}
        self.workspace.channels[id_] = Channel(id_, name=name, members=everybody)

    def join(self, chat: str, user: str) -> None:
        """Let a person come into a channel."""
        self.workspace.channels[chat].members.add(user)
        self._member("member_joined_channel", chat, user)

    def leave(self, chat: str, user: str) -> None:
        """Let a person leave a channel."""
        self.workspace.channels[chat].members.discard(user)
        self._member("member_left_channel", chat, user)

    def add_bot(self, chat: str, by: str) -> None:
        """Let ``by`` invite the bot into a channel."""
        bot = self.workspace.bot_user
        self.workspace.channels[chat].members.add(bot)
        self._member("member_joined_channel", chat, bot, inviter=by)

    def remove_bot(self, chat: str, by: str) -> None:
        """Let ``by`` remove the bot from a channel."""
        self.workspace.channels[chat].members.discard(self.workspace.bot_user)
        self._event({"type": "channel_left", "channel": chat, "actor_id": by})

    def _member(self, kind: str, chat: str, user: str, **more: str) -> None:
        where = {"channel": chat, "channel_type": "C", "team": self.workspace.team}
        self._event({"type": kind, "user": user, **where, **more})

    def rename(self, chat: str, title: str) -> None:
        """Give a channel another title."""
        self.workspace.channels[chat].name = title
        self._event({"type": "channel_rename", "channel": {"id": chat, "name": title}})

    # -- what people do ---------------------------------------------------------------

    def say(self, user: str, text: str, chat: str | None = None) -> None:
        """Let ``user`` type ``text`` to the bot, or in the channel ``chat``.

        In a channel the bot hears only what mentions it: ``<@bot>`` stands for that.
        """
        if chat is not None and chat != user:
            self._say_in(self.workspace.channels[chat], user, text)
            return
        channel = self.workspace.direct_channel(user)
        message = self._typed(channel, user, text)
        self._event({**message, "channel": channel.id, "channel_type": "im"})

    def say_in(self, channel: str, user: str, text: str, thread: str = "") -> None:
        """Let ``user`` write to a channel, mentioning the bot in front."""
        self._say_in(self.workspace.channels[channel], user, f"<@bot> {text}", thread)

    def answer(self, user: str, text: str, message_id: str, chat: str | None = None) -> None:
        """Let ``user`` write in the thread of a message; in a channel ``<@bot>`` mentions."""
        if chat is not None and chat != user:
            self._say_in(self.workspace.channels[chat], user, text, message_id)
            return
        channel = self.workspace.direct_channel(user)
        native = {"user": user, "text": escape(text), "team": self.workspace.team}
        message = self.workspace.add(channel, user, {**native, "thread_ts": message_id})
        self._event({**message, "channel": channel.id, "channel_type": "im"})

    def _say_in(self, place: Channel, user: str, text: str, thread: str = "") -> None:
        mention = f"<@{self.workspace.bot_user}>"
        native = {"text": mention.join(escape(one) for one in text.split("<@bot>"))}
        native |= {"user": user, "team": self.workspace.team}
        native |= {"thread_ts": thread} if thread else {}
        message = self.workspace.add(place, user, native)
        is_member = self.workspace.bot_user in place.members
        if is_member and mention in native["text"]:
            shown = {name: value for name, value in message.items() if name != "type"}
            self._event({"type": "app_mention", "channel": place.id, **shown})

    def _typed(self, channel: Channel, user: str, text: str) -> dict[str, Any]:
        native = {"user": user, "text": escape(text), "team": self.workspace.team}
        return self.workspace.add(channel, user, native)

    def rewrite(self, user: str, message_id: str, text: str) -> None:
        """Let ``user`` change what they had said in their own chat."""
        channel = self.workspace.direct_channel(user)
        message = channel.find(message_id)
        if message is None:
            raise KeyError(message_id)
        before = dict(message)
        message |= {"text": escape(text), "edited": {"user": user, "ts": self.workspace.next_ts()}}
        shown = self.journal.find(user, message_id)
        if shown is not None:
            shown.history.append(shown.text)
            shown.text = text
        self._event(
            {
                "type": "message",
                "subtype": "message_changed",
                "channel": channel.id,
                "channel_type": "im",
                "message": dict(message),
                "previous_message": before,
                "ts": self.workspace.next_ts(),
            }
        )

    def _event(self, event: dict[str, Any]) -> None:
        self._events += 1
        self._put("events_api", payloads.event_callback(self.workspace, self._events, event))

    def press(self, user: str, message_id: str, data: str, chat: str | None = None) -> None:
        """Let ``user`` press the button with ``data`` below a message; all may be forged.

        The id of a page or a form (:meth:`home`, :meth:`form`) stands for that.
        """
        screen = self.workspace.views.find(message_id)
        if screen is not None:
            pressed = payloads.pressed_in_view(self.workspace, user, screen, data)
        else:
            place = chat or user
            channel = self.workspace.channels.get(place) or self.workspace.direct_channel(place)
            pressed = payloads.pressed(self.workspace, user, channel, message_id, data)
        self._put("interactive", pressed)

    def command(self, user: str, text: str, chat: str | None = None, name: str = SLASH) -> None:
        """Let ``user`` give the bot's slash command with ``text`` behind it."""
        place = chat or user
        channel = self.workspace.channels.get(place) or self.workspace.direct_channel(place)
        self._put(
            "slash_commands", payloads.slash_command(self.workspace, user, channel, name, text)
        )

    def open_home(self, user: str, tab: str = "home") -> None:
        """Let ``user`` open the bot's page."""
        channel = self.workspace.direct_channel(user)
        self._event({"type": "app_home_opened", "user": user, "channel": channel.id, "tab": tab})

    def home(self, user: str) -> Screen | None:
        """Return the page of ``user`` as it was published last."""
        return self.workspace.views.home(user)

    def form(self, user: str) -> Screen | None:
        """Return the form that ``user`` has open."""
        return self.workspace.views.modal(user)

    def screens(self, user: str) -> dict[str, Any]:
        """Return the page and the open form of ``user`` as they are read, or None for each."""

        def read(screen: Screen | None) -> dict[str, Any] | None:
            if screen is None:
                return None
            text, buttons = self.shown(screen)
            fields = [one["block_id"] for one in screen.native["blocks"] if one["type"] == "input"]
            return {
                "id": screen.id,
                "text": text,
                "buttons": [{"label": one.label, "data": one.data} for one in buttons],
                "fields": fields,
                "errors": screen.errors,
            }

        return {"home": read(self.home(user)), "form": read(self.form(user))}

    def shown(self, screen: Screen) -> tuple[str, tuple[SeenButton, ...]]:
        """Return the characters and buttons of a page or a form."""
        return read_message(screen.native, self.workspace.people)

    def submit(self, user: str, values: Mapping[str, str]) -> None:
        """Let ``user`` put ``values`` into the open form and send it.

        What the app finds wrong is then in its ``errors``, else it closes.

        Raises:
            ValueError: no form is open, or the client would not let these values be sent.
        """
        screen = self.form(user)
        if screen is None:
            raise ValueError(f"{user} has no form open")
        state = filled(screen, values, self.workspace.uploads.native)

        def answered(answer: dict[str, Any]) -> None:
            screen.errors = {}
            if answer.get("response_action") == "errors":
                screen.errors = dict(answer["errors"])
            elif answer.get("response_action") == "update":
                self.workspace.views.update(screen.id, answer["view"])
            else:
                screen.closed = True

        self._put("interactive", payloads.submitted(self.workspace, screen, state), answered)

    def close_form(self, user: str) -> None:
        """Let ``user`` close the open form without sending it; Slack tells nobody."""
        screen = self.form(user)
        if screen is not None:
            screen.closed = True

    # -- what goes wrong --------------------------------------------------------------

    def block(self, user: str, blocked: bool = True) -> None:
        """Deactivate the account of ``user``, or bring it back: nobody blocks a Slack bot."""
        (self.workspace.deactivated.add if blocked else self.workspace.deactivated.discard)(user)

    def archive(self, channel: str, archived: bool = True) -> None:
        """Archive a channel, or bring it back."""
        self.workspace.channels[channel].is_archived = archived
        kind = "channel_archive" if archived else "channel_unarchive"
        self._event({"type": kind, "channel": channel, "user": "U0SOMEBODY"})

    def fault(
        self,
        kind: str,
        count: int = 1,
        *,
        method: str = "",
        status: int = 500,
        code: str = "",
        retry_after: int | None = None,
    ) -> None:
        """Let the next ``count`` sends (or calls of ``method``) go wrong; see ``faults``.

        Raises:
            ValueError: there is no such kind.
        """
        self._server.faults.order(Fault(kind, status, code, retry_after), count, method)

    def lose_answers(self, count: int, method: str = "") -> None:
        """Do the work of the next ``count`` calls and drop the connection instead of answering."""
        self.fault("lost", count, method=method)

    def answer_errors(
        self, count: int, status: int, retry_after: int | None = None, method: str = ""
    ) -> None:
        """Refuse the next ``count`` sends (or calls of ``method``) with an HTTP status."""
        self.fault("error", count, method=method, status=status, retry_after=retry_after)

    def refuse(self, code: str, method: str = "", count: int = 1) -> None:
        """Refuse the next ``count`` sends (or calls of ``method``) with Slack's error ``code``."""
        self.fault("error", count, method=method, status=200, code=code)

    def flood(self, mode: str) -> None:
        """Limit rates in ``mode`` (see ``rates``); ``""`` ends that. They are off at first.

        Raises:
            ValueError: there is no such mode.
        """
        self._server.rate_limit = RateLimit(mode) if mode else None

    def limit_rates(self, on: bool = True) -> None:
        """Switch Slack's rate limits on or off."""
        self.flood("window" if on else "")

    def grant(self, scopes: Sequence[str]) -> None:
        """Let the bot token have these scopes, and say so in every answer."""
        self._server.scopes = tuple(scopes)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Close every Socket Mode connection with notice, as Slack does every few hours."""
        await self.sockets.announce_disconnect(reason)

    @property
    def faults(self) -> Faults:
        """What is ordered and has met no request yet."""
        return self._server.faults

    @property
    def given_up(self) -> list[Envelope]:
        """What Slack no longer tries to deliver over sockets; ``hooks`` has its own."""
        return self.sockets.given_up
