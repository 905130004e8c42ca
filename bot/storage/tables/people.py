"""Organisations, people, and how they join."""

from datetime import datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from bot.storage.tables.base import Table


class Organisation(Table, table=True):
    """A member organisation. ``names`` by language; ``""`` is the roster's own form.

    Quiet hours and ``days`` (see ``bot.domain.rest``) are for its people who chose none.
    """

    __tablename__ = "organisation"
    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    names: dict[str, str] = Field(sa_type=JSON)
    country: str = ""
    quiet_from: str = ""
    quiet_until: str = ""
    days: str = ""


class Person(Table, table=True):
    """A contact or a member of staff, known by e-mail address.

    ``locale`` and ``timezone`` are the roster's; ``language``, ``zone``, ``preferred`` (a
    platform), the quiet hours (``HH:MM`` in the person's zone, both or neither; ``-`` is the
    choice to have none) and the ``days`` are what the person chose, and no import changes them.
    """

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
    zone: str = ""
    preferred: str = ""
    quiet_from: str = ""
    quiet_until: str = ""
    days: str = ""


class PersonMute(Table, table=True):
    """A topic that a person does not want to read about."""

    __tablename__ = "person_mute"
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    topic: str = Field(primary_key=True)


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
    zone: str = ""
    linked_by: str = ""
    linked_at: datetime | None = None


class Invite(Table, table=True):
    """A one-time way for a person of the roster to link an account; the token is hashed."""

    __tablename__ = "invite"
    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    created_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    account_id: int | None = Field(default=None, foreign_key="account.id")
    revoked_at: datetime | None = None


class LinkCode(Table, table=True):
    """A one-time code shown to ``account_id``; ``claimed_by`` typed it on another messenger."""

    __tablename__ = "link_code"
    id: int | None = Field(default=None, primary_key=True)
    code_hash: str = Field(unique=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    created_at: datetime
    expires_at: datetime
    claimed_by: int | None = Field(default=None, foreign_key="account.id")
    claimed_at: datetime | None = None
    ended_at: datetime | None = None


class JoinRequest(Table, table=True):
    """Somebody unknown said who they are; staff decide. ``state``: waiting, approved, refused."""

    __tablename__ = "join_request"
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    name: str = ""
    organisation: str = ""
    email: str = ""
    state: str = Field(default="waiting", index=True)
    asked_at: datetime
    decided_at: datetime | None = None
    decided_by: str = ""
    person_id: int | None = Field(default=None, foreign_key="person.id")


class Erasure(Table, table=True):
    """Somebody had their data deleted: only a keyed hash of their address is left of them."""

    __tablename__ = "erasure"
    email_hash: str = Field(primary_key=True)
    at: datetime
