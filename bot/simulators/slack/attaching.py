"""What people do with files: put them into Slack, and send them to the bot."""

from collections.abc import Callable
from typing import Any

from bot.simulators.slack.reading import escape
from bot.simulators.slack.workspace import Workspace


class Attaching:
    """The part of the simulator that is about people's files."""

    workspace: Workspace
    _event: Callable[[dict[str, Any]], None]

    def attach(self, name: str, content: bytes, media_type: str = "application/pdf") -> str:
        """Let somebody put a file into Slack; its id stands for it in a form or a message."""
        return self.workspace.uploads.attach(name, content, media_type).id

    def send_files(self, user: str, *ids: str, text: str = "") -> None:
        """Let ``user`` send files to the bot, with or without words."""
        channel = self.workspace.direct_channel(user)
        files = [self.workspace.uploads.native(one) for one in ids]
        who = {"user": user, "team": self.workspace.team}
        native = {**who, "text": escape(text), "subtype": "file_share", "files": files}
        message = self.workspace.add(channel, user, native)
        self._event({**message, "channel": channel.id, "channel_type": "im"})
