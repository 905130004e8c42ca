"""What became of corrections and recalls."""

from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlmodel import col

from bot.domain.change import Change, ChangeKind, ChangeReport
from bot.domain.delivery import DeliveryState, Kind
from bot.storage import deliveries, tables
from bot.storage.announcement_changes import SUPERSEDED
from bot.storage.database import Read

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


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
    telling, arrived = await _told(read, change)
    return ChangeReport(
        change,
        waiting=sum(n for (_kind, state), n in counts.items() if state in deliveries.OPEN),
        done=changed,
        withdrawn=counts.get((Kind.EDIT, done), 0) if recalls else 0,
        told=arrived,
        told_by=telling,
        failed=await _failed(read, change),
    )


async def _told(read: Read, change: Change) -> tuple[int | None, int]:
    """Return the announcement that tells the correction anew, and how often it has arrived."""
    row = await read.first(
        select(
            t.Announcement.id,
            func.count(t.Delivery.id)
            .filter(col(t.Delivery.state) == DeliveryState.DELIVERED.value)
            .label("arrived"),
        )
        .outerjoin(
            t.Delivery,
            and_(
                col(t.Delivery.announcement_id) == col(t.Announcement.id),
                col(t.Delivery.part) == 1,
            ),
        )
        .join(t.AnnouncementChange, col(t.AnnouncementChange.telling_id) == col(t.Announcement.id))
        .where(col(t.AnnouncementChange.id) == change.id)
        .group_by(t.Announcement.id)
    )
    return (row.id, int(row.arrived)) if row else (None, 0)


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
                    col(t.Delivery.reason) != SUPERSEDED,
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
