"""The person's own page of the bot."""

from bot.adapters.base import Part
from bot.adapters.slack.render import render
from bot.domain.message import Message
from bot.domain.reader import Reader

HOME_BLOCKS = 100
"""As Slack documents it for views."""


def render_home(message: Message, reader: Reader) -> Part:
    """Return ``message`` as the view of a Home tab; words go before buttons where it is cut."""
    parts = render(message, reader)
    blocks = [block for part in parts for block in part.payload.get("blocks", ())]
    words = [one for one in blocks if one["type"] != "actions"]
    buttons = [one for one in blocks if one["type"] == "actions"]
    shown = [*words, *buttons[: max(0, HOME_BLOCKS - len(words))]][:HOME_BLOCKS]
    summary = "\n".join(part.summary for part in parts if part.summary)
    return Part({"type": "home", "blocks": shown}, summary)
