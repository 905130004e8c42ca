"""Where the terminal's lines come from and go to."""

import asyncio
import sys
import threading
from typing import Protocol, TextIO


class Screen(Protocol):
    """A terminal, real or simulated."""

    async def show(self, block: str) -> None:
        """Show ``block``, whole lines.

        Raises:
            ConnectionRefusedError: the terminal is closed, and nothing of it was shown.
            OSError: perhaps some of it was.
        """
        ...

    async def read(self) -> str | None:
        """Return the next line that was typed, without its end; None when no more can come.

        Raises:
            OSError: none can be read at the moment.
        """
        ...


class Console:
    """Standard input and output of this process.

    A thread reads, because standard input may be a terminal, a pipe or a file, and asyncio
    can wait for only some of them. It ends with the process.
    """

    def __init__(self, source: TextIO | None = None, target: TextIO | None = None) -> None:
        """Use the process's own streams unless others are given; nothing is read yet."""
        self._source = source or sys.stdin
        self._target = target or sys.stdout
        self._typed: asyncio.Queue[str | None] = asyncio.Queue()
        self._reader: threading.Thread | None = None
        self._closed = False

    async def show(self, block: str) -> None:
        """Write ``block`` at once."""
        if self._closed:
            raise ConnectionRefusedError("the terminal is closed")
        try:
            self._target.write(block)
            self._target.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            self._closed = True
            raise OSError(str(error)) from None

    async def read(self) -> str | None:
        """Return the next line; at the end of the input, None, again and again."""
        if self._reader is None:
            loop = asyncio.get_running_loop()
            self._reader = threading.Thread(target=self._read_all, args=(loop,), daemon=True)
            self._reader.start()
        line = await self._typed.get()
        if line is None:
            self._typed.put_nowait(None)
        return line

    def _read_all(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            for line in self._source:
                loop.call_soon_threadsafe(self._typed.put_nowait, line.rstrip("\r\n"))
            loop.call_soon_threadsafe(self._typed.put_nowait, None)
        except (OSError, ValueError, RuntimeError):  # the stream, or the event loop, has ended
            return
