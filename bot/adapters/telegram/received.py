"""Files that people send: what Telegram says of them, and their bytes.

A message holds at most one; several that are sent together come as messages of their own. A
picture comes in several sizes, of which the largest is taken, and without a name. ``getFile``
says where the bytes are, for an hour, and refuses what is larger than 20 MB.
"""

import mimetypes

from telegram import Message
from telegram.error import BadRequest, TelegramError

from bot.adapters.telegram.outcomes import detail_of
from bot.adapters.telegram.request import AiohttpRequest, encoded
from bot.domain.outcome import Later, Never, Reason, Scope
from bot.domain.sent_file import SentFile, plain_name

AGAIN_SECONDS = 5.0
_TOO_BIG = "file is too big"
_PHOTO = "image/jpeg"
"""What Telegram makes of every picture that is sent as one."""


def sent_files(message: Message) -> tuple[SentFile, ...]:
    """Return what came with the message, if it is a picture or a file."""
    number = message.message_id
    if message.photo:
        largest = message.photo[-1]
        name = f"photo-{number}.jpg"
        return (SentFile(largest.file_id, name, _PHOTO, largest.file_size or 0),)
    one = message.document or message.video or message.audio
    if one is None:
        return ()
    kind = one.mime_type or ""
    other = f"file-{number}{mimetypes.guess_extension(kind) or ''}"
    return (
        SentFile(one.file_id, plain_name(one.file_name or "", other), kind, one.file_size or 0),
    )


async def fetch(request: AiohttpRequest, id_: str, limit: int) -> bytes | Later | Never:
    """Ask where the file is, and fetch it."""
    try:
        answer = await request.call("getFile", encoded({"file_id": id_}))
        size, path = answer.get("file_size"), answer.get("file_path")
        if isinstance(size, int) and size > limit:
            return Never(Reason.TOO_LONG, "the file is too large")
        if not isinstance(path, str) or not path or path.startswith("/"):
            return Never(Reason.GONE, "Telegram names no place of the file")
        content = await request.download(path, limit)
    except BadRequest as error:
        reason = Reason.TOO_LONG if _TOO_BIG in str(error).lower() else Reason.GONE
        return Never(reason, detail_of(error))
    except TelegramError as error:
        return Later(AGAIN_SECONDS, Scope.CHAT, detail_of(error))
    return Never(Reason.TOO_LONG, "the file is too large") if content is None else content
