"""Files of messages: handed over with the first one that shows them, named by id from then on.

Telegram takes a file only together with a message, and answers with an id that is good for
this bot from then on (Bot API, "Sending files"). So the first message carries the bytes;
until its answer is there, the others with the same file wait (``Later``, nothing left), and
all after it name the id. A picture goes as a photo, which is shown at once; what Telegram
cannot show as one goes as a document, as everything else does.
"""

import base64
import json
from typing import Any

from telegram import Bot, Message
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.adapters.base import KeyValue, Part
from bot.adapters.telegram.bodies import keyboard
from bot.domain.outcome import Later, Scope

PICTURES = frozenset({"image/jpeg", "image/png"})
PHOTO_FAILURES = ("photo", "image_process", "dimensions")
ID_FAILURES = ("wrong file", "file_id", "file identifier", "file reference")
UNDER_WAY_SECONDS = 1.0
_DOCUMENT, _PHOTO = "document", "photo"


class Documents:
    """Sends messages with a file for one bot."""

    def __init__(self, bot: Bot, memory: KeyValue, account: str, paid: bool | None) -> None:
        """Remember ids in ``memory``; ``paid`` as for every other message."""
        self._bot = bot
        self._memory = memory
        self._account = account
        self._paid = paid
        self._ids: dict[str, tuple[str, str]] = {}
        self._under_way: set[str] = set()

    async def send(self, chat: str, topic: int | None, part: Part) -> Message | Later:
        """Make one attempt; ``Later`` while the same file is on its way already.

        Raises:
            TelegramError: as from the ``Bot``.
        """
        file = part.payload["file"]
        which = str(file.get("is") or "")
        kind, known = await self._known(which, str(file["media_type"]))
        if which and not known:
            if which in self._under_way:
                return Later(UNDER_WAY_SECONDS, Scope.CHAT, "the file is on its way already")
            self._under_way.add(which)
        try:
            what = known or base64.b64decode(file["content"])
            send = self._sent(kind, what, chat, part)
            sent: Message = await send(
                message_thread_id=topic, filename=None if known else file["name"]
            )
            await self._note(which, kind, sent, known)
        except BadRequest as error:
            if await self._is_mended(which, kind, known, str(error).lower()):
                return Later(0.0, Scope.CHAT, "the file is sent another way")
            raise
        finally:
            self._under_way.discard(which)
        return sent

    def _sent(self, kind: str, what: str | bytes, chat: str, part: Part) -> Any:
        common: dict[str, Any] = {
            "caption": part.payload["html"] or None,
            "parse_mode": ParseMode.HTML,
            "reply_markup": keyboard(part),
            "allow_paid_broadcast": self._paid,
        }

        def call(**own: Any) -> Any:
            send = self._bot.send_photo if kind == _PHOTO else self._bot.send_document
            return send(chat, what, **common, **own)

        return call

    async def _known(self, which: str, media_type: str) -> tuple[str, str]:
        """Return as what it is sent, and its id, ``""`` while it has none."""
        first = _PHOTO if media_type in PICTURES else _DOCUMENT
        if not which:
            return first, ""
        if which not in self._ids and (stored := await self._memory.get(self._key(which))):
            kind, id_ = json.loads(stored)
            self._ids[which] = (str(kind), str(id_))
        return self._ids.get(which, (first, ""))

    async def _note(self, which: str, kind: str, sent: Message, known: str) -> None:
        id_ = ""
        if kind == _PHOTO and sent.photo:
            id_ = sent.photo[-1].file_id
        elif sent.document is not None:
            id_ = sent.document.file_id
        if which and id_ and not known:
            await self._keep(which, kind, id_)

    async def _is_mended(self, which: str, kind: str, known: str, why: str) -> bool:
        """Return whether the same file can be tried another way now; nothing was shown."""
        if known and any(one in why for one in ID_FAILURES):
            await self._keep(which, kind, "")
        elif which and kind == _PHOTO and any(one in why for one in PHOTO_FAILURES):
            await self._keep(which, _DOCUMENT, "")
        else:
            return False
        return True

    async def _keep(self, which: str, kind: str, id_: str) -> None:
        self._ids[which] = (kind, id_)
        await self._memory.set(self._key(which), json.dumps([kind, id_]))

    def _key(self, which: str) -> str:
        return f"telegram.file.{self._account}.{which}"
