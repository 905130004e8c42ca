"""From a due announcement to its ledger rows, and from a row to what is sent."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import product

from bot.adapters.base import Adapter, Part
from bot.clock import Clock
from bot.domain import audience
from bot.domain.announcement import Announcement
from bot.domain.change import ChangeKind
from bot.domain.delivery import Kind, Outgoing
from bot.domain.message import Attachment, Message, line
from bot.domain.reader import Reader
from bot.domain.timing import Timing
from bot.domain.zoned import to_instant
from bot.i18n import best_language, texts_for
from bot.services import announcement_changes as changes
from bot.services import announcement_copies as copies
from bot.services import roster
from bot.services.announcement_copies import confirmation_of
from bot.services.announcement_fields import event_of, has_personal, values_for
from bot.services.introductions import Introductions
from bot.services.part_cache import PartCache
from bot.services.readers import Readers
from bot.storage import announcement_changes as change_store
from bot.storage import announcement_files, conferences, preferences, quiet
from bot.storage import announcements as store
from bot.storage.announcement_layout import Parts, PartsBy
from bot.storage.database import Database, Read, Write
from bot.storage.freeze import (
    Freezing,
    add_latecomers,
    any_latecomer,
    freeze_chunk,
    prepare,
)
from bot.storage.quiet import Ends
from bot.storage.unserved import skip_unserved
from bot.views.announcements import announcement_message

How = tuple[str, str, str, bool]
"""Platform, language, zone, and whether it says who writes and why."""
Key = tuple[int, int, str, str, str, bool, int, int]
"""Announcement, revision, the four of :data:`How`, whose it is, 0 where that is the same, and
what its event stands at, 0 where the words do not say."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Preview:
    """What readers of a language get on a platform, message by message."""

    platform: str
    language: str
    parts: tuple[Part, ...]


class Delivery:
    """Freezing audiences and rendering announcements, for all platforms."""

    def __init__(
        self,
        database: Database,
        adapters: Mapping[str, Adapter],
        readers: Readers,
        introductions: Introductions,
    ) -> None:
        """Work on ``database`` with the adapters of this process, by platform."""
        self._database = database
        self._adapters = adapters
        self._readers = readers
        self._introductions = introductions
        self._reconciled = frozenset(
            name for name, one in adapters.items() if one.capabilities.reconcile
        )
        self._parts: PartCache[Key] = PartCache()
        self._impersonal: set[tuple[int, int]] = set()
        self._dated: dict[tuple[int, int], str] = {}

    async def freeze_due(self, clock: Clock) -> None:
        """Fix the audience of everything that begins to be sent, in small transactions."""
        async with self._database.read() as read:
            begun = await store.unfrozen(read)
        for announcement in begun:
            how = await self._how(announcement, clock.now())
            chunk = partial(freeze_chunk, prepared=prepare(announcement, how), now=clock.now())
            while not await self._database.write(chunk):
                await clock.sleep(0)
            log.info("announcement %d: the audience is fixed", announcement.id)

    async def _how(self, announcement: Announcement, now: datetime) -> Freezing:
        counted = await self._counted(announcement)
        return Freezing(
            audience.parse(announcement.audience),
            self._readers.default_zone,
            tuple(self._adapters),
            {which: parts.whole for which, parts in counted.items() if parts.whole > 1},
            await self._own(),
            *await self._hours(announcement, now),
        )

    async def _hours(
        self, announcement: Announcement, now: datetime
    ) -> tuple[Ends, dict[str, datetime]]:
        """Return ends of quiet hours, and when it is due in each zone if that differs."""
        if announcement.timing is not Timing.READER:
            return await self._quiet(now), {}
        default = self._readers.default_zone
        async with self._database.read() as read:
            at = {
                zone: to_instant(announcement.due_local, zone)
                for zone in await preferences.zones(read, default)
            }
            soonest = {zone: max(instant, now) for zone, instant in at.items()}
            quiet_hours = await preferences.waiting_in(read, soonest.get, default)
        return quiet_hours, {zone: instant for zone, instant in at.items() if instant > now}

    async def _quiet(self, now: datetime) -> Ends:
        async with self._database.read() as read:
            return await preferences.waiting_until(read, now, self._readers.default_zone)

    async def add_latecomers(self, clock: Clock) -> int:
        """Let those have what they are in time for who joined after its audience was fixed."""
        now, added = clock.now(), 0
        async with self._database.read() as read:
            late = [
                one
                for one in await store.open_to_latecomers(read, now)
                if await _still_invites(read, one, now)
            ]
        for announcement in late:
            how = await self._how(announcement, now)
            async with self._database.read() as read:
                if not await any_latecomer(read, announcement, how):
                    continue
            work = partial(add_latecomers, announcement=announcement, how=how)
            added += await self._database.write(work)
        return added

    async def advance_changes(self, clock: Clock) -> None:
        """Go on with corrections and recalls, and skip what was cancelled."""
        skip = partial(changes.skip_cancelled, now=clock.now())
        while not await self._database.write(skip):
            await clock.sleep(0)
        async with self._database.read() as read:
            open_ones = await change_store.open_ones(read)
        for change in open_ones:
            parts = await self._parts_now(change.announcement_id)
            if change.kind is ChangeKind.CORRECT:
                await changes.lay_out(self._database, change, parts, self._reconciled)
            step = partial(
                changes.advance,
                change=change,
                parts=parts,
                reconciled=self._reconciled,
                now=clock.now(),
            )
            while not await self._database.write(step):
                await clock.sleep(0)

    async def _parts_now(self, number: int) -> PartsBy:
        async with self._database.read() as read:
            announcement = await store.find(read, number)
        if announcement is None:
            raise LookupError(f"announcement {number} is gone")
        return await self._counted(announcement)

    async def _counted(self, announcement: Announcement) -> dict[tuple[str, str, bool], Parts]:
        """Return of how many messages it is, by platform, language, and whether it introduces."""
        found = {}
        files = copies.standing_files(announcement)
        for name, adapter in self._adapters.items():
            alone = _alone(adapter, files)
            for body, introduce in product(announcement.bodies, (False, True)):
                how = (name, body.language, "", introduce)
                whole = len(await self._rendered(announcement, *how, files=files))
                found[name, body.language, introduce] = Parts(whole, alone)
        return found

    async def _own(self) -> dict[str, str]:
        """Return our account by platform, as the adapters or earlier runs know it."""
        async with self._database.read() as read:
            known = await roster.known_accounts(read, tuple(self._adapters))
        known |= {name: one.account for name, one in self._adapters.items() if one.account}
        return known

    async def skip_unserved(self, clock: Clock) -> int:
        """Skip what waits for an account that no adapter here serves; return how many rows."""
        own, platforms = await self._own(), tuple(self._adapters)
        return await self._database.write(
            lambda write: skip_unserved(write, platforms, own, clock.now())
        )

    async def put_off_quiet(self, clock: Clock) -> int:
        """Put off what is pending for people whose quiet hours have begun; return how many."""
        now, zone, changed = clock.now(), self._readers.default_zone, 0
        ends = await self._quiet(now)
        if ends:
            async with self._database.read() as read:
                ends = await quiet.about_to_leave(read, ends, zone, now)
        for rest, until in ends.items():
            one = partial(quiet.put_off, ends={rest: until}, default_zone=zone)
            changed += await self._database.write(one)
        return changed

    async def preview(self, announcement: Announcement) -> tuple[Preview, ...]:
        """Return what each platform's readers will get, by language: the code that delivers.

        Files are named and not read.
        """
        files = copies.standing_files(announcement)
        return tuple(
            [
                Preview(
                    name,
                    body.language,
                    await self._rendered(announcement, name, body.language, "", False, files=files),
                )
                for name in self._adapters
                for body in announcement.bodies
            ]
        )

    async def part_of(self, row: Outgoing) -> Part:
        """Return the part that a claimed announcement row stands for.

        Raises:
            LookupError: the announcement or the part is gone.
        """
        if row.change_id is not None:
            return await self._changed(row)
        number, where = row.announcement_id or 0, row.address.platform
        how = (where, row.language, row.zone, row.introduce)
        whose = 0 if (number, row.revision) in self._impersonal else row.person_id or 0
        stands = await self._stands(number, row.revision)
        key = (number, row.revision, *how, whose, stands)
        parts = self._parts.get(key)
        if parts is None:
            parts = await self._render(number, row.revision, how, whose)
        return parts[row.part - 1]

    async def _stands(self, number: int, revision: int) -> int:
        """Return a number that changes with the event of which the words hold a field.

        Who joins days later reads the date as it is then, so these words alone cost a look.
        """
        slug = self._dated.get((number, revision), "")
        if not slug:
            return 0
        async with self._database.read() as read:
            return hash(repr(await conferences.event_by_slug(read, slug)))

    async def _render(self, number: int, revision: int, how: How, whose: int) -> tuple[Part, ...]:
        """Render it for a reader, and keep it for the next one who gets the same."""
        async with self._database.read() as read:
            announcement = await store.find(read, number)
        if announcement is None:
            raise LookupError(f"announcement {number} is gone")
        if not has_personal(announcement) and not announcement.has_letters:
            self._impersonal.add((number, revision))
            whose = 0
        self._dated[number, revision] = event_of(announcement)
        key = (number, revision, *how, whose, await self._stands(number, revision))
        person_id = whose or None
        files: tuple[Attachment, ...] = ()
        if announcement.files:
            async with self._database.read() as read:
                files = await announcement_files.of_reader(read, number, person_id)
        parts = await self._rendered(announcement, *how, files=files, person_id=person_id)
        self._parts.put(key, parts)
        return parts

    async def _changed(self, row: Outgoing) -> Part:
        """Return what a copy becomes, with the reader's own answers as they are now."""
        async with self._database.read() as read:
            copy = await copies.of_row(read, row)
        adapter = self._adapters[row.address.platform]
        shown_in = best_language(row.language, default=self._readers.default_language)
        reader = Reader(shown_in, row.zone or self._readers.default_zone)
        message = copy.message(texts_for(shown_in), self._introductions.signature(shown_in))
        if row.introduce and row.kind is Kind.EDIT and not copy.is_withdrawn:
            message = self._introductions.below_announcement(message, reader)
        if copy.is_withdrawn:
            return _withdrawn(adapter, message, copy.files, row.part, reader)
        parts = adapter.render(message, reader)
        return parts[min(row.part, len(parts)) - 1]

    async def _rendered(
        self,
        announcement: Announcement,
        platform: str,
        language: str,
        zone: str,
        introduce: bool,
        *,
        files: tuple[Attachment, ...],
        person_id: int | None = None,
    ) -> tuple[Part, ...]:
        event = None
        if announcement.rsvp_event:
            async with self._database.read() as read:
                event = await conferences.event_by_slug(read, announcement.rsvp_event)
        shown_in = best_language(language, default=self._readers.default_language)
        async with self._database.read() as read:
            fields = await values_for(read, announcement, person_id, texts_for(shown_in))
        message = announcement_message(
            announcement.body(language),
            texts_for(shown_in),
            event_id=event.id if event else None,
            signature=self._introductions.signature(shown_in),
            confirm=confirmation_of(announcement),
            fields=fields,
            files=files,
        )
        reader = Reader(shown_in, zone or self._readers.default_zone)
        if introduce:
            message = self._introductions.below_announcement(message, reader)
        return self._adapters[platform].render(message, reader)


async def _still_invites(read: Read, announcement: Announcement, now: datetime) -> bool:
    """Return False for answer buttons to what was cancelled, has begun, or is over."""
    if not announcement.rsvp_event:
        return True
    event = await conferences.event_by_slug(read, announcement.rsvp_event)
    return event is None or event.invites(now)


def _alone(adapter: Adapter, files: tuple[Attachment, ...]) -> int:
    """Return how many messages hold nothing but a file, before the words."""
    words = Message((line("-"),), (), files, files_first=True)
    return len(adapter.render(words, Reader("en", "UTC"))) - 1


def _withdrawn(
    adapter: Adapter, message: Message, files: tuple[Attachment, ...], part: int, reader: Reader
) -> Part:
    """Return what a copy's part becomes: on a file that stands by itself, words below it."""
    if part > _alone(adapter, files):
        return adapter.render(message, reader)[0]
    return adapter.render(replace(message, attachments=(files[part - 1],)), reader)[0]


async def finish_sent(write: Write) -> tuple[int, ...]:
    """Mark announcements as sent that have nothing left to do, and return their numbers."""
    return await store.finish_sent(write)
