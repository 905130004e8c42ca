"""What a Slack workspace holds: people, channels and messages."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.simulators.base import SimulatedPerson
from bot.simulators.journal import BOT, Journal, SeenFile, SeenMessage
from bot.simulators.slack.reading import read_message
from bot.simulators.slack.refusal import SlackRefusal
from bot.simulators.slack.uploads import Uploads
from bot.simulators.slack.views import Views


@dataclass(slots=True)
class Channel:
    """A place with messages; ``owner`` is the person of a direct chat, else ``""``."""

    id: str
    owner: str = ""
    name: str = ""
    members: set[str] = field(default_factory=set)
    is_archived: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def in_journal(self) -> str:
        """The journal names direct chats by their person."""
        return self.owner or self.id

    def find(self, ts: str) -> dict[str, Any] | None:
        """Return the message with ``ts`` as Slack keeps it, or None."""
        return next((one for one in self.messages if one["ts"] == ts), None)


@dataclass(slots=True)
class Workspace:
    """The state behind the API; it outlives the server.

    Attributes:
        now: Epoch seconds; Slack stamps messages with its own, real time.
        guests: People who are invited into single channels only.
        strangers: People of another workspace, met in a shared channel.
    """

    journal: Journal
    now: Callable[[], float]
    monotonic: Callable[[], float]
    team: str = "T0CONVOKE"
    bot_user: str = "U0CONVOKEBOT"
    bot_id: str = "B0CONVOKE"
    app: str = "A0CONVOKE"
    people: dict[str, SimulatedPerson] = field(default_factory=dict)
    deactivated: set[str] = field(default_factory=set)
    channels: dict[str, Channel] = field(default_factory=dict)
    guests: set[str] = field(default_factory=set)
    strangers: set[str] = field(default_factory=set)
    uploads: Uploads = field(default_factory=Uploads)
    views: Views = field(init=False)
    _last_micros: int = 0

    def __post_init__(self) -> None:
        """Show views by the same clock."""
        self.views = Views(self.monotonic)

    def next_ts(self) -> str:
        """Return a message's timestamp: unique, growing, microseconds behind the point."""
        self._last_micros = max(self._last_micros + 1, int(self.now() * 1_000_000))
        return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06}"

    def direct_channel(self, user: str) -> Channel:
        """Return the direct chat of ``user`` and the bot, opened if it never was."""
        for channel in self.channels.values():
            if channel.owner == user:
                return channel
        channel = Channel(f"D{len(self.channels) + 1:08}", user, "directmessage", {user})
        self.channels[channel.id] = channel
        return channel

    def channel(self, name: str) -> Channel:
        """Return the channel called ``name``: an id, or a person's id for their direct chat.

        Raises:
            SlackRefusal: there is none, or its person is deactivated.
        """
        channel = self.channels.get(name)
        if channel is None and name in self.people:
            channel = self.direct_channel(name)
        if channel is None or channel.owner in self.deactivated:
            raise SlackRefusal("channel_not_found")
        return channel

    def add(self, channel: Channel, author: str, native: dict[str, Any]) -> dict[str, Any]:
        """Put a message into ``channel``, stamp it, and write it into the journal."""
        ts = self.next_ts()
        message = {"type": "message", **native, "ts": ts}
        channel.messages.append(message)
        text, buttons = read_message(message, self.people)
        seen = SeenMessage(ts, author, text, buttons, native=dict(native), at=self.monotonic())
        seen.files = tuple(
            SeenFile(one["name"], len(self.uploads.content(one["id"])))
            for one in message.get("files", ())
        )
        self.journal.add(channel.in_journal, seen)
        return message

    def change(self, channel: Channel, ts: str, native: dict[str, Any]) -> dict[str, Any]:
        """Replace what the bot wrote at ``ts``; the journal keeps the earlier text.

        Raises:
            SlackRefusal: there is no such message, or it is somebody else's.
        """
        message = self.own_message(channel, ts, "cant_update_message")
        message.update(native)
        text, buttons = read_message(message, self.people)
        shown = self.journal.find(channel.in_journal, ts)
        if shown is not None:
            shown.history.append(shown.text)
            shown.text, shown.buttons, shown.native = text, buttons, dict(native)
        return message

    def remove(self, channel: Channel, ts: str) -> None:
        """Remove what the bot wrote at ``ts``.

        Raises:
            SlackRefusal: there is no such message, or it is somebody else's.
        """
        channel.messages.remove(self.own_message(channel, ts, "cant_delete_message"))
        shown = self.journal.find(channel.in_journal, ts)
        if shown is not None:
            shown.deleted = True

    def own_message(self, channel: Channel, ts: str, not_ours: str) -> dict[str, Any]:
        """Return the bot's message at ``ts``; ``not_ours`` is the code for another's.

        Raises:
            SlackRefusal: ``message_not_found`` or ``not_ours``.
        """
        message = channel.find(ts)
        if message is None:
            raise SlackRefusal("message_not_found")
        if message.get("bot_id") != self.bot_id:
            raise SlackRefusal(not_ours)
        return message


__all__ = ["BOT", "Channel", "SlackRefusal", "Workspace"]
