"""Where messages appear: direct chats and rooms, and the cards in rooms."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from bot.storage.tables.base import BIG_ID, Table


class Address(Table, table=True):
    """A direct chat (``account_id`` set) or a room. ``unreachable`` is a reason, or ``""``.

    ``introduced_at``: since when whoever reads there knows who writes to them and why.
    """

    __tablename__ = "address"
    __table_args__ = (UniqueConstraint("platform", "account", "chat", "thread"),)
    id: int | None = Field(default=None, primary_key=True)
    platform: str
    account: str
    chat: str
    thread: str = ""
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    unreachable: str = ""
    introduced_at: datetime | None = None


class Room(Table, table=True):
    """A group or channel that the bot was let into; ``name`` is its name in audiences.

    ``title`` is the platform's and may change, ``name`` is ours and stays.
    """

    __tablename__ = "room"
    id: int | None = Field(default=None, primary_key=True)
    address_id: int = Field(foreign_key="address.id", unique=True)
    name: str = Field(unique=True)
    title: str = ""
    language: str = ""
    active: bool = True
    added_by: int | None = Field(default=None, foreign_key="account.id")
    added_at: datetime


class RoomCard(Table, table=True):
    """The one card of an event in a room; ``message_id`` is ``""`` until it was delivered.

    ``address_id`` is the room's, ``thread`` where in it the card stands since
    ``posted_epoch``; ``delivery_id`` is the ledger row that showed it last. ``changed``
    counts what would change it, ``shown`` is the count it was last rendered at,
    ``shown_epoch`` when that was (real seconds).
    """

    __tablename__ = "room_card"
    __table_args__ = (UniqueConstraint("address_id", "event_id"),)
    id: int | None = Field(default=None, primary_key=True)
    address_id: int = Field(foreign_key="address.id")
    event_id: int = Field(foreign_key="event.id", index=True)
    thread: str = ""
    message_id: str = ""
    delivery_id: int | None = Field(default=None, foreign_key="delivery.id", sa_type=BIG_ID)
    posted_epoch: float = 0.0
    changed: int = 0
    shown: int = 0
    shown_epoch: float = 0.0


class RoomAnswer(Table, table=True):
    """Somebody answered an event in a room: its card shows their answer, whatever it is now."""

    __tablename__ = "room_answer"
    address_id: int = Field(foreign_key="address.id", primary_key=True)
    event_id: int = Field(foreign_key="event.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True)
