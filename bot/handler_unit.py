"""The handler's access to storage: a snapshot, and a transaction that begins when needed."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bot.domain.delivery import Lane
from bot.storage.database import Database, Read, Write


class Unit:
    """The handler's storage; its transaction begins when the handler first writes."""

    def __init__(self, database: Database, stack: AsyncExitStack) -> None:
        """End the transaction with ``stack``."""
        self._database = database
        self._stack = stack
        self._write: Write | None = None
        self._waiting = 0

    @property
    def open(self) -> bool:
        """Whether the transaction is open."""
        return self._write is not None and self._write.open

    @property
    def busy(self) -> int:
        """Whether storage is at work."""
        return self._waiting + (self._write.busy if self._write else 0)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Read]:
        """Open a snapshot; inside the transaction, read what it has written."""
        if self._write is not None:
            yield self._write
            return
        async with self._database.read() as read:
            yield read

    async def write(self) -> Write:
        """Return the transaction, begun at the first call."""
        if self._write is None:
            self._waiting += 1
            try:
                transaction = self._database.transaction(Lane.CONVERSATION)
                self._write = await self._stack.enter_async_context(transaction)
            finally:
                self._waiting -= 1
        return self._write
