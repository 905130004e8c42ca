"""Conferences, their events and programmes, and the answers to invitations."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Text, UniqueConstraint
from sqlmodel import Field

from bot.storage.tables.base import Table


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
