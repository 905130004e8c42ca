"""What some platforms can do beyond the contract: one small Protocol an ability.

An adapter that has the ability has the methods; whoever needs it asks with ``isinstance``.
"""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from bot.adapters.base import DeliveryKey, Interaction, Part, Sink
from bot.adapters.http import HttpRoute
from bot.domain.address import Address, MessageRef
from bot.domain.form import Form
from bot.domain.message import Message
from bot.domain.outcome import Later, Never, Outcome
from bot.domain.profile import Profile
from bot.domain.reader import Reader

Menu = Mapping[str, tuple[tuple[str, str], ...]]
"""Commands and what they do, by language; ``""`` is for everybody else."""


@runtime_checkable
class ShowsMenu(Protocol):
    """An adapter whose platform lists the bot's commands beside the text field."""

    async def show_menu(self, menu: Menu) -> bool:
        """Make one attempt to show ``menu``; False, and nothing lost, if that failed."""
        ...


@runtime_checkable
class OpensDirect(Protocol):
    """An adapter whose platform wants a direct chat opened before the first message.

    Opening is safe to repeat, so an unknown outcome is ``Later``.
    """

    async def is_open(self, to: Address) -> bool:
        """Return whether ``send`` can reach ``to`` at once, without asking the platform."""
        ...

    async def open_direct(self, to: Address) -> Later | Never | None:
        """Make one attempt to open the chat, and remember it; None if it is open now."""
        ...


@runtime_checkable
class RemembersDirect(OpensDirect, Protocol):
    """An adapter that keeps opened chats in its memory, so that others can count the rest.

    Attributes:
        opened_prefix: How the keys begin; behind it stand ``<account>.<chat>``.
    """

    opened_prefix: str


@runtime_checkable
class Uploads(Protocol):
    """An adapter whose platform takes a file before the message that shows it.

    Nobody sees an upload that no message shows, so it is safe to repeat, and an unknown
    outcome is ``Later``.
    """

    def needs_upload(self, part: Part) -> bool:
        """Return whether ``part`` carries a file that the platform does not have yet."""
        ...

    async def upload(self, part: Part) -> Part | Later | Never:
        """Make one attempt to hand the files of ``part`` over; return what to send then."""
        ...


@runtime_checkable
class FetchesFiles(Protocol):
    """An adapter whose platform hands out the files that people sent us."""

    async def fetch(self, file: str, limit: int) -> bytes | Later | Never:
        """Make one attempt to fetch the file with this id, never more than ``limit`` bytes.

        Returns:
            Its bytes; ``Later`` if that may work another time; ``Never`` if it is gone or not
            ours, and with :attr:`~bot.domain.outcome.Reason.TOO_LONG` if it is larger.
        """
        ...


@runtime_checkable
class Reconciles(Protocol):
    """An adapter that can look up whether a message with a key has arrived."""

    async def find(self, to: Address, key: DeliveryKey, since: float) -> MessageRef | Later | None:
        """Look for the message that was sent with ``key`` after ``since`` (epoch seconds).

        Returns:
            The message; None if it certainly is not there; ``Later`` if that cannot be said
            now.
        """
        ...


@runtime_checkable
class HttpRoutes(Protocol):
    """An adapter that receives over HTTP, in every process and whoever holds the lease."""

    def http_routes(self, sink: Sink) -> tuple[HttpRoute, ...]:
        """Return what to mount; nothing where the settings choose another way in.

        A route acknowledges an update only after ``sink`` has returned, and answers 503
        where it raised. ``session`` is open while a route is called.
        """
        ...


@runtime_checkable
class OpensForm(Interaction, Protocol):
    """An interaction with which a form can be opened, for as long as :attr:`can_open` says.

    Where a skeleton was opened and no form follows, ``answer`` puts its notice there.
    """

    @property
    def can_open(self) -> bool:
        """Whether a form can still be shown: opened anew, or in place of a skeleton."""
        ...

    async def open_form(self, form: Form) -> bool:
        """Show ``form``; without fields it is a skeleton that says "one moment".

        Of a form that was sent the adapter only notes the skeleton, without a request: its
        acknowledgement carries it, in place of the form that was sent.
        """
        ...

    async def update_form(self, form: Form) -> bool:
        """Put ``form`` where :meth:`open_form` has shown one, or open it; False if neither can."""
        ...


@runtime_checkable
class LinksDirect(Protocol):
    """An adapter whose platform has a web address for the direct chat with the bot."""

    def direct_link(self) -> str:
        """Return the address, or ``""`` while it is not known."""
        ...


@runtime_checkable
class LeavesRooms(Protocol):
    """An adapter whose platform lets the bot leave a group or channel by itself."""

    async def leave(self, room: Address) -> Outcome:
        """Make one attempt to leave; where we are not in it any more that is ``Delivered``."""
        ...


@runtime_checkable
class ShowsHome(Protocol):
    """An adapter whose platform gives everybody a page of their own with the bot."""

    def render_home(self, message: Message, reader: Reader) -> Part:
        """Return ``message`` as such a page; pure, and cut where the platform's limit is."""
        ...

    async def show_home(self, to: Address, part: Part) -> Outcome:
        """Make one attempt to show the page to the person whose direct chat is ``to``."""
        ...


@runtime_checkable
class InvitesByLink(Protocol):
    """An adapter whose platform opens the bot's chat by a link that carries a word."""

    async def invite_link(self, token: str) -> str | None:
        """Return the link with which somebody's first words are ``/start token``.

        None while the platform has never told the bot's name; no network is needed.

        Raises:
            ValueError: no link can carry ``token``.
        """
        ...


@runtime_checkable
class LooksUp(Protocol):
    """An adapter whose platform has a directory of its people."""

    async def profile_of(self, user: str) -> Profile | Later | None:
        """Ask once who ``user`` is; None if nobody is, ``Later`` if that cannot be said now."""
        ...

    async def find_by_email(self, email: str) -> Profile | Later | None:
        """Ask once whose the address is; None if it is nobody's."""
        ...
