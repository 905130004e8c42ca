"""With SQLite one service runs at a time; the operating system's lock proves it.

The lock ends with its process, however that dies, so a restart after a crash need not
wait for leases: whoever holds it is alone.
"""

import fcntl
import os
from contextlib import AbstractContextManager
from types import TracebackType

from bot.storage.database import Database, DatabaseProblem


class FileLock(AbstractContextManager[bool]):
    """An exclusive lock beside a SQLite file; nothing on PostgreSQL."""

    def __init__(self, path: str) -> None:
        """Lock ``path`` on entering; ``""`` locks nothing."""
        self._path = path
        self._file: int | None = None

    @classmethod
    def for_database(cls, database: Database) -> "FileLock":
        """Return the lock of the database's service."""
        return cls(f"{database.sqlite_path}.lock" if database.is_sqlite else "")

    def __enter__(self) -> bool:
        """Take the lock; return whether we are alone now (False on PostgreSQL).

        Raises:
            DatabaseProblem: another service uses this file.
        """
        if not self._path:
            return False
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            self._file = None
            raise DatabaseProblem(
                "another `convoke run` uses this SQLite file; stop it first, "
                "or use PostgreSQL for more than one process"
            ) from None
        return True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release the lock; the empty file stays, so that nobody locks a removed one."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
