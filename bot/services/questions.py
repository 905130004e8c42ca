"""Questions: answered from the data, or handed to the secretariat."""

import asyncio
import logging
from datetime import datetime

from bot.answers import Answer, Engine, LexicalEngine, Question
from bot.domain.reader import Reader
from bot.storage import conferences, key_values
from bot.storage import questions as store
from bot.storage.database import Database, Read, Write
from bot.storage.questions import WaitingQuestion

log = logging.getLogger(__name__)


class Knowledge:
    """The engine, made anew when the data has changed, by whichever process."""

    def __init__(self, database: Database) -> None:
        """Build nothing yet: the first question does."""
        self._database = database
        self._engine: Engine | None = None
        self._version = -1
        self._building = asyncio.Lock()

    async def answer(self, text: str, reader: Reader, now: datetime) -> Answer | None:
        """Return an answer with its source, or None if the data has none."""
        engine = await self._current()
        return engine.answer(
            Question(text=text, language=reader.language, now=now, zone=reader.zone)
        )

    async def _current(self) -> Engine:
        """Return the engine of the newest data, built once for all who wait for it."""
        async with self._building:
            return await self._fresh()

    async def _fresh(self) -> Engine:
        async with self._database.read() as read:
            version = await key_values.knowledge_version(read)
            if self._engine is not None and version == self._version:
                return self._engine
            loaded = await conferences.all_conferences(read)
        # In a thread: a second of work on the event loop is a second of silence for everybody.
        self._engine, self._version = await asyncio.to_thread(LexicalEngine, loaded), version
        log.info("the index of %d conferences is fresh", len(loaded))
        return self._engine


async def hand_over(
    write: Write,
    *,
    text: str,
    account_id: int,
    person_id: int | None,
    conversation: str,
    now: datetime,
) -> int:
    """Keep the question where the secretariat sees it (``convoke gaps``); return its number."""
    return await store.add(
        write,
        text=text,
        account_id=account_id,
        person_id=person_id,
        conversation=conversation,
        asked_at=now,
    )


async def waiting(read: Read) -> tuple[WaitingQuestion, ...]:
    """Return what was asked and could not be answered, newest first."""
    return await store.waiting(read)
