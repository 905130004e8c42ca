"""The tables. Only this package imports them; everybody else sees domain values.

Instants are aware UTC (SQLModel refuses naive ones); what was *meant* (wall time and
zone) stands beside them as text. States are strings, checked in Python, because enums
are stored differently by each database. Names of constraints follow one convention so
that Alembic can change them on SQLite as well.
"""

from bot.storage.tables.base import Table
from bot.storage.tables.conferences import Conference, Entry, Event, EventSeats, Rsvp, Session
from bot.storage.tables.messages import (
    Acknowledgement,
    Announcement,
    AnnouncementBody,
    AnnouncementCard,
    AnnouncementChange,
    AnnouncementFile,
    AnnouncementReply,
    AnnouncementWording,
    Delivery,
    Dialog,
    Inbox,
    Question,
    ReachedByHand,
)
from bot.storage.tables.people import (
    Account,
    Erasure,
    Invite,
    JoinRequest,
    LinkCode,
    Organisation,
    Person,
    PersonMute,
    PersonTag,
    Staff,
)
from bot.storage.tables.places import Address, Room, RoomAnswer, RoomCard
from bot.storage.tables.upkeep import Audit, DueMark, KeyValue, Lease

__all__ = [
    "Account",
    "Acknowledgement",
    "Address",
    "Announcement",
    "AnnouncementBody",
    "AnnouncementCard",
    "AnnouncementChange",
    "AnnouncementFile",
    "AnnouncementReply",
    "AnnouncementWording",
    "Audit",
    "Conference",
    "Delivery",
    "Dialog",
    "DueMark",
    "Entry",
    "Erasure",
    "Event",
    "EventSeats",
    "Inbox",
    "Invite",
    "JoinRequest",
    "KeyValue",
    "Lease",
    "LinkCode",
    "Organisation",
    "Person",
    "PersonMute",
    "PersonTag",
    "Question",
    "ReachedByHand",
    "Room",
    "RoomAnswer",
    "RoomCard",
    "Rsvp",
    "Session",
    "Staff",
    "Table",
]
