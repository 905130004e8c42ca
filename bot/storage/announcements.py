"""Announcements and their words. States: ``bot.domain.announcement``."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, insert, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.announcement import MOVES, Announcement, AnnouncementState, Body, Plan
from bot.domain.change import Follow
from bot.domain.states import IllegalMove, check_move
from bot.domain.timing import Due, Repeat, Timing
from bot.storage import announcement_files, tables, wake
from bot.storage.codec import storable
from bot.storage.database import Read, Write

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

OPEN = ("pending", "claimed", "sending")
BEFORE, CORRECTED = aliased(t.Event), aliased(t.Announcement)


async def add(
    write: Write,
    draft: Announcement,
    event_id: int | None,
    now: datetime,
    before_event_id: int | None = None,
) -> int:
    """Store ``draft`` and return its id; the draft's own id is ignored."""
    announcement_id: int = await write.scalar(
        insert(t.Announcement)
        .values(
            title=storable(draft.title),
            state=draft.state.value,
            audience=draft.audience,
            due_at=draft.due,
            due_local=draft.due_local.isoformat(),
            zone=draft.zone,
            rsvp_event_id=event_id,
            topic=draft.topic,
            created_by=draft.created_by,
            created_at=now,
            freeze_cursor=0,
            timing=draft.timing.value,
            before_event_id=before_event_id,
            before_seconds=int(draft.before.total_seconds()),
            repeat=draft.repeat.value if draft.repeat else "",
            repeat_until=draft.repeat_until.isoformat() if draft.repeat_until else "",
            series_id=draft.series,
            late_until=draft.late_until,
            acknowledge=draft.acknowledge,
            chases_id=draft.chases,
        )
        .returning(t.Announcement.id)
    )
    for position, body in enumerate(draft.bodies):
        await add_body(write, announcement_id, body, position)
    return announcement_id


async def add_body(write: Write, announcement_id: int, body: Body, position: int) -> None:
    """Store the words in one language; those at position 0 are for all other readers."""
    await write.execute(
        insert(t.AnnouncementBody).values(
            announcement_id=announcement_id,
            language=body.language,
            position=position,
            title=storable(body.title),
            text=storable(body.text),
        )
    )


async def set_due(write: Write, announcement_id: int, due: Due) -> None:
    """Let what has not begun be due at another moment."""
    await write.count(
        update(t.Announcement)
        .where(col(t.Announcement.id) == announcement_id, col(t.Announcement.frozen_at).is_(None))
        .values(due_at=due.at, due_local=due.local.isoformat(), zone=due.zone)
    )


async def set_due_now(
    write: Write, announcement_id: int, now: datetime, due_local: datetime
) -> None:
    """Make a draft that was meant for "now" due at ``now``; one with an instant keeps it."""
    await write.count(
        update(t.Announcement)
        .where(
            col(t.Announcement.id) == announcement_id,
            col(t.Announcement.timing) == Timing.INSTANT.value,
            col(t.Announcement.due_at) <= col(t.Announcement.created_at),
        )
        .values(due_at=now, due_local=due_local.isoformat())
    )


async def find(read: Read, announcement_id: int) -> Announcement | None:
    """Return the announcement with its words, or None."""
    rows = await _load(read, _select().where(col(t.Announcement.id) == announcement_id))
    return rows[0] if rows else None


async def all_announcements(read: Read) -> tuple[Announcement, ...]:
    """Return all announcements, newest first."""
    return await _load(read, _select().order_by(col(t.Announcement.id).desc()))


async def due(read: Read, now: datetime) -> tuple[Announcement, ...]:
    """Return scheduled announcements whose instant has come, oldest first."""
    return await _load(
        read,
        _select()
        .where(
            col(t.Announcement.state) == AnnouncementState.SCHEDULED.value,
            col(t.Announcement.due_at) <= now,
        )
        .order_by(col(t.Announcement.due_at), col(t.Announcement.id)),
    )


async def any_due(read: Read, now: datetime) -> bool:
    """Return whether a scheduled announcement's instant has come."""
    due_now = select(t.Announcement.id).where(
        col(t.Announcement.state) == AnnouncementState.SCHEDULED.value,
        col(t.Announcement.due_at) <= now,
    )
    return await read.first(due_now.limit(1)) is not None


async def any_sending(read: Read) -> bool:
    """Return whether an announcement is being sent."""
    sending = select(t.Announcement.id).where(
        col(t.Announcement.state) == AnnouncementState.SENDING.value
    )
    return await read.first(sending.limit(1)) is not None


async def unfrozen(read: Read) -> tuple[Announcement, ...]:
    """Return announcements that are being sent and whose audience can be fixed now.

    One for those whose copy could not be edited waits until all edits were tried.
    """
    still_tried = and_(
        col(t.AnnouncementChange.follow) == Follow.FAILED.value,
        col(t.AnnouncementChange.state) == "open",
    )
    return await _load(
        read,
        _select().where(
            col(t.Announcement.state) == AnnouncementState.SENDING.value,
            col(t.Announcement.frozen_at).is_(None),
            or_(col(t.AnnouncementChange.id).is_(None), ~still_tried),
        ),
    )


async def planned_before_events(read: Read) -> tuple[Plan, ...]:
    """Return when everything is due that is scheduled for so long before an event."""
    columns = ("id", "due_at", "due_local", "zone", "before_seconds")
    rows = await read.all(
        select(*[getattr(t.Announcement, name) for name in columns], t.Event.slug)
        .join(t.Event, col(t.Event.id) == col(t.Announcement.before_event_id))
        .where(
            col(t.Announcement.state) == AnnouncementState.SCHEDULED.value,
            col(t.Announcement.timing) == Timing.EVENT.value,
        )
    )
    return tuple(
        Plan(
            row.id,
            row.due_at,
            datetime.fromisoformat(row.due_local),
            row.zone,
            row.slug,
            timedelta(seconds=row.before_seconds),
        )
        for row in rows
    )


async def open_to_latecomers(read: Read, now: datetime) -> tuple[Announcement, ...]:
    """Return what has begun and is for those as well who join until later than ``now``."""
    begun = (AnnouncementState.SENDING.value, AnnouncementState.SENT.value)
    return await _load(
        read,
        _select().where(
            col(t.Announcement.late_until) > now,
            col(t.Announcement.state).in_(begun),
            col(t.Announcement.frozen_at).is_not(None),
            col(t.Announcement.recalled_at).is_(None),
        ),
    )


async def has_in_series(read: Read, series: int, due_local: datetime) -> bool:
    """Return whether the series has one for this wall time already."""
    found = select(t.Announcement.id).where(
        col(t.Announcement.series_id) == series,
        col(t.Announcement.due_local) == due_local.isoformat(),
    )
    return await read.first(found) is not None


async def planned_in_series(read: Read, series: int) -> tuple[Announcement, ...]:
    """Return what is scheduled of the series."""
    return await _load(
        read,
        _select().where(
            col(t.Announcement.series_id) == series,
            col(t.Announcement.state) == AnnouncementState.SCHEDULED.value,
        ),
    )


async def telling_of(read: Read, announcement_id: int) -> tuple[Announcement, ...]:
    """Return the announcements that tell corrections of this one anew, oldest first."""
    return await _load(
        read,
        _select()
        .where(col(t.AnnouncementChange.announcement_id) == announcement_id)
        .order_by(col(t.Announcement.id)),
    )


async def event_ids(read: Read, announcement_id: int) -> tuple[int | None, int | None]:
    """Return the ids of the event whose buttons go with it, and of the one it comes before."""
    row = await read.first(
        select(t.Announcement.rsvp_event_id, t.Announcement.before_event_id).where(
            col(t.Announcement.id) == announcement_id
        )
    )
    return (row.rsvp_event_id, row.before_event_id) if row else (None, None)


async def hold(write: Write, announcement_id: int) -> None:
    """Let nobody else change the announcement until this transaction is over."""
    await write.first(
        select(t.Announcement.id).where(col(t.Announcement.id) == announcement_id).with_for_update()
    )


async def set_recalled(write: Write, announcement_id: int, at: datetime) -> None:
    """Note that staff took it back."""
    await write.count(
        update(t.Announcement)
        .where(col(t.Announcement.id) == announcement_id)
        .values(recalled_at=at)
    )


async def move(
    write: Write, announcement_id: int, state: AnnouncementState, wanted: AnnouncementState
) -> None:
    """Move the announcement from ``state`` to ``wanted``.

    Raises:
        IllegalMove: that is no legal move, or somebody else has moved it meanwhile.
    """
    check_move(MOVES, state, wanted)
    moved = await write.count(
        update(t.Announcement)
        .where(col(t.Announcement.id) == announcement_id, col(t.Announcement.state) == state.value)
        .values(state=wanted.value)
    )
    if moved != 1:
        raise IllegalMove(state, wanted)
    write.wake(wake.LEDGER)


async def finish_sent(write: Write) -> tuple[int, ...]:
    """Move to ``sent`` what has no delivery left to do, and return the ids."""
    unfinished = exists().where(
        col(t.Delivery.announcement_id) == t.Announcement.id, col(t.Delivery.state).in_(OPEN)
    )
    rows = await write.all(
        update(t.Announcement)
        .where(
            col(t.Announcement.state) == AnnouncementState.SENDING.value,
            col(t.Announcement.frozen_at).is_not(None),
            ~unfinished,
        )
        .values(state=AnnouncementState.SENT.value)
        .returning(t.Announcement.id)
    )
    return tuple(row.id for row in rows)


def _select() -> Select[Any]:
    return (
        select(
            t.Announcement,
            col(t.Event.slug).label("event_slug"),
            col(BEFORE.slug).label("before_slug"),
            exists()
            .where(col(t.AnnouncementFile.announcement_id) == t.Announcement.id)
            .label("has_files"),
            col(t.AnnouncementChange.announcement_id).label("corrects"),
            col(t.AnnouncementChange.id).label("change"),
            col(CORRECTED.chases_id).label("corrects_reminder"),
        )
        .outerjoin(
            t.AnnouncementChange,
            col(t.AnnouncementChange.telling_id) == col(t.Announcement.id),
        )
        .outerjoin(CORRECTED, col(CORRECTED.id) == col(t.AnnouncementChange.announcement_id))
        .outerjoin(t.Event, col(t.Event.id) == col(t.Announcement.rsvp_event_id))
        .outerjoin(BEFORE, col(BEFORE.id) == col(t.Announcement.before_event_id))
    )


async def _load(read: Read, statement: Select[Any]) -> tuple[Announcement, ...]:
    rows = await read.all(statement)
    wanted = [row.id for row in rows]
    if not wanted:
        return ()
    bodies = await read.all(
        select(t.AnnouncementBody)
        .where(col(t.AnnouncementBody.announcement_id).in_(wanted))
        .order_by(col(t.AnnouncementBody.position))
    )
    with_files = [row.id for row in rows if row.has_files]
    files = await announcement_files.notes(read, with_files) if with_files else {}
    return tuple(
        Announcement(
            id=row.id,
            title=row.title,
            state=AnnouncementState(row.state),
            audience=row.audience,
            due=row.due_at,
            due_local=datetime.fromisoformat(row.due_local),
            zone=row.zone,
            bodies=tuple(
                Body(one.language, one.title, one.text)
                for one in bodies
                if one.announcement_id == row.id
            ),
            rsvp_event=row.event_slug or "",
            topic=row.topic,
            created_by=row.created_by,
            frozen_at=row.frozen_at,
            timing=Timing(row.timing),
            before_event=row.before_slug or "",
            before=timedelta(seconds=row.before_seconds),
            repeat=Repeat(row.repeat) if row.repeat else None,
            repeat_until=date.fromisoformat(row.repeat_until) if row.repeat_until else None,
            series=row.series_id,
            late_until=row.late_until,
            acknowledge=row.acknowledge,
            revision=row.revision,
            chases=row.chases_id,
            corrects=row.corrects,
            confirms=row.corrects_reminder or row.corrects,
            change=row.change,
            recalled_at=row.recalled_at,
            files=files.get(row.id, ()),
        )
        for row in rows
    )
