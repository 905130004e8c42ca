"""Replies and notices become ledger rows, in the transaction of whatever caused them."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.adapters.abilities import LinksDirect, RemembersDirect, ShowsHome
from bot.adapters.base import Adapter, Part
from bot.domain.address import Address, MessageRef
from bot.domain.announcement import Announcement, Body
from bot.domain.delivery import Kind, Lane
from bot.domain.message import Message
from bot.domain.reader import Reader
from bot.i18n import best_language, texts_for
from bot.logs import current_trace
from bot.services.announcement_copies import standing_files
from bot.services.estimates import Estimates
from bot.services.introductions import Introductions
from bot.services.readers import Readers
from bot.services.sent_files import SentFiles
from bot.storage import accounts, deliveries, delivery_reports, linking, people
from bot.storage.database import Write
from bot.storage.key_values import beginning_of_keys
from bot.views.announcements import announcement_message

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cause:
    """What a row answers: an inbox row, and a number that keeps its replies apart.

    Attributes:
        person_id: Whom it is meant for, where that is not whoever sits in the chat: if it
            does not arrive, ``convoke gaps --undelivered`` names them.
    """

    inbox_id: int | None = None
    ordinal: int = 0
    person_id: int | None = None


class Outbox:
    """Writes messages into the ledger; the platform's adapter renders, purely."""

    def __init__(
        self, adapters: Mapping[str, Adapter], readers: Readers, introductions: Introductions
    ) -> None:
        """Render with ``adapters``, by platform."""
        self._adapters = adapters
        self._readers = readers
        self.introductions = introductions

    @property
    def readers(self) -> Readers:
        """In which language and zone people read."""
        return self._readers

    @property
    def estimates(self) -> Estimates:
        """What tells how long an announcement takes on these platforms."""
        return Estimates(
            {name: adapter.pace for name, adapter in self._adapters.items()},
            self._messages_of,
            {
                name: beginning_of_keys(name, one.opened_prefix)
                for name, one in self._adapters.items()
                if isinstance(one, RemembersDirect)
            },
        )

    @property
    def reconciled(self) -> frozenset[str]:
        """The platforms that can tell what became of a message."""
        return frozenset(name for name, one in self._adapters.items() if one.capabilities.reconcile)

    def _messages_of(self, announcement: Announcement) -> dict[str, int]:
        """Return of how many messages a copy is, in the language that takes the most.

        Fields stand as they were written, so it may be one more or less for a reader.
        """
        return {
            name: max(
                len(adapter.render(self._copy(announcement, body), Reader(body.language, "UTC")))
                for body in announcement.bodies
            )
            for name, adapter in self._adapters.items()
        }

    def _copy(self, announcement: Announcement, body: Body) -> Message:
        shown_in = best_language(body.language, default=self._readers.default_language)
        return announcement_message(
            body,
            texts_for(shown_in),
            signature=self.introductions.signature(shown_in),
            files=standing_files(announcement),
        )

    @property
    def sent_files(self) -> SentFiles:
        """The way to the bytes of what people sent us."""
        return SentFiles(self._adapters)

    def speaks(self, platform: str) -> bool:
        """Return whether an adapter of the platform is there."""
        return platform in self._adapters

    def direct_link(self, platform: str) -> str:
        """Return a web address that opens the direct chat with the bot, or ``""``."""
        adapter = self._adapters.get(platform)
        if adapter is not None and isinstance(adapter, LinksDirect):
            return adapter.direct_link()
        return ""

    async def send(
        self, write: Write, to: Address, message: Message, reader: Reader, cause: Cause
    ) -> None:
        """Queue a new message, one row a part."""
        address_id = await accounts.ensure_address(write, to)
        parts = self._adapters[to.platform].render(message, reader)
        rows = [
            _row(to, address_id, cause, part=number, payload=part.payload, summary=part.summary)
            for number, part in enumerate(parts, 1)
        ]
        await deliveries.enqueue(write, rows)

    async def put(
        self,
        write: Write,
        to: Address,
        part: Part,
        cause: Cause,
        *,
        target: str = "",
        lane: Lane = Lane.CONVERSATION,
    ) -> int:
        """Queue one part, or the change of our message ``target`` into it; return its row."""
        address_id = await accounts.ensure_address(write, to)
        row = _row(
            to, address_id, cause, part=1, payload=part.payload, summary=part.summary, lane=lane
        )
        if target:
            row |= {"kind": Kind.EDIT.value, "target": target}
        return await deliveries.add(write, row)

    async def edit(
        self,
        write: Write,
        ref: MessageRef,
        message: Message,
        reader: Reader,
        cause: Cause,
        *,
        lane: Lane = Lane.CONVERSATION,
    ) -> bool:
        """Queue the change of a message of ours.

        A long message stands in the chat as several parts, and only one of them is
        changed. If it would need more or fewer parts than stand there, nothing is changed,
        because words would be lost: then False is returned.
        """
        parts = self._adapters[ref.address.platform].render(message, reader)
        number, standing = await delivery_reports.part_at(write, ref)
        if len(parts) != standing:
            return False
        await self.put(write, ref.address, parts[number - 1], cause, target=ref.id, lane=lane)
        return True

    async def home(
        self, write: Write, to: Address, message: Message, reader: Reader, cause: Cause
    ) -> None:
        """Queue the page of whoever sits in the direct chat ``to``; nothing where there is none.

        One that is still waiting is replaced: the newest is what is shown.
        """
        adapter = self._adapters[to.platform]
        if not isinstance(adapter, ShowsHome):
            return
        part = adapter.render_home(message, reader)
        address_id = await accounts.ensure_address(write, to)
        row = _row(to, address_id, cause, part=1, payload=part.payload, summary=part.summary)
        await deliveries.enqueue(write, [{**row, "kind": Kind.HOME.value}])

    async def tell(
        self, write: Write, person_id: int, say: Callable[[Reader], Message], cause: Cause
    ) -> bool:
        """Queue a message to a person where they can be reached; False if nowhere."""
        person = await people.by_id(write, person_id)
        preferred = person.preferred if person else ""
        chats = await accounts.direct_addresses(write, person_id)
        for found in sorted(chats, key=lambda one: one.address.platform != preferred):
            if found.unreachable or not self.speaks(found.address.platform):
                continue
            reader = self._readers.of(person, found.locale)
            told = replace(cause, person_id=person_id)
            said = await self.introductions.added(write, found.address, say(reader), person, reader)
            await self.send(write, found.address, said, reader, told)
            return True
        log.warning("person %d is on no messenger and was not told", person_id)
        return False

    async def tell_account(
        self,
        write: Write,
        account_id: int,
        say: Callable[[Reader], Message],
        cause: Cause,
        *,
        introduces: bool = False,
    ) -> bool:
        """Queue a message to the direct chat of one account; False if it cannot be reached.

        Args:
            introduces: The message says who writes and why.
        """
        account = await linking.account(write, account_id)
        if account is None or not self.speaks(account.ref.platform):
            return False
        person = await people.by_id(write, account.person_id) if account.person_id else None
        known = await accounts.find(write, account.ref)
        reader = self._readers.of(person, known.locale if known else "")
        to = Address(account.ref.platform, account.ref.account, account.ref.user)
        told = replace(cause, person_id=account.person_id)
        said = say(reader)
        if introduces:
            await self.introductions.note(write, to)
        else:
            said = await self.introductions.added(write, to, said, person, reader)
        await self.send(write, to, said, reader, told)
        return True


async def queue_leaving(write: Write, room: Address) -> None:
    """Queue that the bot leaves a room."""
    address_id = await accounts.ensure_address(write, room)
    row = _row(room, address_id, Cause(), part=1, payload={}, summary="")
    await deliveries.add(write, {**row, "kind": Kind.LEAVE.value})


def _row(
    to: Address,
    address_id: int,
    cause: Cause,
    *,
    part: int,
    payload: Mapping[str, Any],
    summary: str,
    lane: Lane = Lane.CONVERSATION,
) -> dict[str, Any]:
    return {
        "lane": int(lane),
        "kind": Kind.SEND.value,
        "platform": to.platform,
        "account": to.account,
        "address_id": address_id,
        "inbox_id": cause.inbox_id,
        "person_id": cause.person_id,
        "ordinal": cause.ordinal,
        "part": part,
        "payload": dict(payload),
        "summary": summary,
        "target": "",
        "trace": current_trace(),
    }
