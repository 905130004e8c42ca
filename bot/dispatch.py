"""From the inbox to the handler: claimed, handled, retried, and never without an answer.

An update is claimed and handed to :class:`~bot.handling.Handling`. Only after its commit
the short notice, or the form, goes back to whoever pressed, past the ledger, because it
cannot wait.
"""

import asyncio
import logging
from collections.abc import Mapping

from bot.acting import Actors
from bot.adapters.abilities import OpensForm
from bot.adapters.base import Interaction
from bot.clock import Clock
from bot.domain.delivery import Lane
from bot.domain.incoming import Incoming, Pressed
from bot.domain.message import plain
from bot.domain.refusal import Refusal
from bot.handling import Handling, NotOurs, Shown
from bot.i18n import texts_for
from bot.interactions import Interactions
from bot.logs import traced
from bot.routing import Reply, Routes
from bot.services.outbox import Cause, Outbox
from bot.services.room_cards import RoomCards
from bot.settings import Settings
from bot.storage import accounts, inbox, wake
from bot.storage.away import DatabaseAway
from bot.storage.database import Database, Write
from bot.storage.inbox import InboxRow

TRIES = 3
"""How often an update whose handler fails is tried; then its sender is told."""
WORKERS = 8
LOOK_SECONDS = 1.0
AWAY_SECONDS = 1.0
"""What the database failed is tried again after this long, however often: not in a rush."""
log = logging.getLogger(__name__)


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
        cards: RoomCards,
        actors: Actors,
        process: str,
    ) -> None:
        """Handle updates as ``process``, the name under which it claims them."""
        self._database = database
        self._clock = clock
        self._outbox = outbox
        self._interactions = interactions
        self._process = process
        self._actors = actors
        self._unreturned: dict[int, float] = {}
        self.running = False
        self._handling = Handling(
            database=database,
            clock=clock,
            settings=settings,
            routes=routes,
            outbox=outbox,
            cards=cards,
            actors=actors,
            process=process,
        )

    async def run(self) -> None:
        """Claim and handle updates until cancelled."""
        tasks: set[asyncio.Task[None]] = set()
        async with self._database.wakeups.waiting_for(wake.INBOX) as rung:
            self.running = True
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
                self.running = False
                await self._hand_back(tasks)

    async def _hand_back(self, tasks: set[asyncio.Task[None]]) -> None:
        """Let handlers end for a second; what is not handled then is free for others at once."""
        if tasks:
            await asyncio.wait(tasks, timeout=LOOK_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            freed = await self._database.write(
                lambda write: inbox.give_back_all(write, self._process), Lane.CONVERSATION
            )
        except Exception as error:  # the database is away: they are freed with our lease
            log.warning("updates in hand stay claimed for now: %s", type(error).__name__)
            return
        if freed:
            log.info("%d updates in hand are free for another process", freed)

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
        with traced(row.incoming.trace):
            await self._handle_or_retry(row)

    async def _handle_or_retry(self, row: InboxRow) -> None:
        begun = self._clock.monotonic()
        try:
            await self._handle(row)
            log.info(
                "update %d: handled in %.0f ms", row.id, 1000 * (self._clock.monotonic() - begun)
            )
        except DatabaseAway as error:
            log.warning("update %d: the database is away (%s), once more soon", row.id, error)
            await self._give_back(row, AWAY_SECONDS)
        except Exception:  # even its sender could not be told
            log.exception("update %d: neither handled nor answered (try %d)", row.id, row.attempts)
            await self._give_up(row)

    async def _handle(self, row: InboxRow) -> None:
        interaction = self._interactions.take(row.incoming)
        try:
            shown = await self._handling.handle(row, interaction)
        except Refusal as refusal:
            shown = await self._settle(row, interaction, refusal.key, refusal.fields)
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
            shown = await self._settle(
                row, interaction, "error.sorry", {}, error=type(error).__name__
            )
        if interaction is not None:
            await self._show(row, interaction, shown)

    async def _show(self, row: InboxRow, interaction: Interaction, shown: Shown) -> None:
        """Show what cannot wait; what the platform does not take is said in a message."""
        form = shown.form
        if form is not None and isinstance(interaction, OpensForm):
            if not await interaction.update_form(form):
                await self._handling.ask_in_the_chat(row.incoming, form)
            return
        if not await interaction.answer(shown.notice) and shown.notice:
            await self._say_after_all(row, shown.notice)

    async def _say_after_all(self, row: InboxRow, notice: str) -> None:
        """The notice could not be shown any more: say it in a message."""
        if _is_strangers_chat(row.incoming):
            return
        known = await self._actors.resolve(row.incoming)
        # A notice is for one person: where they are one of many, it goes to their own chat.
        where = row.incoming.where if row.incoming.is_direct else row.incoming.own_chat

        async def work(write: Write) -> None:
            if row.incoming.is_direct or await accounts.can_reach(write, where):
                await self._outbox.send(write, where, plain(notice), known.reader, Cause())

        await self._database.write(work, Lane.CONVERSATION)

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

    async def _settle(
        self,
        row: InboxRow,
        interaction: Interaction | None,
        key: str,
        fields: Mapping[str, str | int],
        error: str = "",
    ) -> Shown:
        """Answer with a sentence of the catalog and finish the row; return what is left."""
        known = await self._actors.resolve(row.incoming)
        said = texts_for(known.reader.language)(key, **fields)
        pressed_in_room = isinstance(row.incoming, Pressed) and not row.incoming.is_direct
        for_one = interaction is not None or pressed_in_room
        reply = Reply(notice=said) if for_one else Reply((plain(said),))

        async def work(write: Write) -> Shown:
            if _is_strangers_chat(row.incoming):
                # Whoever forged it is told where they pressed, never in somebody's chat.
                await inbox.finish(write, row.id, self._process, self._clock.now())
                return Shown(said if interaction is not None else "")
            shown = await self._handling.commit(write, row, known, reply, interaction)
            if error:
                await inbox.note_error(write, row.id, error)
            return shown

        return await self._database.write(work, Lane.CONVERSATION)


def _is_strangers_chat(incoming: Incoming) -> bool:
    return incoming.is_direct and incoming.where.chat != incoming.who.user


async def _rung_or(rung: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await rung.wait()
    except TimeoutError:
        pass
