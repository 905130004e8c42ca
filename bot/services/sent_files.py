"""The bytes of files that somebody sent: fetched from their platform when they are needed."""

import logging
from collections.abc import Mapping, Sequence

from bot.adapters.abilities import FetchesFiles
from bot.adapters.base import Adapter
from bot.domain.message import ATTACHMENT_BYTES, Attachment
from bot.domain.outcome import Never, Reason
from bot.domain.refusal import Refusal
from bot.domain.sent_file import SentFile, media_type_of

MEGABYTE = 1024 * 1024
log = logging.getLogger(__name__)


class SentFiles:
    """Fetches files; handlers must do so before they begin to write."""

    def __init__(self, adapters: Mapping[str, Adapter]) -> None:
        """Fetch with ``adapters``, by platform."""
        self._adapters = adapters

    def are_taken(self, platform: str) -> bool:
        """Return whether files that are sent there can be fetched."""
        return isinstance(self._adapters.get(platform), FetchesFiles)

    async def fetch(self, platform: str, files: Sequence[SentFile]) -> tuple[Attachment, ...]:
        """Return ``files`` with their bytes, to be shared with many.

        Raises:
            Refusal: one could not be fetched now, or is there no more, or they are too large
                together, whatever was said of their size.
        """
        found: list[Attachment] = []
        for file in files:
            left = ATTACHMENT_BYTES - sum(len(one.content) for one in found)
            content = await self._content(platform, file, left)
            media_type = media_type_of(file.name, file.media_type)
            found.append(Attachment(file.name, media_type, content, is_shared=True))
        return tuple(found)

    async def _content(self, platform: str, file: SentFile, limit: int) -> bytes:
        adapter = self._adapters.get(platform)
        if not isinstance(adapter, FetchesFiles):
            raise Refusal("refusal.file-fetch", name=file.name)
        got = await adapter.fetch(file.id, limit)
        if isinstance(got, bytes):
            return got
        if isinstance(got, Never) and got.why is Reason.TOO_LONG:
            raise Refusal("refusal.files-large", limit=ATTACHMENT_BYTES // MEGABYTE)
        log.warning("%s: a file could not be fetched: %s", platform, got)
        raise Refusal("refusal.file-fetch", name=file.name)
