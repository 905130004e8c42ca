"""Lines from standard input without stopping everything else.

A thread reads the file descriptor itself: unlike a pending ``input()`` it holds no lock
that the interpreter would wait for at its end, and it takes terminals, pipes and files.
"""

import asyncio
import codecs
import os
import threading
from contextlib import suppress


class Lines:
    """Typed lines, in order; None is the end of the input."""

    def __init__(self, descriptor: int = 0) -> None:
        """Begin to read; needs a running loop."""
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._ended = False
        threading.Thread(target=self._read, name="standard input", daemon=True).start()

    async def next(self, seconds: float) -> str | None:
        """Return the next line without its end, or None after the last one.

        Raises:
            TimeoutError: nothing was typed within ``seconds``.
        """
        if self._ended:
            return None
        line = await asyncio.wait_for(self._queue.get(), seconds)
        self._ended = line is None
        return line

    def _read(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        rest = ""
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            while chunk := self._chunk():
                *lines, rest = (rest + decoder.decode(chunk)).split("\n")
                for line in lines:
                    self._put(line.rstrip("\r"))
            if rest:
                self._put(rest)
            self._put(None)

    def _chunk(self) -> bytes:
        try:
            return os.read(self._descriptor, 4096)
        except OSError:  # the terminal was closed
            return b""

    def _put(self, line: str | None) -> None:
        self._loop.call_soon_threadsafe(self._queue.put_nowait, line)
