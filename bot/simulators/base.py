"""What both simulators offer to tests, the demo and the control interface."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

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


class Simulator(Protocol):
    """A loopback platform.

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

    def say(self, user: str, text: str) -> None:
        """Let ``user`` type ``text`` to the bot."""
        ...

    def press(self, user: str, message_id: str, data: str, chat: str | None = None) -> None:
        """Let ``user`` press the button with ``data`` below a message.

        ``chat`` (default: the person's own) and ``data`` may be any: a forged press is
        one that no client would offer.
        """
        ...

    def block(self, user: str, blocked: bool = True) -> None:
        """Let ``user`` block the bot (on Slack: deactivate the account), or take it back."""
        ...

    def lose_answers(self, count: int, method: str = "") -> None:
        """Deliver the next ``count`` messages and drop the connection instead of answering."""
        ...

    def answer_errors(self, count: int, status: int, retry_after: int | None = None) -> None:
        """Refuse the next ``count`` sends with ``status`` (429, 500 …), delivering nothing."""
        ...
