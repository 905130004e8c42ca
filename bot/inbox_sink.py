"""The sink: commits what an adapter received, in its order and several at once.

An adapter may have many updates in hand. One writer takes all that wait and stores them
in one commit, so the order of arrival is the order of the inbox, and the cost of a commit
is shared.

What opens a form gets its skeleton right after the commit, without waiting for its turn
in the conversation: Slack gives three seconds from the click to the form.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from bot.adapters.abilities import OpensForm
from bot.adapters.base import Interaction
from bot.clock import Clock
from bot.domain.delivery import Lane
from bot.domain.form import Form
from bot.domain.incoming import Incoming, Submitted
from bot.i18n import best_language, texts_for
from bot.interactions import Interactions
from bot.logs import traced
from bot.routing import Routes
from bot.storage import inbox
from bot.storage.database import Database, Write

BATCH = 64
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An update that waits for its commit."""

    incoming: Incoming
    stored: asyncio.Future[None]


class InboxSink:
    """A :class:`~bot.adapters.base.Sink` over the inbox."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        interactions: Interactions,
        routes: Routes,
        default_language: str = "en",
    ) -> None:
        """Store into ``database``; keep interactions for the dispatcher of this process."""
        self._database = database
        self._clock = clock
        self._interactions = interactions
        self._routes = routes
        self._default_language = default_language
        self._opening: set[asyncio.Task[bool]] = set()
        self._waiting: list[Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def __call__(self, incoming: Incoming, interaction: Interaction | None = None) -> None:
        """Return once ``incoming`` is committed, or was already stored.

        Raises:
            Exception: it could not be stored, whatever the reason.
        """
        opening = interaction if isinstance(interaction, OpensForm) else None
        if opening is not None and not self._routes.opens_form(incoming):
            opening = None
        if opening is not None and isinstance(incoming, Submitted):
            # The acknowledgement will carry it: noted before anybody can answer the update.
            await opening.open_form(self._skeleton(incoming))
        if interaction is not None:
            self._interactions.keep(incoming, interaction)
        stored = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(incoming, stored))
        if self._writer is None or self._writer.done():
            # A task of its own: a caller that is cancelled must not take the others along.
            self._writer = asyncio.create_task(self._write_all(), name="inbox writer")
        await stored
        with traced(incoming.trace):
            log.info("%s: %s is stored", incoming.where.platform, type(incoming).__name__.lower())
        if opening is not None and not isinstance(incoming, Submitted):
            # Beside the acknowledgement, which must not wait for another request.
            task = asyncio.create_task(opening.open_form(self._skeleton(incoming)))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    def check(self, submitted: Submitted) -> Mapping[str, str]:
        """Return what is wrong with a form's values, by field; pure."""
        return self._routes.check(submitted, self._default_language)

    def _skeleton(self, incoming: Incoming) -> Form:
        language = best_language(incoming.locale, default=self._default_language)
        texts = texts_for(language)
        return Form("opening", texts("form.opening"), texts("form.send"), language)

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            await self._write(batch)

    async def _write(self, batch: list[Waiting]) -> None:
        async def work(write: Write) -> None:
            for one in batch:
                await inbox.store(write, one.incoming, self._clock.now())

        try:
            await self._database.write(work, Lane.CONVERSATION)
        except Exception as error:  # whatever it is, nobody may acknowledge these updates
            log.error("%d updates could not be stored: %s", len(batch), type(error).__name__)
            for one in batch:
                if not one.stored.done():
                    one.stored.set_exception(error)
            return
        for one in batch:
            if not one.stored.done():
                one.stored.set_result(None)
