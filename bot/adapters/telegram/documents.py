"""Files of messages: handed over with the first one that shows them, named by id from then on.

Telegram takes a file only together with a message, and answers with an id that is good for
this bot from then on (Bot API, "Sending files"). So the first message carries the bytes;
until its answer is there, the others with the same file wait (``Later``, nothing left), and
all after it name the id. A picture goes as a photo, which is shown at once; what Telegram
cannot show as one goes as a document, as everything else does. A file of one person's own,
such as what is kept about them, is not remembered.
"""

import base64
import json
import logging

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
log = logging.getLogger(__name__)


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
        which = str(file["is"])
        kind, known = await self._known(which, str(file["media_type"]))
        if not which or known:
            return await self._attempt(which, kind, known, chat, topic, part)
        if which in self._under_way:
            return Later(UNDER_WAY_SECONDS, Scope.CHAT, "the file is on its way already")
        self._under_way.add(which)
        try:
            return await self._attempt(which, kind, known, chat, topic, part)
        finally:
            self._under_way.discard(which)

    async def _attempt(  # noqa: PLR0917 - one private call, from one place
        self, which: str, kind: str, known: str, chat: str, topic: int | None, part: Part
    ) -> Message | Later:
        try:
            sent = await self._sent(kind, known, chat, topic, part)
        except BadRequest as error:
            if await self._is_mended(which, kind, known, str(error).lower()):
                return Later(0.0, Scope.CHAT, "the file is sent another way")
            raise
        if which and not known and (id_ := _id_of(sent)):
            await self._keep(which, kind, id_)
        return sent

    async def _sent(
        self, kind: str, known: str, chat: str, topic: int | None, part: Part
    ) -> Message:
        file = part.payload["file"]
        send = self._bot.send_photo if kind == _PHOTO else self._bot.send_document
        return await send(
            chat,
            known or base64.b64decode(file["content"]),
            filename=None if known else file["name"],
            caption=part.payload["html"] or None,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard(part),
            message_thread_id=topic,
            allow_paid_broadcast=self._paid,
        )

    async def _known(self, which: str, media_type: str) -> tuple[str, str]:
        """Return as what it is sent, and its id, ``""`` while it has none."""
        first = (_PHOTO if media_type in PICTURES else _DOCUMENT, "")
        if not which:
            return first
        if which not in self._ids and (stored := await self._recalled(which)):
            kind, id_ = json.loads(stored)
            self._ids[which] = (str(kind), str(id_))
        return self._ids.get(which, first)

    async def _is_mended(self, which: str, kind: str, known: str, why: str) -> bool:
        """Return whether the same file can be tried another way now; nothing was shown."""
        if known and any(one in why for one in ID_FAILURES):
            await self._keep(which, kind, "")
        elif which and kind == _PHOTO and any(one in why for one in PHOTO_FAILURES):
            await self._keep(which, _DOCUMENT, "")
        else:
            return False
        return True

    async def _recalled(self, which: str) -> str | None:
        try:
            return await self._memory.get(self._key(which))
        except Exception as error:  # without it the bytes go once more, which is no harm
            log.info("telegram: a file's id is not known (%s)", type(error).__name__)
            return None

    async def _keep(self, which: str, kind: str, id_: str) -> None:
        """Remember it; the message has been sent already, so a failure must not reach anybody."""
        self._ids[which] = (kind, id_)
        try:
            await self._memory.set(self._key(which), json.dumps([kind, id_]))
        except Exception as error:  # other processes will hand the bytes over themselves
            log.info("telegram: a file's id was not kept (%s)", type(error).__name__)

    def _key(self, which: str) -> str:
        return f"telegram.file.{self._account}.{which}"


def _id_of(sent: Message) -> str:
    if sent.photo:
        return sent.photo[-1].file_id
    return sent.document.file_id if sent.document is not None else ""
