"""The tables. Only this package imports them; everybody else sees domain values.

Instants are aware UTC (SQLModel refuses naive ones); what was *meant* (wall time and
zone) stands beside them as text. States are strings, checked in Python, because enums
are stored differently by each database. Names of constraints follow one convention so
that Alembic can change them on SQLite as well.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Index, Integer, MetaData, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BIG_ID = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on PostgreSQL; SQLite's own row id needs the plain word."""


class Table(SQLModel):
    """Base of all tables, with metadata of its own."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING)


class Organisation(Table, table=True):
    """A member organisation. ``names`` by language; ``""`` is the roster's own form."""

    __tablename__ = "organisation"
    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    names: dict[str, str] = Field(sa_type=JSON)
    country: str = ""


class Person(Table, table=True):
    """A contact or a member of staff, known by e-mail address."""

    __tablename__ = "person"
    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    names: dict[str, str] = Field(sa_type=JSON)
    title: str = ""
    family_name: str = ""
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    role: str = "contact"
    locale: str = ""
    language: str = ""
    timezone: str = ""
    stopped: bool = False


class PersonTag(Table, table=True):
    """A tag of a person, for audiences."""

    __tablename__ = "person_tag"
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    tag: str = Field(primary_key=True, index=True)


class Staff(Table, table=True):
    """A staff role, by e-mail address; granted at the prompt only."""

    __tablename__ = "staff"
    email: str = Field(primary_key=True)
    role: str
    granted_by: str
    granted_at: datetime


class Account(Table, table=True):
    """An account on a platform; ``person_id`` is NULL until somebody is linked to it."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("platform", "account", "user"),)
    id: int | None = Field(default=None, primary_key=True)
    platform: str
    account: str
    user: str
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    locale: str = ""
    name: str = ""


class Address(Table, table=True):
    """A direct chat (``account_id`` set) or a room. ``unreachable`` is a reason, or ``""``."""

    __tablename__ = "address"
    __table_args__ = (UniqueConstraint("platform", "account", "chat", "thread"),)
    id: int | None = Field(default=None, primary_key=True)
    platform: str
    account: str
    chat: str
    thread: str = ""
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    unreachable: str = ""


class Conference(Table, table=True):
    """An imported folder."""

    __tablename__ = "conference"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    imported_at: datetime


class Event(Table, table=True):
    """An event; ``start`` and ``end`` are the wall time as text, ``…_at`` the instants."""

    __tablename__ = "event"
    id: int | None = Field(default=None, primary_key=True)
    conference_id: int = Field(foreign_key="conference.id", index=True)
    slug: str = Field(unique=True)
    titles: dict[str, str] = Field(sa_type=JSON)
    aka: list[str] = Field(sa_type=JSON)
    status: str
    start: str = ""
    start_at: datetime | None = None
    end: str = ""
    end_at: datetime | None = None
    zone: str = "UTC"
    date_note: dict[str, str] = Field(sa_type=JSON)
    city: str = ""
    country: str = ""
    venue: str = ""
    reply_by: datetime | None = None
    facts: dict[str, Any] = Field(sa_type=JSON)
    source: str


class EventSeats(Table, table=True):
    """The event's counter row. Every change of seats updates it first (invariant 4)."""

    __tablename__ = "event_seats"
    event_id: int = Field(foreign_key="event.id", primary_key=True)
    capacity: int | None = None
    taken: int = 0
    next_place: int = 1


class Session(Table, table=True):
    """A session of a conference's programme."""

    __tablename__ = "session"
    __table_args__ = (UniqueConstraint("conference_id", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    conference_id: int = Field(foreign_key="conference.id", index=True)
    key: str
    title: str
    type: str = ""
    track: str = ""
    room: str = ""
    speakers: list[str] = Field(sa_type=JSON)
    start: str = ""
    start_at: datetime | None = None
    end: str = ""
    end_at: datetime | None = None
    zone: str = "UTC"
    abstract: str = Field(default="", sa_type=Text)
    source: str


class Entry(Table, table=True):
    """A passage that can answer a question."""

    __tablename__ = "entry"
    id: int | None = Field(default=None, primary_key=True)
    conference_id: int = Field(foreign_key="conference.id", index=True)
    source: str = Field(unique=True)
    headings: list[str] = Field(sa_type=JSON)
    body: str = Field(sa_type=Text)
    language: str = ""


class Rsvp(Table, table=True):
    """One person's answer to one event."""

    __tablename__ = "rsvp"
    __table_args__ = (
        UniqueConstraint("event_id", "person_id"),
        Index("ix_rsvp_queue", "event_id", "seat", "place"),
    )
    id: int | None = Field(default=None, primary_key=True)
    event_id: int = Field(foreign_key="event.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    answer: str
    seat: str
    seats: int = 1
    place: int | None = None
    answered_at: datetime


class Announcement(Table, table=True):
    """An announcement; ``due_local`` and ``zone`` are what was meant, ``due_at`` its instant."""

    __tablename__ = "announcement"
    __table_args__ = (Index("ix_announcement_due", "state", "due_at"),)
    id: int | None = Field(default=None, primary_key=True)
    title: str
    state: str
    audience: str = Field(sa_type=Text)
    due_at: datetime
    due_local: str
    zone: str
    rsvp_event_id: int | None = Field(default=None, foreign_key="event.id")
    created_by: str
    created_at: datetime
    freeze_cursor: int = 0
    frozen_at: datetime | None = None


class AnnouncementBody(Table, table=True):
    """An announcement's words in one language; ``position`` 0 is the default one."""

    __tablename__ = "announcement_body"
    announcement_id: int = Field(foreign_key="announcement.id", primary_key=True)
    language: str = Field(primary_key=True)
    position: int = 0
    title: str
    text: str = Field(sa_type=Text)


class Delivery(Table, table=True):
    """The ledger: one row a part and address. States: ``bot.domain.delivery``.

    Announcements are rendered when they are sent (``payload`` is NULL); replies carry
    their rendered part. ``epoch`` is the lease's number under which the row was claimed,
    ``later_since`` the epoch second since when its chat says "later" and nothing else.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("announcement_id", "address_id", "part"),
        UniqueConstraint("inbox_id", "ordinal", "part"),
        Index("ix_delivery_claim", "platform", "account", "lane", "state", "id"),
        Index("ix_delivery_tally", "announcement_id", "state"),
        Index("ix_delivery_address", "address_id", "lane", "state"),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    lane: int
    kind: str = "send"
    platform: str
    account: str
    address_id: int = Field(foreign_key="address.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    announcement_id: int | None = Field(default=None, foreign_key="announcement.id")
    inbox_id: int | None = Field(default=None, foreign_key="inbox.id", sa_type=BIG_ID)
    ordinal: int = 0
    part: int = 1
    language: str = ""
    zone: str = ""
    payload: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    summary: str = Field(default="", sa_type=Text)
    target: str = ""
    state: str = "pending"
    epoch: int = 0
    attempts: int = 0
    reason: str = ""
    message_id: str = ""
    sending_epoch: float = 0.0
    later_since: float = 0.0
    moves: int = 0
    finished_at: datetime | None = None


class Inbox(Table, table=True):
    """What reached us, before anybody acted on it."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("platform", "account", "delivery_id"),
        Index("ix_inbox_open", "state", "id"),
        Index(
            "ix_inbox_unfinished",
            "conversation",
            "id",
            sqlite_where=text("state IN ('new', 'claimed')"),
            postgresql_where=text("state IN ('new', 'claimed')"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    platform: str
    account: str
    delivery_id: str
    conversation: str
    payload: dict[str, Any] = Field(sa_type=JSON)
    state: str = "new"
    claimed_by: str = ""
    attempts: int = 0
    error: str = ""
    received_at: datetime
    handled_at: datetime | None = None


class Dialog(Table, table=True):
    """A conversation of several steps."""

    __tablename__ = "dialog"
    conversation: str = Field(primary_key=True)
    account_id: int = Field(foreign_key="account.id", primary_key=True)
    form: str
    step: str
    answers: dict[str, str] = Field(sa_type=JSON)
    version: int = 1
    expires_at: datetime


class Question(Table, table=True):
    """A question that the data could not answer; the secretariat sees it."""

    __tablename__ = "question"
    id: int | None = Field(default=None, primary_key=True)
    text: str = Field(sa_type=Text)
    account_id: int = Field(foreign_key="account.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    conversation: str
    state: str = "asked_secretariat"
    asked_at: datetime


class Lease(Table, table=True):
    """Who may do something alone, until ``expires`` in the database's own epoch seconds."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    holder: str
    epoch: int
    expires: float


class KeyValue(Table, table=True):
    """Small durable facts of adapters and of the program itself."""

    __tablename__ = "key_value"
    key: str = Field(primary_key=True)
    value: str = Field(sa_type=Text)


class Audit(Table, table=True):
    """Every staff action: who did what to which thing."""

    __tablename__ = "audit"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any] = Field(sa_type=JSON)
