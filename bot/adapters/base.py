"""The contract between Convoke and a platform.

An adapter translates and nothing more: updates into :data:`~bot.domain.incoming.Incoming`,
a message tree into the platform's native form, one request into one outcome. It knows
no handler, no service and no storage. What it must remember goes through
:class:`KeyValue`; ``app`` injects it.

What every adapter promises, and :mod:`bot.adapters.conformance` checks:

* ``send``, ``edit`` and ``delete`` make **one** request. They never retry, never sleep
  and never raise for platform trouble; the five outcomes say it all. An answer that was
  lost after the request left is ``Unknown``, never ``Later``.
* An edit that changes nothing, and a delete of what is gone, are ``Delivered``.
* An update is acknowledged to the platform only after ``sink`` has returned.
* Text arrives as it was typed: nothing in it is read as markup.
* No token ever stands in a log line, an exception or an outcome.

What only some platforms can do stands in :mod:`bot.adapters.abilities`.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from bot.domain.address import Address, MessageRef
from bot.domain.incoming import Incoming, Submitted
from bot.domain.message import Message
from bot.domain.outcome import Outcome
from bot.domain.reader import Reader

REQUEST_SECONDS = 5.0
"""The longest that one ``send``, ``edit``, ``delete`` or ``open_direct`` may take.

The holder of a lease begins a request only if it ends before the lease does, so every
adapter's time-outs for these stay within it.
"""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can do; services look here and never at its name.

    Attributes:
        text_limit: Characters that one part can hold.
        buttons: Whether messages can carry buttons.
        edit: Whether our own messages can be changed.
        delete_within: Seconds after which a message cannot be deleted; None for no limit,
            0 for never.
        threads: Whether a chat has threads.
        files: Whether messages can carry files.
        reconcile: Whether :class:`~bot.adapters.abilities.Reconciles` is implemented.
        notice_limit: Characters of the short notice that answers a press; 0 for none.
    """

    text_limit: int
    buttons: bool = True
    edit: bool = True
    delete_within: float | None = None
    threads: bool = False
    files: bool = False
    reconcile: bool = False
    notice_limit: int = 0


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a platform may be called, in messages a second.

    Attributes:
        account: All messages of the account together.
        bulk: The share of ``account`` that announcements may use.
        chat: Messages to one direct chat.
        room: Messages to one group or channel.
        edit: Changes to messages, all chats together; None where ``account`` covers it.
        open_direct: Openings of direct chats; None where nothing has to be opened.
        home: Changes of people's own pages; None where there are none.
    """

    account: float
    bulk: float
    chat: float
    room: float
    edit: float | None = None
    open_direct: float | None = None
    home: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One native message, ready to send: what ``render`` makes and the ledger stores.

    Attributes:
        payload: JSON values that only the adapter which made it understands.
        summary: The characters a person will read, for previews and the journal.
    """

    payload: Mapping[str, Any]
    summary: str


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    """Opaque id of a ledger row; never personal, because others may read metadata."""

    id: int


@dataclass(frozen=True, slots=True)
class Health:
    """What :meth:`Adapter.check` found.

    Attributes:
        ok: Whether the platform answers and accepts our credentials.
        account: The bot's id or the team's id, ``""`` while unknown.
        name: The bot's public name there.
        problem: What is wrong and what to do, in one line; ``""`` if nothing is.
    """

    ok: bool
    account: str = ""
    name: str = ""
    problem: str = ""


class Interaction(Protocol):
    """What cannot wait for a worker: the answer to a press, held by the receiving process.

    It is never stored. After its deadline the adapter answers with nothing by itself, so
    that the person's client stops spinning.
    """

    @property
    def open(self) -> bool:
        """Whether a notice can still be shown: not answered, not expired, and supported."""
        ...

    async def answer(self, notice: str) -> bool:
        """Show ``notice`` (``""`` for nothing) to the person who acted.

        Returns:
            False where the interaction had been answered or has expired: the caller then
            says it in a message.
        """
        ...


class Sink(Protocol):
    """Where an adapter puts what reached it."""

    async def __call__(self, incoming: Incoming, interaction: Interaction | None = None) -> None:
        """Return once ``incoming`` is committed, or was already stored before.

        Raises:
            Exception: it could not be stored; do not acknowledge, the platform sends again.
        """
        ...

    def check(self, submitted: Submitted) -> Mapping[str, str]:
        """Return what is wrong with the values, by field, in ``submitted.locale``; pure.

        An adapter asks before it hands a form over. Where anything is wrong that is the
        acknowledgement, and nothing is stored.
        """
        ...


class KeyValue(Protocol):
    """A small durable memory for one adapter: ids of direct channels, offsets, uploads."""

    async def get(self, key: str) -> str | None:
        """Return the value of ``key``, or None."""
        ...

    async def all(self, prefix: str) -> Mapping[str, str]:
        """Return everything whose key begins with ``prefix``, by its whole key."""
        ...

    async def set(self, key: str, value: str) -> None:
        """Store ``value`` under ``key``, over what was there."""
        ...


class Adapter(Protocol):
    """A platform. ``account`` is known from the settings or after ``check`` or ``running``."""

    name: str
    capabilities: Capabilities
    pace: Pace

    @property
    def account(self) -> str:
        """The bot's id or the team's id; ``""`` until the platform was asked."""
        ...

    def running(self, sink: Sink) -> AbstractAsyncContextManager[None]:
        """Receive updates into ``sink`` inside the block; stop receiving at its end.

        Only the holder of the account's lease enters it. Trouble with the platform while
        receiving is logged and retried inside; it never ends the block.
        """
        ...

    def session(self) -> AbstractAsyncContextManager[None]:
        """Hold the connections for ``send``, ``edit``, ``delete`` and ``check`` open."""
        ...

    def render(self, message: Message, reader: Reader) -> tuple[Part, ...]:
        """Return ``message`` in native form, split where nothing breaks; pure.

        Buttons and attachments go with the last part. There is always at least one part.
        """
        ...

    async def send(self, to: Address, part: Part, key: DeliveryKey) -> Outcome:
        """Make one attempt to send ``part``."""
        ...

    async def edit(self, ref: MessageRef, part: Part) -> Outcome:
        """Make one attempt to change ``ref`` into ``part``."""
        ...

    async def delete(self, ref: MessageRef) -> Outcome:
        """Make one attempt to remove ``ref``."""
        ...

    async def check(self) -> Health:
        """Ask the platform who we are; never raises for platform trouble."""
        ...
