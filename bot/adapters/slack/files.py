"""Files: handed over first, then shown by the one request that posts their message.

``files.getUploadURLExternal`` gives an address, the bytes go there, and
``files.completeUploadExternal`` with a channel posts the message: with ``blocks`` like any
other (they are ignored beside an ``initial_comment``), but without metadata, and it names
no ``ts``. It works once a file. So a file's id is remembered with the delivery before it
is sent, and history is searched for that id instead of the metadata.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from bot.adapters.base import DeliveryKey, KeyValue, Part
from bot.adapters.encoded import as_text
from bot.adapters.slack.outcomes import UNSAID_WAIT, UPLOAD_URL, UPLOADED, Answer, Trouble
from bot.adapters.slack.web import Web
from bot.domain.message import Attachment
from bot.domain.outcome import Later, Never, Scope

FILES = "files"
"""Key of a part's payload; each file has ``id`` once Slack has it, ``content`` until then."""

BY_FILE = "file:"
"""In front of the id of a message of which only the file is known."""


def with_files(part: Part, attachments: Iterable[Attachment]) -> Part:
    """Return ``part`` with files to be handed over; as JSON, for it may wait in the ledger."""
    files = [{"name": one.name, "content": as_text(one)} for one in attachments]
    return Part({**part.payload, FILES: files}, part.summary) if files else part


def needs_upload(part: Part) -> bool:
    """Return whether Slack does not have a file of ``part`` yet."""
    return any("id" not in one for one in part.payload.get(FILES, ()))


def file_ids(part: Part) -> list[str]:
    """Return the ids of the files of ``part``."""
    return [str(one["id"]) for one in part.payload.get(FILES, ()) if "id" in one]


async def upload(web: Web, part: Part) -> Part | Later | Never:
    """Hand over what Slack does not have; nobody sees it yet, so it is safe to repeat."""
    handed: list[Mapping[str, Any]] = []
    for one in part.payload.get(FILES, ()):
        done = one if "id" in one else await _upload_one(web, one)
        if isinstance(done, Later | Never):
            return done
        handed.append(done)
    return Part({**part.payload, FILES: handed}, part.summary)


async def _upload_one(web: Web, file: Mapping[str, Any]) -> Mapping[str, Any] | Later | Never:
    content = base64.b64decode(file["content"])
    name = str(file["name"])
    answer = await web.ask(UPLOAD_URL, http_verb="GET", filename=name, length=str(len(content)))
    if isinstance(answer, Later | Never):
        return answer
    if isinstance(answer, Trouble):
        return Later(UNSAID_WAIT, Scope.CHAT, answer.reason)
    url, id_ = answer.get("upload_url"), answer.get("file_id")
    if not isinstance(url, str) or not isinstance(id_, str):
        return Later(UNSAID_WAIT, Scope.CHAT, "Slack named no place for the file")
    trouble = await web.hand_over(url, content)
    return trouble if trouble is not None else {"id": id_, "name": name}


async def post(web: Web, channel: str, thread: str, part: Part) -> Answer:
    """Make the one request that posts the message with its files."""
    files = [{"id": one["id"], "title": one["name"]} for one in part.payload[FILES]]
    fields = {"files": json.dumps(files), "channel_id": channel}
    if part.payload.get("blocks"):
        fields["blocks"] = json.dumps(part.payload["blocks"])
    if thread:
        fields["thread_ts"] = thread
    return await web.submit(UPLOADED, fields)


def posted_at(answer: Mapping[str, Any], channel: str) -> str:
    """Return the ``ts`` of the message where Slack says it already, else ``""``."""
    for file in answer.get("files") or ():
        shares = file.get("shares") or {} if isinstance(file, Mapping) else {}
        for kind in ("private", "public"):
            for share in (shares.get(kind) or {}).get(channel) or ():
                if share.get("ts"):
                    return str(share["ts"])
    return ""


class SentFiles:
    """Which files went with which delivery."""

    def __init__(self, memory: KeyValue) -> None:
        """Keep it in ``memory``."""
        self._memory = memory

    async def note(self, account: str, key: DeliveryKey, part: Part) -> None:
        """Remember the files of a delivery that is about to be sent."""
        await self._memory.set(_key(account, key), json.dumps(file_ids(part)))

    async def of(self, account: str, key: DeliveryKey) -> frozenset[str]:
        """Return the files of a delivery; none for a message without."""
        stored = await self._memory.get(_key(account, key))
        return frozenset(json.loads(stored)) if stored else frozenset()


def _key(account: str, key: DeliveryKey) -> str:
    return f"slack.files.{account}.{key.id}"
