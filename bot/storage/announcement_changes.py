"""Corrections and recalls: which copies they concern, and their rows in the ledger.

States: :mod:`bot.domain.change`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, not_, or_, select, tuple_, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.change import Change, ChangeKind, Follow
from bot.domain.delivery import DeliveryState, Kind, Lane
from bot.storage import deliveries, tables, wake
from bot.storage.announcement_layout import ONE_PART, PartsBy
from bot.storage.database import Read, Write
from bot.storage.dialect import insert

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

CHUNK = 1000
SUPERSEDED = "superseded"
SOURCE, MADE, REMOVED = aliased(t.Delivery), aliased(t.Delivery), aliased(t.Delivery)
THEIRS, THERE = aliased(t.Account), aliased(t.Address)
COPIED = ("platform", "account", "address_id", "person_id", "part", "language", "zone", "introduce")


async def add(write: Write, change: Change) -> int:
    """Store ``change`` and return its id; its own is ignored."""
    number: int = await write.scalar(
        plain_insert(t.AnnouncementChange)
        .values(
            announcement_id=change.announcement_id,
            kind=change.kind.value,
            follow=change.follow.value,
            revision=change.revision,
            state="open",
            created_by=change.created_by,
            created_at=change.created_at,
        )
        .returning(t.AnnouncementChange.id)
    )
    return number


async def open_ones(read: Read) -> tuple[Change, ...]:
    """Return the changes that are not done, oldest first."""
    rows = await read.all(
        select(t.AnnouncementChange)
        .where(col(t.AnnouncementChange.state) == "open")
        .order_by(col(t.AnnouncementChange.id))
    )
    return tuple(change_of(row) for row in rows)


async def of_announcement(read: Read, announcement_id: int) -> tuple[Change, ...]:
    """Return all changes of an announcement, oldest first."""
    rows = await read.all(
        select(t.AnnouncementChange)
        .where(col(t.AnnouncementChange.announcement_id) == announcement_id)
        .order_by(col(t.AnnouncementChange.id))
    )
    return tuple(change_of(row) for row in rows)


async def follow_of(read: Read, change_id: int) -> Follow:
    """Return who was to be told of the change."""
    row = await read.first(
        select(t.AnnouncementChange.follow).where(col(t.AnnouncementChange.id) == change_id)
    )
    return Follow(row.follow) if row else Follow.NONE


async def kind_of(read: Read, change_id: int) -> ChangeKind | None:
    """Return what the change does, None if there is no such change."""
    row = await read.first(
        select(t.AnnouncementChange.kind).where(col(t.AnnouncementChange.id) == change_id)
    )
    return ChangeKind(row.kind) if row else None


async def finish(write: Write, change: Change, at: datetime) -> None:
    """Note that every copy was tried."""
    await write.count(
        update(t.AnnouncementChange)
        .where(col(t.AnnouncementChange.id) == change.id)
        .values(state="done", finished_at=at)
    )


async def tell_by(write: Write, change: Change, announcement_id: int) -> None:
    """Note which announcement tells the corrected words anew."""
    await write.count(
        update(t.AnnouncementChange)
        .where(col(t.AnnouncementChange.id) == change.id)
        .values(telling_id=announcement_id)
    )


async def end_corrections(write: Write, announcement_id: int, at: datetime) -> None:
    """End the corrections of an announcement: a newer change does what they have left to do."""
    await write.count(
        update(t.AnnouncementChange)
        .where(
            col(t.AnnouncementChange.announcement_id) == announcement_id,
            col(t.AnnouncementChange.kind) == ChangeKind.CORRECT.value,
            col(t.AnnouncementChange.state) == "open",
        )
        .values(state="done", finished_at=at)
    )


async def settle_earlier(write: Write, change: Change, at: datetime) -> bool:
    """Skip what earlier changes have left; return whether something of theirs is on its way.

    A removal that they had begun must be over before anybody looks at what stands in a chat.
    """
    earlier = select(t.AnnouncementChange.id).where(
        col(t.AnnouncementChange.announcement_id) == change.announcement_id,
        col(t.AnnouncementChange.id) < change.id,
    )
    await write.count(
        update(t.Delivery)
        .where(
            col(t.Delivery.change_id).in_(earlier),
            col(t.Delivery.state) == DeliveryState.PENDING.value,
        )
        .values(state=DeliveryState.SKIPPED.value, reason=SUPERSEDED, finished_at=at)
    )
    left = select(t.Delivery.id).where(
        col(t.Delivery.change_id).in_(earlier), col(t.Delivery.state).in_(deliveries.OPEN)
    )
    return await write.first(left.limit(1)) is not None


async def is_under_way(read: Read, change: Change, reconciled: Collection[str]) -> bool:
    """Return whether a copy may be about to arrive that this change will concern.

    On the platforms ``reconciled`` an unconfirmed one may still turn out to have arrived.
    """
    on_its_way = or_(
        col(t.Delivery.state).in_((DeliveryState.CLAIMED.value, DeliveryState.SENDING.value)),
        and_(col(t.Delivery.platform).in_(reconciled), deliveries.is_looked_for(t.Delivery)),
    )
    older = col(t.Delivery.revision) < change.revision
    if change.kind is ChangeKind.RECALL:
        older = col(t.Delivery.revision) <= change.revision
    found = select(t.Delivery.id).where(
        col(t.Delivery.announcement_id) == change.announcement_id,
        on_its_way,
        older,
    )
    return await read.first(found.limit(1)) is not None


async def has_open_rows(read: Read, change: Change) -> bool:
    """Return whether a row of the change has something left to do."""
    found = select(t.Delivery.id).where(
        col(t.Delivery.change_id) == change.id, col(t.Delivery.state).in_(deliveries.OPEN)
    )
    return await read.first(found.limit(1)) is not None


async def add_rows(write: Write, change: Change, parts: PartsBy) -> int:
    """Add the rows of the next copies that have none; return how many copies there were."""
    copies = await _next_copies(write, change)
    if not copies:
        return 0
    if change.kind is ChangeKind.CORRECT:
        await _add_edits(write, change, copies, parts)
    else:
        rows = [_row(change, one, Kind.DELETE) for one in copies]
        await write.execute(plain_insert(t.Delivery), rows)
    write.wake(wake.LEDGER)
    return len(copies)


async def _next_copies(read: Read, change: Change) -> Sequence[Any]:
    """Return copies without a row: on from the last one, then those that arrived meanwhile."""
    last: int = await read.scalar(
        select(func.coalesce(func.max(MADE.source_id), 0)).where(MADE.change_id == change.id)
    )
    which = select(SOURCE).where(_is_concerned(change)).order_by(col(SOURCE.id)).limit(CHUNK)
    found = await read.all(which.where(SOURCE.id > last))
    return found or await read.all(which.where(~_has_row(change)))


def _is_concerned(change: Change) -> Any:
    """A copy that stands in a chat, and that the platform gave an id; with older words."""
    stands = and_(
        SOURCE.announcement_id == change.announcement_id,
        SOURCE.state == DeliveryState.DELIVERED.value,
        SOURCE.message_id != "",
        ~_is_removed(SOURCE, change),
    )
    if change.kind is ChangeKind.RECALL:
        return stands
    return and_(stands, SOURCE.revision < change.revision)


def _is_removed(row: Any, change: Change) -> Any:
    """A correction with fewer parts has deleted the message.

    The changes are named because the index begins with them: by the source alone, each copy
    would look through all rows of all changes.
    """
    changes = select(t.AnnouncementChange.id).where(
        col(t.AnnouncementChange.announcement_id) == change.announcement_id
    )
    return exists().where(
        REMOVED.change_id.is_not(None),
        REMOVED.change_id.in_(changes),
        REMOVED.source_id == row.id,
        REMOVED.kind == Kind.DELETE.value,
        REMOVED.state == DeliveryState.DELIVERED.value,
        REMOVED.target == row.message_id,
    )


def _has_row(change: Change) -> Any:
    return exists().where(MADE.change_id == change.id, MADE.source_id == SOURCE.id)


async def _add_edits(write: Write, change: Change, copies: Sequence[Any], parts: PartsBy) -> None:
    """Edit each part that the new words still have, remove the others, and send what is more.

    A file that stands by itself holds no words, so it is left alone.
    """
    addresses = {one.address_id for one in copies}
    standing = await _parts_standing(write, change, addresses)
    rows, more = [], []
    for one in copies:
        of_copy = parts.get((one.platform, one.language, one.introduce), ONE_PART)
        if one.part > of_copy.files:
            rows.append(_row(change, one, Kind.EDIT if one.part <= of_copy.whole else Kind.DELETE))
        if one.part == standing[one.address_id]:
            more += [_further(change, one, n) for n in range(one.part + 1, of_copy.whole + 1)]
    if rows:
        await write.execute(plain_insert(t.Delivery), rows)
    if more:
        await _bring_back(write, change, more)
        await write.execute(insert(write, t.Delivery).on_conflict_do_nothing(), more)
    await write.count(
        update(t.Delivery)
        .where(col(t.Delivery.id).in_([one.id for one in copies]))
        .values(revision=change.revision)
    )


async def _bring_back(write: Write, change: Change, more: Sequence[dict[str, Any]]) -> None:
    """Let parts go out again that an earlier correction had removed."""
    await write.count(
        update(t.Delivery)
        .where(
            col(t.Delivery.announcement_id) == change.announcement_id,
            tuple_(col(t.Delivery.address_id), col(t.Delivery.part)).in_(
                [(one["address_id"], one["part"]) for one in more]
            ),
            col(t.Delivery.state) == DeliveryState.DELIVERED.value,
            _is_removed(t.Delivery, change),
        )
        .values(
            state=DeliveryState.PENDING.value,
            message_id="",
            finished_at=None,
            revision=change.revision,
        )
    )


async def _parts_standing(read: Read, change: Change, addresses: set[int]) -> dict[int, int]:
    rows = await read.all(
        select(SOURCE.address_id, func.max(SOURCE.part).label("parts"))
        .where(
            SOURCE.announcement_id == change.announcement_id,
            SOURCE.address_id.in_(addresses),
            SOURCE.state == DeliveryState.DELIVERED.value,
            ~_is_removed(SOURCE, change),
        )
        .group_by(SOURCE.address_id)
    )
    return {row.address_id: int(row.parts) for row in rows}


def _row(change: Change, copy: Any, kind: Kind) -> dict[str, Any]:
    """The change of one copy; words are rendered when it is sent, as those of announcements."""
    return {
        **{name: getattr(copy, name) for name in COPIED},
        "lane": int(Lane.CHANGES),
        "kind": kind.value,
        "target": copy.message_id,
        "payload": {} if kind is Kind.DELETE else None,
        "change_id": change.id,
        "source_id": copy.id,
        "revision": change.revision,
    }


def _further(change: Change, copy: Any, part: int) -> dict[str, Any]:
    """A part that the words have now and did not have: it goes out as one of the announcement."""
    return {
        **{name: getattr(copy, name) for name in COPIED},
        "lane": int(Lane.BULK),
        "part": part,
        "announcement_id": change.announcement_id,
        "revision": change.revision,
    }


async def add_withdrawn(write: Write, change: Change) -> int:
    """Let copies that could not be deleted say that they were withdrawn; return how many."""
    follows = aliased(t.Delivery)
    has_one = exists().where(
        follows.change_id == change.id,
        follows.source_id == SOURCE.id,
        follows.kind == Kind.EDIT.value,
    )
    copies = await write.all(
        select(SOURCE)
        .join(MADE, MADE.source_id == SOURCE.id)
        .where(
            MADE.change_id == change.id,
            MADE.kind == Kind.DELETE.value,
            MADE.state == DeliveryState.FAILED.value,
            not_(has_one),
        )
        .order_by(col(SOURCE.id))
        .limit(CHUNK)
    )
    if not copies:
        return 0
    await write.execute(plain_insert(t.Delivery), [_row(change, one, Kind.EDIT) for one in copies])
    write.wake(wake.LEDGER)
    return len(copies)


def change_of(row: Any) -> Change:
    """Return the change that stands in ``row``."""
    return Change(
        id=row.id,
        announcement_id=row.announcement_id,
        kind=ChangeKind(row.kind),
        follow=Follow(row.follow),
        revision=row.revision,
        is_open=row.state == "open",
        created_by=row.created_by,
        created_at=row.created_at,
    )
