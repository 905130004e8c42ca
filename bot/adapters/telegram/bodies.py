"""What ``sendMessage`` gets of a part: made once, however many get the part.

A broadcast hands the same :class:`~bot.adapters.base.Part` over again and again, and only
the chat differs. Making the keyboard and quoting the form costs as much as the request.
"""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode

from bot.adapters.base import Part
from bot.adapters.telegram.request import encoded

KEPT = 256
"""Parts whose body is kept: languages and zones of what is being sent."""
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
"""Previews fetch every link once, and some of ours can be used only once."""


class Bodies:
    """The encoded parameters of parts, all but whom they go to."""

    def __init__(self, *, paid_broadcast: bool = False) -> None:
        """Start empty; ``paid_broadcast`` lets Telegram take Stars for each message."""
        self._paid = paid_broadcast
        # By identity, for a payload cannot be hashed; holding the part keeps its id its own.
        self._kept: dict[int, tuple[Part, bytes]] = {}

    def of(self, part: Part) -> bytes:
        """Return the body of ``part``."""
        kept = self._kept.get(id(part))
        if kept is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            kept = self._kept[id(part)] = part, self._encoded(part)
        return kept[1]

    def _encoded(self, part: Part) -> bytes:
        fields = {
            "text": part.payload["html"],
            "parse_mode": ParseMode.HTML.value,
            "link_preview_options": NO_PREVIEW.to_json(),
        }
        if buttons := keyboard(part):
            fields["reply_markup"] = buttons.to_json()
        if self._paid:
            fields["allow_paid_broadcast"] = "true"
        return encoded(fields)


def keyboard(part: Part) -> InlineKeyboardMarkup | None:
    """Return the buttons of ``part`` as PTB has them, or None."""
    rows = part.payload.get("buttons")
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(one["text"], callback_data=one["data"]) for one in row]
            for row in rows
        ]
    )
