"""From the inbox to the handler, and from its reply to the ledger, in one commit.

An update is claimed, its account resolved to a person, its handler found and run. What
the handler changed, the rows of its reply and ``done`` are one transaction: after a crash
the update is either handled or not begun. Only then the short notice goes back to
whoever pressed, past the ledger, because it cannot wait.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from bot.adapters.base import Interaction
from bot.clock import Clock
from bot.domain.delivery import Lane
from bot.domain.incoming import Incoming, Left, Pressed
from bot.domain.message import plain
from bot.domain.people import Actor, Person
from bot.domain.reader import Reader
from bot.domain.refusal import Refusal
from bot.handler_unit import Unit
from bot.i18n import texts_for
from bot.interactions import Interactions
from bot.routing import Context, Dialog, EndDialog, Reply, Routes, SayToReader, as_command
from bot.services.outbox import Cause, Outbox
from bot.services.questions import Knowledge
from bot.services.readers import Readers
from bot.settings import Settings
from bot.storage import accounts, audit, dialogs, inbox, people, wake
from bot.storage.away import DatabaseAway
from bot.storage.database import Database, Read, Write
from bot.storage.guard import only_storage
from bot.storage.inbox import InboxRow

TRIES = 3
"""How often an update whose handler fails is tried; then its sender is told."""
WORKERS = 8
LOOK_SECONDS = 1.0
AWAY_SECONDS = 1.0
"""What the database failed is tried again after this long, however often: not in a rush."""
DIALOG_EXPIRES = timedelta(hours=24)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """Who acts, as far as we know."""

    account_id: int
    person: Person | None
    reader: Reader
    dialog: Dialog | None


class NotOurs(Exception):
    """Another process has taken the row meanwhile; what was done here is rolled back."""


class Dispatcher:
    """Handles claimed updates."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        settings: Settings,
        routes: Routes,
        outbox: Outbox,
        interactions: Interactions,
        process: str,
    ) -> None:
        """Handle updates as ``process``, the name under which it claims them."""
        self._database = database
        self._clock = clock
        self._settings = settings
        self._readers = Readers(settings.default_language, settings.default_zone)
        self._routes = routes
        self._outbox = outbox
        self._interactions = interactions
        self._process = process
        self._unreturned: dict[int, float] = {}
        self._knowledge = Knowledge(database)

    async def run(self) -> None:
        """Claim and handle updates until cancelled."""
        tasks: set[asyncio.Task[None]] = set()
        async with self._database.wakeups.waiting_for(wake.INBOX) as rung:
            try:
                while True:
                    rung.clear()
                    await self._return_rows()
                    claimed = await self._claim(WORKERS - len(tasks))
                    for row in claimed:
                        task = asyncio.create_task(self.handle(row), name=f"update {row.id}")
                        tasks.add(task)
                        task.add_done_callback(tasks.discard)
                        task.add_done_callback(lambda _task: rung.set())
                    await _rung_or(rung, LOOK_SECONDS)
            finally:
                await self._hand_back(tasks)

    async def _hand_back(self, tasks: set[asyncio.Task[None]]) -> None:
        if tasks:
            await asyncio.wait(tasks, timeout=LOOK_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _claim(self, free: int) -> tuple[InboxRow, ...]:
        if free <= 0:
            return ()
        try:
            async with self._database.read() as read:
                if not await inbox.has_new(read):
                    return ()
            return await self._database.write(
                lambda write: inbox.claim(write, self._process, free), Lane.CONVERSATION
            )
        except Exception as error:  # a driver that cannot connect raises its very own kinds
            log.error("the inbox cannot be read: %s", type(error).__name__)
            return ()

    async def drain(self) -> int:
        """Handle everything that waits, and return how many updates that were; for tests."""
        handled = 0
        await self._return_rows()
        while rows := await self._claim(WORKERS):
            await asyncio.gather(*(self.handle(row) for row in rows))
            handled += len(rows)
        return handled

    async def handle(self, row: InboxRow) -> None:
        """Handle one claimed update; whatever goes wrong, its sender is told or it is retried."""
        try:
            await self._handle(row)
        except DatabaseAway as error:
            log.warning("update %d: the database is away (%s), once more soon", row.id, error)
            await self._give_back(row, AWAY_SECONDS)
        except Exception:  # even its sender could not be told
            log.exception("update %d: neither handled nor answered (try %d)", row.id, row.attempts)
            await self._give_up(row)

    async def _handle(self, row: InboxRow) -> None:
        interaction = self._interactions.take(row.incoming)
        try:
            notice = await self._reply_to(row, interaction)
        except Refusal as refusal:
            notice = await self._settle(row, interaction, refusal.key, refusal.fields)
        except NotOurs:
            log.info("update %d was taken over by another process", row.id)
            return
        except DatabaseAway:
            raise  # trying on helps, however often; a handler's bug would never end
        except Exception as error:  # a handler's bug must reach its sender as words, once
            log.exception("update %d: the handler failed (try %d)", row.id, row.attempts)
            if row.attempts < TRIES:
                await self._give_back(row)
                return
            notice = await self._settle(
                row, interaction, "error.sorry", {}, error=type(error).__name__
            )
        if interaction is not None and not await interaction.answer(notice) and notice:
            await self._say_after_all(row, notice)

    async def _say_after_all(self, row: InboxRow, notice: str) -> None:
        """The notice could not be shown any more: say it in a message."""
        if _is_strangers_chat(row.incoming):
            return
        known = await self._resolve(row.incoming)
        await self._database.write(
            lambda write: self._outbox.send(
                write, row.incoming.where, plain(notice), known.reader, Cause()
            ),
            Lane.CONVERSATION,
        )

    async def _give_up(self, row: InboxRow) -> None:
        """Let it be tried again, or close it as failed after its last try, for staff to see."""
        if row.attempts < TRIES:
            await self._give_back(row)
            return
        try:
            await self._database.write(
                lambda write: inbox.finish(
                    write, row.id, self._process, self._clock.now(), error="not answered"
                ),
                Lane.CONVERSATION,
            )
        except Exception:  # the database is away: then it is simply tried again
            await self._give_back(row, AWAY_SECONDS)

    async def _give_back(self, row: InboxRow, after: float = 0.0) -> None:
        self._unreturned[row.id] = self._clock.monotonic() + after
        await self._return_rows()

    async def _return_rows(self) -> None:
        """Make claimable what we could not handle; as often as it takes."""
        now = self._clock.monotonic()
        rows = tuple(row_id for row_id, at in self._unreturned.items() if at <= now)
        if not rows:
            return
        for row_id in rows:  # before the commit: after it, they may be ours once more
            del self._unreturned[row_id]
        try:
            await self._database.write(
                lambda write: inbox.give_back(write, rows, self._process), Lane.CONVERSATION
            )
        except Exception as error:  # a driver that cannot connect raises its very own kinds
            log.error("%d updates stay claimed for now: %s", len(rows), type(error).__name__)
            self._unreturned.update(dict.fromkeys(rows, now + AWAY_SECONDS))

    async def _reply_to(self, row: InboxRow, interaction: Interaction | None) -> str:
        """Run the handler and commit; return the notice that is still to be shown."""
        known = await self._resolve(row.incoming)
        incoming = as_command(row.incoming)
        handler = self._routes.find(incoming, known.dialog)
        async with AsyncExitStack() as stack:
            unit = Unit(self._database, stack)
            if handler is None or not (incoming.is_direct or isinstance(incoming, Pressed)):
                reply = None
            else:
                context = self._context(known, unit)
                reply = await only_storage(handler(incoming, context), unit)
            write = await unit.write()
            work = self._commit(write, row, known, reply or Reply(), interaction)
            return await only_storage(work, unit)

    def _context(self, known: Known, unit: Unit) -> Context:
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
        )

    async def _resolve(self, incoming: Incoming) -> Known:
        """Return the person behind the account; what is new about the account is noted."""
        async with self._database.read() as read:
            account = await accounts.find(read, incoming.who)
            if account is not None and account.says(incoming.locale, incoming.name):
                return await self._known(read, incoming, account.id, account.person_id)
        account_id = await self._database.write(
            lambda write: self._note_account(write, incoming), Lane.CONVERSATION
        )
        async with self._database.read() as read:
            person_id = account.person_id if account else None
            return await self._known(read, incoming, account_id, person_id)

    async def _note_account(self, write: Write, incoming: Incoming) -> int:
        account_id = await accounts.ensure(
            write, incoming.who, locale=incoming.locale, name=incoming.name
        )
        await accounts.ensure_direct(write, incoming.who, account_id)
        return account_id

    async def _known(
        self, read: Read, incoming: Incoming, account_id: int, person_id: int | None
    ) -> Known:
        person = await people.by_id(read, person_id) if person_id else None
        conversation = incoming.where.conversation
        stored = await dialogs.find(read, conversation, account_id, self._clock.now())
        dialog = Dialog(stored.form, stored.step, stored.answers) if stored else None
        return Known(account_id, person, self._readers.of(person, incoming.locale), dialog)

    async def _commit(
        self,
        write: Write,
        row: InboxRow,
        known: Known,
        reply: Reply,
        interaction: Interaction | None,
    ) -> str:
        """Write the reply and ``done``; return the notice, unless it became a message."""
        incoming, reader = row.incoming, known.reader
        if incoming.is_direct and not isinstance(incoming, Left):
            # Whoever writes is there again; not every platform says so in another way.
            await accounts.revive(write, incoming.who)
        notice = reply.notice
        messages = list(reply.messages)
        if notice and (interaction is None or not interaction.open):
            messages.insert(0, plain(notice))
            notice = ""
        if reply.card is not None and isinstance(incoming, Pressed):
            await self._outbox.edit(write, incoming.ref, reply.card, reader, Cause(row.id, 0))
        for ordinal, message in enumerate(messages, 1):
            await self._outbox.send(write, incoming.where, message, reader, Cause(row.id, ordinal))
        for ordinal, other in enumerate(reply.others, len(messages) + 1):
            await self._tell(write, row, ordinal, other.person_id, other.say)
        await self._save_dialog(write, incoming, known, reply)
        if not await inbox.finish(write, row.id, self._process, self._clock.now()):
            raise NotOurs
        return notice

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

    async def _settle(
        self,
        row: InboxRow,
        interaction: Interaction | None,
        key: str,
        fields: Mapping[str, str | int],
        error: str = "",
    ) -> str:
        """Answer with a sentence of the catalog and finish the row; return the notice left."""
        known = await self._resolve(row.incoming)
        said = texts_for(known.reader.language)(key, **fields)
        reply = Reply(notice=said) if interaction is not None else Reply((plain(said),))

        async def work(write: Write) -> str:
            if _is_strangers_chat(row.incoming):
                # Whoever forged it is told where they pressed, never in somebody's chat.
                await inbox.finish(write, row.id, self._process, self._clock.now())
                return said if interaction is not None else ""
            notice = await self._commit(write, row, known, reply, interaction)
            if error:
                await inbox.note_error(write, row.id, error)
            return notice

        return await self._database.write(work, Lane.CONVERSATION)


def _is_strangers_chat(incoming: Incoming) -> bool:
    return incoming.is_direct and incoming.where.chat != incoming.who.user


async def _rung_or(rung: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await rung.wait()
    except TimeoutError:
        pass
