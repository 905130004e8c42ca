"""What both simulators offer to tests, the demo and the control interface."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from bot.simulators.journal import Journal


class Unsupported(ValueError):
    """Asked of a simulator whose platform knows no such thing."""


@dataclass(frozen=True, slots=True)
class SimulatedPerson:
    """Somebody with an account on the platform."""

    user: str
    name: str
    language: str = "en"
    zone: str = "UTC"
    email: str = ""


FAULTS = ("error", "reset", "timeout", "lost", "late")
"""What can go wrong with a request.

``error``: refused with a status. ``reset``: nothing is done, the connection drops.
``timeout``: nothing is done, and no answer ever comes. ``lost``: all is done, the
connection drops in place of the answer. ``late``: all is done, and no answer ever comes.
"""

FLOODS = ("bucket", "window", "harsh")
"""How messages are counted against a limit.

``bucket`` lets a burst through and refills evenly; ``window`` never lets more through in
any stretch of its length; ``harsh`` makes a refusal cost three seconds, and each further
refused call a fiftieth more.
"""


class Simulator(Protocol):
    """A loopback platform. What its platform does not know raises :class:`Unsupported`.

    Chats in the journal are named by the person's id where direct, on Slack too
    (not by the ``D…`` id), so that one test reads both.
    """

    platform: str
    journal: Journal

    def serving(self, port: int = 0) -> AbstractAsyncContextManager[None]:
        """Serve on 127.0.0.1; port 0 takes a free one. State outlives the block."""
        ...

    def environment(self) -> dict[str, str]:
        """Return the ``CONVOKE_…`` variables that point an adapter here."""
        ...

    def add_person(self, person: SimulatedPerson) -> None:
        """Open an account on the platform."""
        ...

    def people(self) -> list[SimulatedPerson]:
        """Return everybody who has an account."""
        ...

    def say(self, user: str, text: str, chat: str | None = None) -> None:
        """Let ``user`` type ``text``: to the bot, or in the room ``chat``.

        In a room ``<@bot>`` stands for the bot's name and mentions it.
        """
        ...

    def press(self, user: str, message_id: str, data: str, chat: str | None = None) -> None:
        """Let ``user`` press the button with ``data`` below a message.

        ``chat`` (default: the person's own) and ``data`` may be any: a forged press is
        one that no client would offer.
        """
        ...

    def answer(self, user: str, text: str, message_id: str, chat: str | None = None) -> None:
        """Let ``user`` answer a message: as a reply, or in its thread, as the platform has it."""
        ...

    def vanish(self, user: str) -> None:
        """Let the account of ``user`` be deleted, without a word to the bot."""
        ...

    def block(self, user: str, blocked: bool = True) -> None:
        """Let ``user`` block the bot (on Slack: deactivate the account), or take it back."""
        ...

    def create_room(self, title: str, members: Sequence[str] = ()) -> str:
        """Open a group or channel without the bot and return its id."""
        ...

    def remove_bot(self, chat: str, by: str) -> None:
        """Let ``by`` put the bot out of a room."""
        ...

    def add_bot(self, chat: str, by: str) -> None:
        """Let ``by`` put the bot (back) into a room."""
        ...

    def upgrade_room(self, chat: str) -> str:
        """Let a room live at another id from now on; return it."""
        ...

    def fault(
        self,
        kind: str,
        count: int = 1,
        *,
        method: str = "",
        status: int = 500,
        retry_after: int | None = None,
    ) -> None:
        """Let the next ``count`` calls of ``method`` go wrong; by default those that send.

        Args:
            kind: One of :data:`FAULTS`.
            status: For ``error``; with 429, ``retry_after`` is said too.

        Raises:
            ValueError: there is no such kind.
        """
        ...

    def flood(self, mode: str) -> None:
        """Limit how fast messages may be sent, in one of :data:`FLOODS`; ``""`` ends that."""
        ...

    def limit_chats(self, on: bool = True) -> None:
        """Also limit how fast each single chat may be written to, where ``flood`` does not."""
        ...

    def redeliver(self, count: int = 1) -> None:
        """Give the last ``count`` updates once more, as if nobody had acknowledged them."""
        ...

    def lose_answers(self, count: int, method: str = "") -> None:
        """Deliver the next ``count`` messages and drop the connection instead of answering."""
        ...

    def answer_errors(self, count: int, status: int, retry_after: int | None = None) -> None:
        """Refuse the next ``count`` sends with ``status`` (429, 500 …), delivering nothing."""
        ...


@runtime_checkable
class HasScreens(Protocol):
    """A platform with more than a chat: commands seen by nobody, forms, a page of one's own."""

    def command(self, user: str, text: str, chat: str | None = None) -> None:
        """Let ``user`` give the bot's command with ``text`` behind it, wherever they are."""
        ...

    def open_home(self, user: str) -> None:
        """Let ``user`` open the bot's page."""
        ...

    def submit(self, user: str, values: Mapping[str, str]) -> None:
        """Let ``user`` put ``values`` into the open form and send it."""
        ...

    def screens(self, user: str) -> dict[str, Any]:
        """Return what ``user`` has before them: ``home`` and ``form``, or None for each."""
        ...


class BareSimulator:
    """What a simulator has by default: nothing that only some platforms have."""

    platform = ""

    def answer(self, user: str, text: str, message_id: str, chat: str | None = None) -> None:
        """Refuse."""
        raise self._unknown("answers to a message")

    def vanish(self, user: str) -> None:
        """Refuse."""
        raise self._unknown("accounts that are deleted")

    def limit_chats(self, on: bool = True) -> None:
        """Refuse."""
        raise self._unknown("limits of single chats")

    def create_room(self, title: str, members: Sequence[str] = ()) -> str:
        """Refuse."""
        raise self._unknown("rooms")

    def remove_bot(self, chat: str, by: str) -> None:
        """Refuse."""
        raise self._unknown("rooms")

    def add_bot(self, chat: str, by: str) -> None:
        """Refuse."""
        raise self._unknown("rooms")

    def upgrade_room(self, chat: str) -> str:
        """Refuse."""
        raise self._unknown("rooms that move")

    def fault(
        self,
        kind: str,
        count: int = 1,
        *,
        method: str = "",
        status: int = 500,
        retry_after: int | None = None,
    ) -> None:
        """Refuse."""
        raise self._unknown(f"the fault {kind}")

    def flood(self, mode: str) -> None:
        """Refuse."""
        raise self._unknown("floods")

    def redeliver(self, count: int = 1) -> None:
        """Refuse."""
        raise self._unknown("a second delivery")

    def _unknown(self, what: str) -> Unsupported:
        return Unsupported(f"{self.platform} knows no such thing: {what}")
