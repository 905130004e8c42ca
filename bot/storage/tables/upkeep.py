"""What the program keeps about itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text
from sqlmodel import Field

from bot.storage.tables.base import Table


class Lease(Table, table=True):
    """Who may do something alone, until ``expires`` in the database's own epoch seconds."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    holder: str
    epoch: int
    expires: float


class DueMark(Table, table=True):
    """Up to when the waiting copies of an account were judged: in time, or held as late.

    Calendar time. See :mod:`bot.storage.late_copies`.
    """

    __tablename__ = "due_mark"
    platform: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    until: datetime


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
