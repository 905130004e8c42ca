"""Local wall time and a zone become an instant; the awkward hours are decided here.

* In a gap (a clock goes forward) the wall time does not exist: it becomes the instant
  that many minutes after the gap began, so 02:30 reads 03:30, as calendars do.
* In a repeat (a clock goes back) the first of the two is meant.
"""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.event import EventTime


def zone_named(name: str) -> ZoneInfo:
    """Return the zone with the IANA ``name``.

    Raises:
        ValueError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"unknown time zone {name!r}; write it as Continent/City") from None


def to_instant(local: datetime, zone: str) -> datetime:
    """Return the aware UTC instant of naive wall time ``local`` in ``zone``.

    Raises:
        ValueError: ``local`` carries an offset already, or ``zone`` is unknown.
    """
    if local.tzinfo is not None:
        raise ValueError("wall time must not carry an offset")
    return local.replace(tzinfo=zone_named(zone), fold=0).astimezone(UTC)


def event_time(value: datetime | date, zone: str) -> EventTime:
    """Return when ``value`` is: aware or naive datetimes and bare dates are all understood."""
    if not isinstance(value, datetime):
        return EventTime(value, zone, to_instant(datetime.combine(value, time()), zone))
    if value.tzinfo is not None:
        local = value.astimezone(zone_named(zone)).replace(tzinfo=None)
        return EventTime(local, zone, value.astimezone(UTC))
    return EventTime(value, zone, to_instant(value, zone))
