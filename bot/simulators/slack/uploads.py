"""Files on their way: an address is given, bytes come, and a message shows them, once."""

import itertools
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.simulators.slack.refusal import SlackRefusal


@dataclass(slots=True)
class Upload:
    """A file, by the ticket of its address."""

    id: str
    name: str
    length: int
    content: bytes | None = None
    shown: bool = False
    media_type: str = ""


class Uploads:
    """All files of a workspace."""

    def __init__(self) -> None:
        """Start without any."""
        self._numbers: Iterator[int] = itertools.count(1)
        self._by_ticket: dict[str, Upload] = {}
        self._by_id: dict[str, Upload] = {}

    def begin(self, name: str, length: int) -> tuple[str, Upload]:
        """Return the ticket of a new file and the file."""
        if not name or length <= 0:
            raise SlackRefusal("invalid_arguments")
        one = Upload(f"F{next(self._numbers):08}", name, length)
        ticket = secrets.token_urlsafe(16)
        self._by_ticket[ticket] = self._by_id[one.id] = one
        return ticket, one

    def receive(self, ticket: str, content: bytes) -> bool:
        """Take the bytes; False where the address is none or they are too few or too many."""
        one = self._by_ticket.get(ticket)
        if one is None or len(content) != one.length:
            return False
        one.content = content
        return True

    def attach(self, name: str, content: bytes, media_type: str) -> Upload:
        """Keep a file that a person has put into Slack."""
        one = Upload(f"F{next(self._numbers):08}", name, len(content), content, True, media_type)
        self._by_id[one.id] = one
        return one

    def native(self, id_: str) -> dict[str, Any]:
        """Return a file as messages and forms name it.

        Raises:
            SlackRefusal: there is none.
        """
        one = self._by_id.get(id_)
        if one is None:
            raise SlackRefusal("file_not_found")
        known = {"id": one.id, "name": one.name, "title": one.name, "mimetype": one.media_type}
        return {**known, "size": one.length, "mode": "hosted"}

    def forget(self, id_: str) -> None:
        """Delete a file."""
        del self._by_id[id_]

    def finish(self, id_: str) -> Upload:
        """Return a file that is to be shown.

        Raises:
            SlackRefusal: it never came, or is shown already.
        """
        one = self._by_id.get(id_)
        if one is None or one.content is None or one.shown:
            raise SlackRefusal("file_not_found")
        return one

    def content(self, id_: str) -> bytes:
        """Return the bytes of a file, for tests."""
        return self._by_id[id_].content or b""
