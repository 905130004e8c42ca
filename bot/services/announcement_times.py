"""When announcements are due: planned, moved with their events, and come again."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.announcement import Announcement, AnnouncementState, Plan
from bot.domain.event import Event, EventTime
from bot.domain.refusal import Refusal
from bot.domain.timing import Due, Timing, before_event, next_time
from bot.domain.zoned import to_instant, zone_named
from bot.services import conferences
from bot.storage import announcement_files, preferences
from bot.storage import announcements as store
from bot.storage import conferences as events
from bot.storage.database import Read, Write

PAST_TOLERANCE = timedelta(minutes=1)
"""An instant that is past by no more than this means now: somebody typed while it passed."""
WITHOUT_DATE = ("cancelled", "postponed")
"""What comes before such an event waits, whatever date is still written down for it."""
LONGEST_BEFORE = timedelta(days=3660)


def at_instant(due: datetime | None, zone: str, now: datetime) -> Due:
    """Return the plan for one moment; None is now.

    Raises:
        Refusal: it has passed.
    """
    if due is not None and due < now - PAST_TOLERANCE:
        raise Refusal("refusal.announcement-past", due=due.isoformat(timespec="minutes"))
    at = max(due or now, now)
    return Due(at, _wall_time(at, zone), zone)


async def on_readers_clocks(read: Read, local: datetime, zone: str, now: datetime) -> Due:
    """Return the plan for a wall time on each reader's own clock: it begins where it is first.

    Raises:
        Refusal: it has passed in every zone that somebody lives in.
    """
    instants = [to_instant(local, one) for one in await preferences.zones(read, zone)]
    if max(instants) < now - PAST_TOLERANCE:
        raise Refusal("refusal.announcement-past", due=local.isoformat(" ", "minutes"))
    return Due(max(min(instants), now), local, zone)


async def before(
    read: Read, slug: str, early: timedelta, zone: str, now: datetime
) -> tuple[Event, Due]:
    """Return the event, and the plan for so long before it.

    Raises:
        Refusal: there is no such event, or that moment has passed.
    """
    event = await conferences.event_named(read, slug)
    if not timedelta() <= early <= LONGEST_BEFORE:
        raise Refusal("refusal.announcement-before", limit=LONGEST_BEFORE.days)
    due = before_event(_start_of(event), early, zone)
    if due.at < now - PAST_TOLERANCE:
        raise Refusal("refusal.announcement-past", due=due.local.isoformat(" ", "minutes"))
    return event, due


async def planned_again(read: Read, announcement: Announcement, now: datetime) -> Due | None:
    """Return when it is due by what is known now, None if nothing has changed."""
    due = None
    if announcement.timing is Timing.EVENT:
        event = await events.event_by_slug(read, announcement.before_event)
        start = _start_of(event) if event else None
        due = before_event(start, announcement.before, announcement.zone)
    elif announcement.timing is Timing.READER:
        local, zone = announcement.due_local, announcement.zone
        due = await on_readers_clocks(read, local, zone, now)
    if due is None or (due.at, due.local) == (announcement.due, announcement.due_local):
        return None
    return due


async def moved_by_events(read: Read) -> tuple[tuple[Plan, Due], ...]:
    """Return what is due elsewhen now, because the event that it comes before has moved.

    Asked every few seconds, of thousands at once: the events are read once, no words at all.
    """
    plans = await store.planned_before_events(read)
    if not plans:
        return ()
    starts = {event.slug: _start_of(event) for event in await events.all_events(read)}
    found = [(one, before_event(starts.get(one.event), one.before, one.zone)) for one in plans]
    return tuple(
        (one, due) for one, due in found if (due.at, due.local) != (one.due, one.due_local)
    )


async def follow_events(write: Write) -> tuple[tuple[Plan, Due], ...]:
    """Move what comes before an event that has moved; return what is due elsewhen now."""
    moved = await moved_by_events(write)
    for plan, due in moved:
        await store.set_due(write, plan.id, due)
    return moved


async def repeat(write: Write, announcement: Announcement, now: datetime) -> int | None:
    """Schedule the next one of a series; return its number, None if there is none.

    One that a long downtime has passed over is left out: the last of them is asked about.
    """
    if announcement.repeat is None:
        return None
    series = announcement.series or announcement.id
    first = announcement
    if announcement.series is not None:
        first = await store.find(write, series) or announcement
    passed = max(announcement.due_local, _wall_time(now, announcement.zone))
    local = next_time(first.due_local, announcement.repeat, passed, announcement.repeat_until)
    if local is None or await store.has_in_series(write, series, local):
        return None
    if announcement.timing is Timing.READER:
        due = await on_readers_clocks(write, local, announcement.zone, now)
    else:
        due = Due(to_instant(local, announcement.zone), local, announcement.zone)
    event = await events.event_by_slug(write, announcement.rsvp_event)
    again = replace(
        announcement,
        state=AnnouncementState.SCHEDULED,
        due=due.at,
        due_local=due.local,
        series=series,
        late_until=_moved_along(announcement, due),
    )
    number = await store.add(write, again, event.id if event else None, now)
    await announcement_files.copy(write, announcement.id, number)
    return number


def _moved_along(announcement: Announcement, due: Due) -> datetime | None:
    if announcement.late_until is None:
        return None
    return due.at + (announcement.late_until - announcement.due)


def _start_of(event: Event) -> EventTime | None:
    return None if event.status in WITHOUT_DATE else event.start


def _wall_time(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(zone_named(zone)).replace(tzinfo=None)
