"""From an update to the handler that answers it.

A handler is ``async (incoming, ctx) -> Reply | None``. It returns what is to be said and
never sends: dispatch writes the reply into the ledger in the handler's own transaction.
Routers are declared one a file in ``handlers/`` and assembled explicitly; a route that
two routers claim raises, and import order never matters.

A route answers in direct chats only, unless it is declared with ``rooms=True``: what is
said in a room is read by all of it. A command or a button of the others leads to the route
declared with :meth:`Router.private`; anything else that is said in a room is not answered.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from bot.domain.announcement import Guard
from bot.domain.form import Form
from bot.domain.incoming import Commanded, Incoming, Pressed, Said, Submitted
from bot.domain.joining import code_in, token_in
from bot.domain.message import Message
from bot.domain.people import Person
from bot.domain.reader import Reader
from bot.domain.room import Room
from bot.i18n import Texts, best_language, command_words, texts_for
from bot.services.attempts import Attempts
from bot.services.estimates import Estimates
from bot.services.questions import Knowledge
from bot.services.sent_files import SentFiles
from bot.storage.database import Read, Write

SayToReader = Callable[[Reader], Message]
"""Makes a message once its reader, and so its language and zone, is known."""


@dataclass(frozen=True, slots=True)
class Dialog:
    """Where a conversation of several steps stands; a row of its own, so it survives a restart.

    Attributes:
        form: Name of the conversation, such as ``introduce``.
        step: What is asked now.
        answers: What was answered so far, by step.
    """

    form: str
    step: str
    answers: Mapping[str, str] = field(default_factory=dict)


class EndDialog:
    """Returned in :attr:`Reply.dialog` when the conversation is over."""


END_DIALOG = EndDialog()


@dataclass(frozen=True, slots=True)
class ToPerson:
    """A message to somebody else, on the messenger where they can be reached."""

    person_id: int
    say: SayToReader


@dataclass(frozen=True, slots=True)
class ToAccount:
    """A message to the direct chat of one account, whoever it belongs to by now.

    Attributes:
        introduces: It says who writes and why, so nothing else need say it.
    """

    account_id: int
    say: SayToReader
    introduces: bool = False


@dataclass(frozen=True, slots=True)
class ShowCard:
    """The card of an event shall stand in the room that the update came from.

    Attributes:
        again: It was asked for by name, so where it stands far above it is posted anew.
        stands: The notice for whoever asked where it stands before their eyes already.
    """

    event_id: int
    again: bool = False
    stands: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler wants to happen; every part is optional.

    Attributes:
        messages: New messages in the conversation, in order.
        card: What the message whose button was pressed becomes.
        notice: A short line shown where the button was pressed; where the platform cannot
            (or it came too late), it becomes a message in the person's own chat.
        others: Messages to other people, and to accounts.
        introduces: The messages say who writes and why, so nothing else need say it.
        form: A form for whoever acted. Where the platform has none, or it came too late, its
            fields are asked in their direct chat, and the same ``Submitted`` follows.
        home: What the person's own page of the bot becomes, where the platform has one.
        room_card: The event whose card shall stand in the room.
        dialog: The next step, :data:`END_DIALOG`, or None to leave it as it is.
    """

    messages: tuple[Message, ...] = ()
    card: Message | None = None
    notice: str = ""
    others: tuple[ToPerson | ToAccount, ...] = ()
    introduces: bool = False
    form: Form | None = None
    home: Message | None = None
    room_card: ShowCard | None = None
    dialog: Dialog | EndDialog | None = None


class HandlerUnit(Protocol):
    """The handler's access to storage."""

    def read(self) -> AbstractAsyncContextManager[Read]:
        """Return a snapshot to read from; not inside :meth:`write`."""
        ...

    async def write(self) -> Write:
        """Return the handler's transaction, begun at the first call.

        The reply is committed in it. From here on, only storage may be awaited.
        """
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler knows besides the update.

    Attributes:
        person: Who acts, or None for an account that nobody has linked yet.
        account_id: Row id of the acting account.
        reader: Language and zone of the person who acts.
        texts: The catalog of the reader's language.
        now: The calendar's instant, aware UTC.
        dialog: The open conversation of several steps, or None.
        unit: Storage.
        knowledge: The engine that answers questions.
        alliance: The alliance's name in the reader's language.
        room: The room that the update came from; None in a direct chat.
        direct_link: A web address that opens the direct chat with the bot, or ``""``.
        alliance_in: Gives the alliance's name in another reader's language.
        signature: The last line of announcements in the reader's language, or ``""``.
        office: When the secretariat answers next, in the reader's words, or ``""``.
        contact: Where to write about personal data and the like, or ``""``.
        attempts: Counts how often an account has guessed a code.
        default_zone: IANA name of the secretariat's zone.
        guard: What approving an announcement to many needs.
        sent_files: The way to the bytes of what people sent us.
        estimates: What tells how long an announcement takes.
        reconciled: Platforms that can tell what became of a message.
    """

    person: Person | None
    account_id: int
    reader: Reader
    texts: Texts
    now: datetime
    dialog: Dialog | None
    unit: HandlerUnit
    knowledge: Knowledge
    alliance: str
    room: Room | None = None
    direct_link: str = ""
    alliance_in: Callable[[str], str] = lambda language: ""
    contact: str = ""
    signature: str = ""
    office: str = ""
    attempts: Attempts = field(default_factory=Attempts)
    default_zone: str = "UTC"
    guard: Guard = field(default_factory=Guard)
    sent_files: SentFiles = field(default_factory=lambda: SentFiles({}))
    estimates: Estimates = field(default_factory=Estimates)
    reconciled: frozenset[str] = frozenset()


I = TypeVar("I", bound=Incoming)  # noqa: E741  # the usual name of "any incoming"
Handler = Callable[[I, Context], Awaitable[Reply | None]]
AnyHandler = Callable[..., Awaitable[Reply | None]]
FormCheck = Callable[[Mapping[str, str], Texts], Mapping[str, str]]
"""From a form's values, by field, to what is wrong with them, by field; pure."""


PRIVATE = ("private", "")
"""The route of what is not for rooms."""


class RouteTaken(Exception):
    """Two routers claim the same update."""


class Router:
    """The routes of one conversation."""

    def __init__(self, name: str) -> None:
        """Start without routes; ``name`` is for error messages."""
        self.name = name
        self.routes: dict[tuple[str, str], AnyHandler] = {}
        self.form_openers: set[tuple[str, str]] = set()
        self.in_rooms: set[tuple[str, str]] = set()
        self.unlisted: set[str] = set()
        self.checks: dict[str, FormCheck] = {}

    def command(
        self, *names: str, opens_form: bool = False, rooms: bool = False, listed: bool = True
    ) -> Callable[[Handler[Commanded]], Handler[Commanded]]:
        """Handle ``/name``; also the words that catalogs list for it (``commands.name``).

        What is not ``listed`` stands in no menu: it is for staff.

        With ``opens_form`` a skeleton of the form is shown as soon as the update is stored,
        before its turn comes: a platform gives three seconds for that.
        """
        if not listed:
            self.unlisted |= set(names)
        return self._add("command", names, opens_form, rooms)

    def press(
        self, *actions: str, opens_form: bool = False, rooms: bool = False
    ) -> Callable[[Handler[Pressed]], Handler[Pressed]]:
        """Handle the press of a button with one of ``actions``; see :meth:`command`."""
        return self._add("press", actions, opens_form, rooms)

    def submit(
        self, form: str, check: FormCheck | None = None, *, opens_form: bool = False
    ) -> Callable[[Handler[Submitted]], Handler[Submitted]]:
        """Handle a form that was sent.

        Args:
            check: Says what is wrong with the values before anything is stored; pure. What
                needs the database is the handler's to refuse.
            opens_form: Another form follows; where the platform has forms, in place of this one.
        """
        if check is not None:
            self.checks[form] = check
        return self._add("submit", (form,), opens_form)

    def step(self, form: str, step: str) -> Callable[[Handler[Said]], Handler[Said]]:
        """Handle what is typed while the dialog ``form`` stands at ``step``."""
        return self._add("step", (f"{form}/{step}",))

    def on(self, kind: type[I], *, rooms: bool = False) -> Callable[[Handler[I]], Handler[I]]:
        """Handle every update of ``kind`` that no more precise route takes."""
        return self._add("kind", (kind.__name__,), rooms=rooms)

    def private(self) -> Callable[[Handler[I]], Handler[I]]:
        """Handle a command or a button that was used in a room and is for direct chats only."""
        return self._add(PRIVATE[0], PRIVATE[1:], rooms=True)

    def _add(
        self, way: str, names: Iterable[str], opens_form: bool = False, rooms: bool = False
    ) -> Callable[[Handler[I]], Handler[I]]:
        def add(handler: Handler[I]) -> Handler[I]:
            for name in names:
                if (way, name) in self.routes:
                    raise RouteTaken(f"{self.name}: {way} {name} is declared twice")
                self.routes[way, name] = handler
                if opens_form:
                    self.form_openers.add((way, name))
                if rooms:
                    self.in_rooms.add((way, name))
            return handler

        return add


class Routes:
    """All routers together."""

    def __init__(self, routers: Iterable[Router]) -> None:
        """Assemble ``routers``.

        Raises:
            RouteTaken: two of them claim the same route.
        """
        self._handlers: dict[tuple[str, str], AnyHandler] = {}
        self._form_openers: set[tuple[str, str]] = set()
        self._in_rooms: set[tuple[str, str]] = set()
        self._unlisted: set[str] = set()
        self._checks: dict[str, FormCheck] = {}
        for router in routers:
            self._in_rooms |= router.in_rooms
            self._unlisted |= router.unlisted
            self._form_openers |= router.form_openers
            self._checks |= router.checks
            for route, handler in router.routes.items():
                if route in self._handlers:
                    raise RouteTaken(f"{router.name}: {' '.join(route)} is taken already")
                self._handlers[route] = handler

    @property
    def commands(self) -> tuple[str, ...]:
        """Names of all commands, sorted, for the test of the docs."""
        return tuple(sorted(name for way, name in self._handlers if way == "command"))

    @property
    def listed(self) -> tuple[str, ...]:
        """Names of the commands that stand in menus, sorted."""
        return tuple(name for name in self.commands if name not in self._unlisted)

    def opens_form(self, incoming: Incoming) -> bool:
        """Return whether the route of ``incoming`` is one that opens a form where it was used."""
        route = _route_by_name(incoming)
        return route in self._form_openers and (incoming.is_direct or route in self._in_rooms)

    def check(self, submitted: Submitted, default_language: str) -> Mapping[str, str]:
        """Return what is wrong with a form's values, by field, in ``submitted.locale``."""
        check = self._checks.get(submitted.form)
        if check is None:
            return {}
        texts = texts_for(best_language(submitted.locale, default=default_language))
        return check(dict(submitted.values), texts)

    def find(self, incoming: Incoming, dialog: Dialog | None) -> AnyHandler | None:
        """Return the handler of ``incoming``: command, press, form, open dialog, its kind.

        In a room only what is declared for rooms runs, and dialogs are not gone on with. A
        command that nobody knows is most likely another bot's, so nothing is said to it.
        """
        named = _route_by_name(incoming)
        routes = [named] if named is not None else []
        if isinstance(incoming, Said) and dialog is not None and incoming.is_direct:
            routes.append(("step", f"{dialog.form}/{dialog.step}"))
        routes.append(("kind", type(incoming).__name__))
        route = next((one for one in routes if one in self._handlers), None)
        if route is None or incoming.is_direct or route in self._in_rooms:
            return self._handlers[route] if route else None
        return self._handlers.get(PRIVATE) if route[0] in ("command", "press") else None


def _route_by_name(incoming: Incoming) -> tuple[str, str] | None:
    match incoming:
        case Commanded(command=command):
            return "command", command
        case Pressed(action=action):
            return "press", action
        case Submitted(form=form):
            return "submit", form
        case _:
            return None


WITH_ARGUMENT = frozenset({"join", "link"})
"""Commands whose word may be followed by a code; other words with more behind are talk."""


def as_command(incoming: Incoming) -> Incoming:
    """Return a bare word that names a command, in any language, as that command.

    In a room too: what reaches us from there was said to the bot. An invitation that is
    pasted by itself, as a link or as it is, is the command that redeems it.
    """
    if not isinstance(incoming, Said):
        return incoming
    name, argument = _command_in(incoming.text.strip())
    if not name:
        return incoming
    shared = {
        field: getattr(incoming, field)
        for field in ("delivery_id", "at", "where", "who", "is_direct", "locale", "name", "room")
    }
    return Commanded(command=name, argument=argument, **shared)


def carries_secret(incoming: Incoming) -> bool:
    """Return whether an invitation or a code stands in the update: it is not kept."""
    match incoming:
        case Commanded(argument=argument):
            return bool(token_in(argument) or code_in(argument))
        case Said(text=text):
            return bool(_command_in(text.strip())[1])
        case _:
            return False


def _command_in(text: str) -> tuple[str, str]:
    """Return the command that ``text`` is, and what stands behind its word; ``""`` for none."""
    if token := token_in(text):
        return "join", token
    words = command_words()
    if name := words.get(text.casefold()):
        return name, ""
    first, _, rest = text.partition(" ")
    name = words.get(first.casefold(), "")
    if name in WITH_ARGUMENT and (token_in(rest) or code_in(rest)):
        return name, rest.strip()
    return "", ""
