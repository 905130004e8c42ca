"""One update: whose it is, its handler, and everything that follows in one commit.

What the handler changed, the rows of its reply and ``done`` are one transaction: after a
crash the update is either handled or not begun.
"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from bot import form_talk
from bot.acting import Actors, Known
from bot.adapters.abilities import OpensForm
from bot.adapters.base import Interaction
from bot.clock import Clock
from bot.domain.delivery import Lane
from bot.domain.form import Form
from bot.domain.incoming import Incoming, Joined, Left, Pressed, Said, Submitted
from bot.domain.message import Message, plain
from bot.domain.people import Actor, Person
from bot.domain.reader import Reader
from bot.domain.room import Room
from bot.handler_unit import Unit
from bot.i18n import texts_for
from bot.room_manners import Manners, Verdict
from bot.routing import (
    END_DIALOG,
    Context,
    Dialog,
    EndDialog,
    Reply,
    Routes,
    SayToReader,
    ShowCard,
    ToAccount,
    as_command,
    carries_secret,
)
from bot.services import rooms
from bot.services.attempts import Attempts
from bot.services.outbox import Cause, Outbox
from bot.services.questions import Knowledge
from bot.services.room_cards import RoomCards
from bot.settings import Settings
from bot.storage import accounts, audit, dialogs, inbox, people
from bot.storage.database import Database, Write
from bot.storage.guard import only_storage
from bot.storage.inbox import InboxRow
from bot.views.joining import recognised_message
from bot.views.office import office_text

DIALOG_EXPIRES = timedelta(hours=24)
_CARD, _LATE = -1, -2
"""Numbers that keep what stands beside the messages of a reply apart from them."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is still to be shown past the ledger, because it cannot wait.

    Attributes:
        notice: A short line where the button was pressed, or ``""``.
        form: To be put where a skeleton may stand already.
    """

    notice: str = ""
    form: Form | None = None


class NotOurs(Exception):
    """Another process has taken the row meanwhile; what was done here is rolled back."""


class Handling:
    """Runs handlers and commits what they return."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        settings: Settings,
        routes: Routes,
        outbox: Outbox,
        cards: RoomCards,
        actors: Actors,
        process: str,
    ) -> None:
        """Handle updates that ``process`` has claimed."""
        self._database = database
        self._clock = clock
        self._settings = settings
        self._routes = routes
        self._outbox = outbox
        self._process = process
        self._cards = cards
        self._actors = actors
        self._manners = Manners()
        self._attempts = Attempts()
        self._knowledge = Knowledge(database)

    async def handle(self, row: InboxRow, interaction: Interaction | None) -> Shown:
        """Run the handler and commit; return what is still to be shown.

        Raises:
            Refusal: bad input; nothing was changed, the row is not finished.
            NotOurs: another process has the row.
        """
        known, recognised = await self._actors.recognised(row.incoming)
        incoming = as_command(row.incoming)
        async with AsyncExitStack() as stack:
            unit = Unit(self._database, stack)
            if incoming.is_direct:
                reply = await self._reply(incoming, known, unit)
            else:
                reply = await self._reply_in_room(row, incoming, known, unit)
            if recognised is not None:
                reply = self._with_welcome(recognised, known, reply or Reply())
            write = await unit.write()
            work = self.commit(write, row, known, reply or Reply(), interaction)
            return await only_storage(work, unit)

    def _with_welcome(self, person: Person, known: Known, reply: Reply) -> Reply:
        """Tell somebody how they were recognised, before what they asked for."""
        alliance = self._settings.alliance(known.reader.language)
        welcome = recognised_message(person, alliance, texts_for(known.reader.language))
        return replace(reply, messages=(welcome, *reply.messages), introduces=True)

    async def _reply(self, incoming: Incoming, known: Known, unit: Unit) -> Reply | None:
        dialog = known.dialog
        if dialog is None or not form_talk.is_form(dialog):
            return await self._run(incoming, known, unit)
        if isinstance(incoming, Said | Pressed) and form_talk.is_answer(incoming):
            taken = self._take_field(incoming, dialog, known.reader.language)
            if isinstance(taken, Reply):
                return taken
            reply = await self._run(taken, known, unit) or Reply()
            return reply if reply.dialog is not None else replace(reply, dialog=END_DIALOG)
        answer = await self._run(incoming, known, unit)
        if isinstance(incoming, Said):
            # A question in between was answered; the field that is open is asked again.
            asked = form_talk.again(dialog, texts_for(known.reader.language))
            return _and_then(answer or Reply(), asked)
        return answer

    async def _reply_in_room(
        self, row: InboxRow, incoming: Incoming, known: Known, unit: Unit
    ) -> Reply | None:
        if self._routes.find(incoming, None) is None:
            return None
        verdict = self._judge(row, incoming)
        if verdict is Verdict.ONCE:
            return Reply((plain(texts_for(known.reader.language)("rooms.flood")),))
        if verdict is Verdict.SILENT:
            return None
        known = replace(known, dialog=None)
        if isinstance(incoming, Joined | Left):
            return await self._run(incoming, known, unit)
        async with unit.read() as read:
            room = await rooms.at(read, incoming.where)
        if rooms.is_news(room, incoming):
            # A commit of its own: the handler may have to look elsewhere before it writes.
            note = partial(
                rooms.note,
                incoming=incoming,
                language=known.reader.language,
                now=self._clock.now(),
            )
            room = await self._database.write(note, Lane.CONVERSATION)
        return await self._run(incoming, known, unit, room if room and room.active else None)

    def _judge(self, row: InboxRow, incoming: Incoming) -> Verdict:
        """Answers to invitations are never too many, and one that is tried again counts once."""
        answers = isinstance(incoming, Pressed) and incoming.action == "rsvp"
        if answers or row.attempts > 1 or isinstance(incoming, Joined | Left):
            return Verdict.ANSWER
        place = incoming.where
        who = (place.platform, place.account, place.chat, incoming.who.user)
        return self._manners.judge(who, self._clock.monotonic())

    def _take_field(self, incoming: Said | Pressed, dialog: Dialog, lang: str) -> Reply | Submitted:
        """Return the next question, or the form as it would come from a platform that has them."""
        form = form_talk.form_of(dialog)

        def check(values: Mapping[str, str]) -> Mapping[str, str]:
            return self._routes.check(_submitted(incoming, form, tuple(values.items())), lang)

        taken = form_talk.take(incoming, dialog, texts_for(lang), check)
        if isinstance(taken, form_talk.Filled):
            return _submitted(incoming, taken.form, taken.values)
        if taken.in_place:
            return Reply(card=taken.message, dialog=taken.dialog)
        return Reply((taken.message,), dialog=taken.dialog)

    async def _run(
        self, incoming: Incoming, known: Known, unit: Unit, room: Room | None = None
    ) -> Reply | None:
        handler = self._routes.find(incoming, known.dialog)
        if handler is None:
            return None
        context = self._context(incoming, known, unit, room)
        return await only_storage(handler(incoming, context), unit)

    def _context(self, incoming: Incoming, known: Known, unit: Unit, room: Room | None) -> Context:
        return Context(
            person=known.person,
            account_id=known.account_id,
            reader=known.reader,
            texts=texts_for(known.reader.language),
            now=self._clock.now(),
            dialog=known.dialog,
            unit=unit,
            knowledge=self._knowledge,
            alliance=self._settings.alliance(known.reader.language),
            room=room,
            direct_link=self._outbox.direct_link(incoming.where.platform),
            alliance_in=self._settings.alliance,
            contact=self._settings.privacy_contact,
            signature=self._settings.signature(known.reader.language),
            office=self._office(known.reader),
            attempts=self._attempts,
            default_zone=self._settings.default_zone,
            guard=self._settings.guard,
            sent_files=self._outbox.sent_files,
            estimates=self._outbox.estimates,
            reconciled=self._outbox.reconciled,
        )

    def _office(self, reader: Reader) -> str:
        hours = self._settings.office
        if hours is None:
            return ""
        zone = self._settings.default_zone
        begins, ends = hours.next_day(self._clock.now(), zone)
        return office_text(begins, ends, zone, reader)

    async def commit(
        self,
        write: Write,
        row: InboxRow,
        known: Known,
        reply: Reply,
        interaction: Interaction | None,
    ) -> Shown:
        """Write the reply and ``done``; return what did not become a message."""
        incoming, reader = row.incoming, known.reader
        if incoming.is_direct and not isinstance(incoming, Left):
            # Whoever writes is there again; not every platform says so in another way.
            await accounts.revive(write, incoming.who)
        notice, form = reply.notice, reply.form
        if form is not None and not (isinstance(interaction, OpensForm) and interaction.can_open):
            reply, form = self._in_the_chat(form, reply, known, incoming), None
        if reply.room_card is not None:
            stands = await self._show_card(write, row, reply.room_card)
            notice = notice or (reply.room_card.stands if stands else "")
        messages, late = list(reply.messages), ""
        if notice and (interaction is None or not interaction.open):
            late, notice = notice, ""
        if late and incoming.is_direct:
            messages.insert(0, plain(late))
        elif late and await accounts.can_reach(write, incoming.own_chat):
            cause = Cause(row.id, _LATE)
            await self._outbox.send(write, incoming.own_chat, plain(late), reader, cause)
        if reply.card is not None and isinstance(incoming, Pressed):
            await self._outbox.edit(write, incoming.ref, reply.card, reader, Cause(row.id, 0))
        messages = await self._introduced(write, incoming, known, reply, messages)
        for ordinal, message in enumerate(messages, 1):
            await self._outbox.send(write, incoming.where, message, reader, Cause(row.id, ordinal))
        await self._tell_others(write, row, reply, len(messages) + 1)
        if reply.home is not None and incoming.is_direct:
            last = Cause(row.id, len(messages) + len(reply.others) + 1)
            await self._outbox.home(write, incoming.where, reply.home, reader, last)
        await self._save_dialog(write, incoming, known, reply)
        if not await inbox.finish(write, row.id, self._process, self._clock.now()):
            raise NotOurs
        if carries_secret(incoming):
            await inbox.forget_words(write, row.id)
        return Shown(notice, form)

    async def _show_card(self, write: Write, row: InboxRow, wanted: ShowCard) -> bool:
        """Let the card stand in the room; return whether it stood there before."""
        where = row.incoming.where
        room = await rooms.at(write, where)
        if room is None or not room.active:
            return False
        cause = Cause(row.id, _CARD)
        return not await self._cards.show(
            write, room, wanted.event_id, where, cause, again=wanted.again
        )

    async def ask_in_the_chat(self, incoming: Incoming, form: Form) -> None:
        """The platform did not take the form after all: ask its fields one by one."""
        known = await self._actors.resolve(incoming)
        asked = self._in_the_chat(form, Reply(), known, incoming)

        async def work(write: Write) -> None:
            for message in asked.messages:
                await self._outbox.send(write, incoming.where, message, known.reader, Cause())
            await self._save_dialog(write, incoming, known, asked)

        await self._database.write(work, Lane.CONVERSATION)

    def _in_the_chat(self, form: Form, reply: Reply, known: Known, incoming: Incoming) -> Reply:
        texts = texts_for(known.reader.language)
        if not incoming.is_direct:
            return _and_then(reply, plain(texts("form.direct")))
        asked = form_talk.begin(form, texts)
        return _and_then(reply, asked.message, asked.dialog)

    async def _introduced(
        self,
        write: Write,
        incoming: Incoming,
        known: Known,
        reply: Reply,
        messages: list[Message],
    ) -> list[Message]:
        """Let the first message to anyone say who writes and why; noted in the same commit."""
        if not messages or not incoming.is_direct:
            return messages
        introductions = self._outbox.introductions
        if not await introductions.note(write, incoming.where) or reply.introduces:
            return messages
        last = introductions.below(messages[-1], known.person, known.reader)
        return [*messages[:-1], last]

    async def _tell_others(self, write: Write, row: InboxRow, reply: Reply, first: int) -> None:
        for ordinal, other in enumerate(reply.others, first):
            if isinstance(other, ToAccount):
                cause = Cause(row.id, ordinal)
                await self._outbox.tell_account(
                    write, other.account_id, other.say, cause, introduces=other.introduces
                )
            else:
                await self._tell(write, row, ordinal, other.person_id, other.say)

    async def _tell(
        self, write: Write, row: InboxRow, ordinal: int, person_id: int, say: SayToReader
    ) -> None:
        if await self._outbox.tell(write, person_id, say, Cause(row.id, ordinal)):
            return
        person = await people.by_id(write, person_id)
        await audit.record(
            write,
            actor=Actor("convoke"),
            action=audit.NOT_TOLD,
            subject=person.email if person else f"person {person_id}",
            at=self._clock.now(),
        )

    async def _save_dialog(
        self, write: Write, incoming: Incoming, known: Known, reply: Reply
    ) -> None:
        conversation = incoming.where.conversation
        match reply.dialog:
            case Dialog(form=form, step=step, answers=answers):
                await dialogs.save(
                    write,
                    conversation=conversation,
                    account_id=known.account_id,
                    form=form,
                    step=step,
                    answers=answers,
                    expires_at=self._clock.now() + DIALOG_EXPIRES,
                )
            case EndDialog():
                await dialogs.end(write, conversation, known.account_id)
            case None:
                pass


def _and_then(reply: Reply, message: Message, dialog: Dialog | None = None) -> Reply:
    messages = (*reply.messages, message)
    return replace(reply, messages=messages, dialog=dialog or reply.dialog)


def _submitted(incoming: Incoming, form: Form, values: tuple[tuple[str, str], ...]) -> Submitted:
    return Submitted(
        delivery_id=incoming.delivery_id,
        at=incoming.at,
        where=incoming.where,
        who=incoming.who,
        is_direct=incoming.is_direct,
        locale=form.language,
        name=incoming.name,
        form=form.name,
        values=values,
        context=form.context,
    )
