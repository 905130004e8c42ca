"""Corrections and recalls: which copies they concern, and their rows in the ledger.

States: :mod:`bot.domain.change`.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, not_, or_, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.change import Change, ChangeKind, ChangeReport, Follow
from bot.domain.delivery import DeliveryState, Kind, Lane
from bot.storage import deliveries, tables, wake
from bot.storage.database import Read, Write
from bot.storage.dialect import insert

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

CHUNK = 1000
SOURCE, MADE = aliased(t.Delivery), aliased(t.Delivery)
COPIED = ("platform", "account", "address_id", "person_id", "part", "language", "zone", "introduce")


@dataclass(frozen=True, slots=True)
class Parts:
    """Of how many messages a copy is, and how many of these, the first, are files alone."""

    whole: int
    files: int = 0


ONE_PART = Parts(1)
PartsOf = Callable[[str, str, bool], Parts]
"""Parts of the newest words by platform, language, and whether it introduces."""


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
    return tuple(_change(row) for row in rows)


async def of_announcement(read: Read, announcement_id: int) -> tuple[Change, ...]:
    """Return all changes of an announcement, oldest first."""
    rows = await read.all(
        select(t.AnnouncementChange)
        .where(col(t.AnnouncementChange.announcement_id) == announcement_id)
        .order_by(col(t.AnnouncementChange.id))
    )
    return tuple(_change(row) for row in rows)


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


async def add_rows(write: Write, change: Change, parts_of: PartsOf) -> int:
    """Add the rows of the next copies that have none; return how many copies there were."""
    copies = await _next_copies(write, change)
    if not copies:
        return 0
    if change.kind is ChangeKind.CORRECT:
        await _add_edits(write, change, copies, parts_of)
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
    """A copy that arrived, and that the platform gave an id; with older words, to correct it."""
    arrived = and_(
        SOURCE.announcement_id == change.announcement_id,
        SOURCE.state == DeliveryState.DELIVERED.value,
        SOURCE.message_id != "",
    )
    if change.kind is ChangeKind.RECALL:
        return arrived
    return and_(arrived, SOURCE.revision < change.revision)


def _has_row(change: Change) -> Any:
    return exists().where(MADE.change_id == change.id, MADE.source_id == SOURCE.id)


async def _add_edits(
    write: Write, change: Change, copies: Sequence[Any], parts_of: PartsOf
) -> None:
    """Edit each part that the new words still have, remove the others, and send what is more.

    A file that stands by itself holds no words, so it is left alone.
    """
    standing = await _parts_standing(write, change, {one.address_id for one in copies})
    rows, more = [], []
    for one in copies:
        parts = parts_of(one.platform, one.language, one.introduce)
        wanted = parts.whole
        if one.part > parts.files:
            rows.append(_row(change, one, Kind.EDIT if one.part <= wanted else Kind.DELETE))
        if one.part == standing[one.address_id]:
            more += [_further(change, one, part) for part in range(one.part + 1, wanted + 1)]
    if rows:
        await write.execute(plain_insert(t.Delivery), rows)
    if more:
        await write.execute(insert(write, t.Delivery).on_conflict_do_nothing(), more)
    await write.count(
        update(t.Delivery)
        .where(col(t.Delivery.id).in_([one.id for one in copies]))
        .values(revision=change.revision)
    )


async def _parts_standing(read: Read, change: Change, addresses: set[int]) -> dict[int, int]:
    rows = await read.all(
        select(t.Delivery.address_id, func.max(t.Delivery.part).label("parts"))
        .where(
            col(t.Delivery.announcement_id) == change.announcement_id,
            col(t.Delivery.address_id).in_(addresses),
            col(t.Delivery.state) == DeliveryState.DELIVERED.value,
        )
        .group_by(t.Delivery.address_id)
    )
    return {row.address_id: int(row.parts) for row in rows}


def _row(change: Change, copy: Any, kind: Kind) -> dict[str, Any]:
    """The change of one copy; words are rendered when it is sent, as those of announcements."""
    return {
        **{name: getattr(copy, name) for name in COPIED},
        "lane": int(Lane.BULK),
        "kind": kind.value,
        "target": "" if kind is Kind.SEND else copy.message_id,
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


async def add_followers(write: Write, change: Change) -> int:
    """Add what follows for copies that were tried; return for how many.

    A correction is told in a new message, to all or where the copy could not be edited. A copy
    that could not be deleted says that it was withdrawn.
    """
    kind = Kind.SEND if change.kind is ChangeKind.CORRECT else Kind.EDIT
    tried = MADE.kind == (Kind.EDIT if change.kind is ChangeKind.CORRECT else Kind.DELETE).value
    failed = MADE.state == DeliveryState.FAILED.value
    if change.kind is ChangeKind.CORRECT and change.follow is Follow.NONE:
        return 0
    if change.follow is Follow.ALL:
        failed = or_(failed, MADE.state == DeliveryState.DELIVERED.value)
    follows = aliased(t.Delivery)
    has_one = exists().where(
        follows.change_id == change.id,
        follows.source_id == SOURCE.id,
        follows.kind == kind.value,
    )
    copies = await write.all(
        select(SOURCE)
        .join(MADE, MADE.source_id == SOURCE.id)
        .where(MADE.change_id == change.id, tried, failed, not_(has_one))
        .where(SOURCE.part == 1 if kind is Kind.SEND else SOURCE.part > 0)
        .order_by(col(SOURCE.id))
        .limit(CHUNK)
    )
    if not copies:
        return 0
    await write.execute(plain_insert(t.Delivery), [_row(change, one, kind) for one in copies])
    write.wake(wake.LEDGER)
    return len(copies)


async def report(read: Read, change: Change) -> ChangeReport:
    """Return what became of ``change`` until now."""
    rows = await read.all(
        select(t.Delivery.kind, t.Delivery.state, func.count().label("copies"))
        .where(col(t.Delivery.change_id) == change.id)
        .group_by(t.Delivery.kind, t.Delivery.state)
    )
    counts = {(Kind(row.kind), row.state): int(row.copies) for row in rows}
    done = DeliveryState.DELIVERED.value
    recalls = change.kind is ChangeKind.RECALL
    changed = counts.get((Kind.DELETE, done), 0)
    changed += 0 if recalls else counts.get((Kind.EDIT, done), 0)
    return ChangeReport(
        change,
        waiting=sum(n for (_kind, state), n in counts.items() if state in deliveries.OPEN),
        done=changed,
        withdrawn=counts.get((Kind.EDIT, done), 0) if recalls else 0,
        told=counts.get((Kind.SEND, done), 0),
        failed=await _failed(read, change),
    )


async def _failed(read: Read, change: Change) -> tuple[tuple[str, str, str], ...]:
    """Return (reason, platform, whom) of copies that stand as they were, unconfirmed ones too."""
    first = Kind.EDIT if change.kind is ChangeKind.CORRECT else Kind.DELETE
    rows = await read.all(
        select(t.Delivery.reason, t.Delivery.platform, t.Person.email, t.Room.title, t.Address.chat)
        .join(t.Address, col(t.Address.id) == col(t.Delivery.address_id))
        .outerjoin(t.Room, col(t.Room.address_id) == col(t.Delivery.address_id))
        .outerjoin(t.Person, col(t.Person.id) == col(t.Delivery.person_id))
        .where(
            or_(
                and_(
                    col(t.Delivery.change_id) == change.id,
                    col(t.Delivery.kind) == first.value,
                    col(t.Delivery.state).in_(_NOT_DONE),
                    col(t.Delivery.reason) != "superseded",
                ),
                and_(
                    col(t.Delivery.announcement_id) == change.announcement_id,
                    col(t.Delivery.state) == DeliveryState.UNCONFIRMED.value,
                    col(t.Delivery.revision) <= change.revision,
                ),
            )
        )
        .order_by(col(t.Delivery.id))
    )
    return tuple((row.reason, row.platform, row.email or row.title or row.chat) for row in rows)


_NOT_DONE = (
    DeliveryState.FAILED.value,
    DeliveryState.UNCONFIRMED.value,
    DeliveryState.SKIPPED.value,
)


def _change(row: Any) -> Change:
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
