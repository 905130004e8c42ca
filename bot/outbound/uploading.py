"""Handing files over before the message that shows them, where a platform wants that.

Nobody sees an upload that no message shows, so it is repeated without harm and the row
stays ``claimed`` meanwhile: a crash repeats the upload and never the message. What was
handed over is kept here until the row's fate is known, so a row that was told to wait is
not uploaded again.
"""

import logging

from bot.adapters.abilities import Uploads
from bot.adapters.base import Adapter, Part
from bot.clock import Clock
from bot.domain.delivery import DeliveryState, Kind, Outgoing, Result
from bot.domain.outcome import Later, Never, Scope
from bot.outbound.pacer import Pacer

log = logging.getLogger(__name__)


class Uploader:
    """Hands files over for one account."""

    def __init__(self, adapter: Adapter, pacer: Pacer, clock: Clock) -> None:
        """Upload through ``adapter``; ``pacer`` is told what must wait."""
        self._adapter = adapter
        self._pacer = pacer
        self._clock = clock
        # Asked for each row, and the question of what an adapter can do is a slow one.
        self._uploads = adapter if isinstance(adapter, Uploads) else None
        self._parts: dict[tuple[int, int], Part] = {}
        """By row and revision: words that were corrected since are not those that are sent."""

    def part_of(self, row: Outgoing) -> Part | None:
        """Return what is to be sent of ``row`` now that its files are handed over, if any are."""
        return self._parts.get((row.id, row.revision))

    def is_needed(self, row: Outgoing, part: Part) -> bool:
        """Return whether a file of ``part`` must be handed over first; a change shows none anew."""
        if self._uploads is None or row.kind is not Kind.SEND:
            return False
        return self._uploads.needs_upload(part)

    async def upload(self, row: Outgoing, part: Part) -> Never | None:
        """Make one attempt; ``Never`` if the files cannot be handed over at all."""
        adapter = self._uploads
        assert adapter is not None  # noqa: S101 - is_needed said so
        try:
            done = await adapter.upload(part)
        except Exception as error:  # the contract says never; one file must not stop the others
            log.exception("%s broke its promise handing over a file", self._adapter.name)
            done = Later(5.0, Scope.CHAT, type(error).__name__)
        if isinstance(done, Part):
            self._parts[row.id, row.revision] = done
        elif isinstance(done, Never):
            return done
        else:
            self._pacer.halt(row, done.scope, self._clock.monotonic() + done.after)
        return None

    def forget(self, result: Result) -> None:
        """Drop what was handed over for a row whose fate is known."""
        if result.state is not DeliveryState.PENDING:
            self.drop(result.row)

    def drop(self, row: Outgoing) -> None:
        """Drop what was handed over for a row that does not leave after all."""
        self._parts.pop((row.id, row.revision), None)
