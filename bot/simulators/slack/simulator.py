"""The loopback Slack as tests, the demo and the control interface see it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from bot.simulators.base import BareSimulator, SimulatedPerson
from bot.simulators.journal import Journal
from bot.simulators.loopback import served
from bot.simulators.slack.reading import escape
from bot.simulators.slack.server import Fault, RateLimit, Server
from bot.simulators.slack.sockets import Envelope, Sockets
from bot.simulators.slack.workspace import Channel, Workspace

REDELIVERY = (0.0, 0.5, 2.0)
"""Seconds before each repetition; Slack's own are 0, 60 and 300."""


class SlackSimulator(BareSimulator):
    """One workspace with one bot in it; implements :class:`~bot.simulators.base.Simulator`."""

    platform = "slack"

    def __init__(
        self,
        *,
        ack_within: float = 3.0,
        redelivery: Sequence[float] = REDELIVERY,
        now: Callable[[], float] = time.time,
        bot_token: str = "xoxb-simulated-bot-token",  # noqa: S107 - it opens nothing real
        app_token: str = "xapp-simulated-app-token",  # noqa: S107 - it opens nothing real
    ) -> None:
        """Start an empty workspace.

        Args:
            ack_within: Seconds in which an envelope must be acknowledged, as Slack's 3.
            redelivery: Seconds before each repetition of an event.
            now: Epoch seconds, which Slack stamps messages with.
            bot_token: What the Web API accepts.
            app_token: What opens Socket Mode.
        """
        self.journal = Journal()
        self.workspace = Workspace(self.journal, now, time.monotonic)
        self.sockets = Sockets(ack_within, redelivery)
        self._server = Server(self.workspace, self.sockets, bot_token, app_token)
        self._tokens = bot_token, app_token
        self._events = 0

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[None]:
        """Serve on 127.0.0.1; port 0 takes a free one. State outlives the block."""
        delivering = asyncio.create_task(self.sockets.deliver(), name="slack-simulator-deliver")
        try:
            async with served(self._server.application(), port) as self._server.port:
                try:
                    yield
                finally:
                    await self.sockets.stop()
        finally:
            delivering.cancel()
            with suppress(asyncio.CancelledError):
                await delivering

    def environment(self) -> dict[str, str]:
        """Return the ``CONVOKE_…`` variables that point an adapter here."""
        return {
            "CONVOKE_SLACK_BOT_TOKEN": self._tokens[0],
            "CONVOKE_SLACK_APP_TOKEN": self._tokens[1],
            "CONVOKE_SLACK_API_URL": f"http://127.0.0.1:{self._server.port}/api/",
        }

    def add_person(self, person: SimulatedPerson) -> None:
        """Open an account in the workspace."""
        self.workspace.people[person.user] = person

    def people(self) -> list[SimulatedPerson]:
        """Return everybody who has an account."""
        return list(self.workspace.people.values())

    def add_channel(self, id_: str, name: str, members: Sequence[str] = ()) -> None:
        """Open a channel that the bot and ``members`` are in."""
        everybody = {*members, self.workspace.bot_user}
        self.workspace.channels[id_] = Channel(id_, name=name, members=everybody)

    def say(self, user: str, text: str, chat: str | None = None) -> None:
        """Let ``user`` type ``text`` to the bot."""
        channel = self.workspace.direct_channel(user)
        message = self._typed(channel, user, text)
        self._event({**message, "channel": channel.id, "channel_type": "im"})

    def say_in(self, channel: str, user: str, text: str) -> None:
        """Let ``user`` write to a channel, mentioning the bot in front."""
        place = self.workspace.channels[channel]
        message = self._typed(place, user, text, before=f"<@{self.workspace.bot_user}> ")
        shown = {name: value for name, value in message.items() if name != "type"}
        self._event({"type": "app_mention", "channel": channel, **shown})

    def _typed(self, channel: Channel, user: str, text: str, before: str = "") -> dict[str, Any]:
        native = {"user": user, "text": before + escape(text), "team": self.workspace.team}
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
        self.sockets.put(
            "events_api",
            {
                "type": "event_callback",
                "event_id": f"Ev{self._events:010}",
                "event_time": int(self.workspace.now()),
                "team_id": self.workspace.team,
                "api_app_id": self.workspace.app,
                "authorizations": [{"team_id": self.workspace.team, "is_bot": True}],
                "event": {"event_ts": event["ts"], **event},
            },
        )

    def press(self, user: str, message_id: str, data: str, chat: str | None = None) -> None:
        """Let ``user`` press the button with ``data`` below a message; all may be forged."""
        place = chat or user
        channel = self.workspace.channels.get(place) or self.workspace.direct_channel(place)
        message = channel.find(message_id) or {}
        self.sockets.put("interactive", self._pressed(user, channel, message_id, message, data))

    def _pressed(
        self, user: str, channel: Channel, ts: str, message: dict[str, Any], data: str
    ) -> dict[str, Any]:
        elements = (one for block in message.get("blocks", ()) for one in block.get("elements", ()))
        none: dict[str, Any] = {}
        button = next((one for one in elements if one.get("value") == data), none)
        person = self.workspace.people.get(user)
        return {
            "type": "block_actions",
            "team": {"id": self.workspace.team, "domain": "convoke"},
            "user": {
                "id": user,
                "username": user.lower(),
                "name": person.name if person else user,
                "team_id": self.workspace.team,
            },
            "api_app_id": self.workspace.app,
            "trigger_id": f"{self.workspace.next_ts()}.trigger",
            "container": {"type": "message", "message_ts": ts, "channel_id": channel.id},
            "channel": {"id": channel.id, "name": channel.name},
            "message": message,
            "actions": [
                {
                    "type": "button",
                    "action_id": button.get("action_id", "forged"),
                    "block_id": "b1",
                    "text": button.get("text", {"type": "plain_text", "text": "?"}),
                    "value": data,
                    "action_ts": self.workspace.next_ts(),
                }
            ],
        }

    def block(self, user: str, blocked: bool = True) -> None:
        """Deactivate the account of ``user``, or bring it back: nobody blocks a Slack bot."""
        (self.workspace.deactivated.add if blocked else self.workspace.deactivated.discard)(user)

    def archive(self, channel: str, archived: bool = True) -> None:
        """Archive a channel, or bring it back."""
        self.workspace.channels[channel].is_archived = archived

    def lose_answers(self, count: int, method: str = "") -> None:
        """Do the work of the next ``count`` calls and drop the connection instead of answering."""
        self._server.faults.lost[method] += count

    def answer_errors(
        self, count: int, status: int, retry_after: int | None = None, method: str = ""
    ) -> None:
        """Refuse the next ``count`` sends (or calls of ``method``) with an HTTP status."""
        for _ in range(count):
            self._server.faults.refused[method].append(Fault(status, "", retry_after))

    def refuse(self, code: str, method: str = "", count: int = 1) -> None:
        """Refuse the next ``count`` sends (or calls of ``method``) with Slack's error ``code``."""
        for _ in range(count):
            self._server.faults.refused[method].append(Fault(200, code))

    def limit_rates(self, on: bool = True) -> None:
        """Switch Slack's rate limits on or off; they are off at first."""
        self._server.rate_limit = RateLimit() if on else None

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Close every Socket Mode connection with notice, as Slack does every few hours."""
        await self.sockets.announce_disconnect(reason)

    @property
    def given_up(self) -> list[Envelope]:
        """What Slack no longer tries to deliver."""
        return self.sockets.given_up
