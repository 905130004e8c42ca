"""Quiet hours in the ledger: what waits for the end of its reader's, and until when.

Freezing looks once, when the audience is fixed; what has not left when somebody's quiet
hours begin is put off then. A message whose first part has left is finished: half an
announcement at bedtime and the rest at breakfast would be worse than both at bedtime.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.announcement import AnnouncementState
from bot.domain.delivery import HELD, DeliveryState, Lane
from bot.storage import tables
from bot.storage.database import Read, Write

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

EARLIER = aliased(t.Delivery)  # an alias is costly to make

NOT_LEFT = (DeliveryState.PENDING.value, DeliveryState.CLAIMED.value)
LEFT = (DeliveryState.SENDING.value, DeliveryState.DELIVERED.value)

Ends = Mapping[tuple[str, str, str, str], datetime]
"""When the rest that is under way ends, by (zone, from, until, days)."""


def zone_of_person(default_zone: str) -> Any:
    """The person's zone: chosen, else the roster's, else the default."""
    return func.coalesce(
        func.nullif(t.Person.zone, ""), func.nullif(t.Person.timezone, ""), default_zone
    )


def rest_of_person() -> tuple[Any, Any, Any]:
    """Return (from, until, days): the person's own, else the organisation's, else ``""``.

    The query joins ``organisation``, from outside: not everybody has one.
    """
    own, theirs = t.Person, t.Organisation
    chose = own.quiet_from != ""
    return (
        case((chose, own.quiet_from), else_=func.coalesce(theirs.quiet_from, "")),
        case((chose, own.quiet_until), else_=func.coalesce(theirs.quiet_until, "")),
        case((own.days != "", own.days), else_=func.coalesce(theirs.days, "")),
    )


def rests(default_zone: str, rest: tuple[str, str, str, str]) -> Any:
    """Return the condition on a person, and their organisation: their rest is this one."""
    zone, *hours = rest
    same = zip(rest_of_person(), hours, strict=True)
    return and_(zone_of_person(default_zone) == zone, *(one == value for one, value in same))


async def about_to_leave(read: Read, ends: Ends, default_zone: str, now: datetime) -> Ends:
    """Return those of ``ends`` for whose people something is about to leave.

    What waits already is none of it: looking at it again and again would hold the writer.
    """
    being_sent = select(t.Announcement.id).where(
        col(t.Announcement.state) == AnnouncementState.SENDING.value
    )
    begin, until, days = rest_of_person()
    rows = await read.all(
        select(
            zone_of_person(default_zone).label("zone"),
            begin.label("begin"),
            until.label("until"),
            days.label("days"),
        )
        .select_from(t.Delivery)
        .join(t.Person, col(t.Person.id) == col(t.Delivery.person_id))
        .outerjoin(t.Organisation, col(t.Organisation.id) == col(t.Person.organisation_id))
        .where(
            col(t.Delivery.lane) == int(Lane.BULK),
            col(t.Delivery.state).in_(NOT_LEFT),
            col(t.Delivery.announcement_id).in_(being_sent),
            or_(col(t.Delivery.not_before).is_(None), col(t.Delivery.not_before) <= now),
        )
        .distinct()
    )
    found = {(row.zone, row.begin, row.until, row.days) for row in rows}
    return {rest: until for rest, until in ends.items() if rest in found}


async def put_off(
    write: Write, ends: Ends, default_zone: str, announcement_id: int | None = None
) -> int:
    """Let what has not left wait for the end of quiet hours under way; return how many do.

    A claimed row stays claimed: its sender finds, when it would mark it, that it has to wait.
    A row that waits longer keeps its instant.

    Args:
        announcement_id: Only what is left of this one, which may have been sent already.
    """
    being_sent = select(t.Announcement.id).where(
        col(t.Announcement.state) == AnnouncementState.SENDING.value
        if announcement_id is None
        else col(t.Announcement.id) == announcement_id
    )
    changed = 0
    for rest, until in ends.items():
        people = (
            select(t.Person.id)
            .outerjoin(t.Organisation, col(t.Organisation.id) == col(t.Person.organisation_id))
            .where(rests(default_zone, rest))
        )
        changed += await write.count(
            update(t.Delivery)
            .where(
                col(t.Delivery.lane) == int(Lane.BULK),
                col(t.Delivery.state).in_(NOT_LEFT),
                col(t.Delivery.announcement_id).in_(being_sent),
                col(t.Delivery.person_id).in_(people),
                or_(col(t.Delivery.not_before).is_(None), col(t.Delivery.not_before) < until),
                ~is_begun(),
            )
            .values(not_before=until)
        )
    return changed


def is_begun() -> Any:
    """Return the condition on rows whose message has left in part."""
    return exists().where(
        EARLIER.announcement_id == t.Delivery.announcement_id,
        EARLIER.address_id == t.Delivery.address_id,
        EARLIER.part < t.Delivery.part,
        col(EARLIER.state).in_(LEFT),
    )


async def waiting(read: Read, announcement_id: int, now: datetime) -> tuple[int, datetime | None]:
    """Return how many deliveries of it wait for the end of quiet hours, and until when at most."""
    row = await read.first(
        select(
            func.count().label("deliveries"), func.max(t.Delivery.not_before).label("until")
        ).where(
            col(t.Delivery.announcement_id) == announcement_id,
            col(t.Delivery.state).in_(NOT_LEFT),
            col(t.Delivery.not_before) > now,
            col(t.Delivery.not_before) < HELD,
        )
    )
    return (int(row.deliveries), row.until) if row else (0, None)
