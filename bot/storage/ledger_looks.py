"""Looking into the ledger by chat or message, so that an index with a condition is used.

Copies of announcements are most of the ledger and in few of its indexes (decision 0047).
"""

from typing import Any

from sqlalchemy import and_, literal_column, select
from sqlmodel import col

from bot.storage import tables

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

NO_MESSAGE: Any = literal_column("''")
"""Written out, or no database sees that ``ix_delivery_message`` holds what is looked for."""


def at_address(address_id: Any) -> tuple[Any, Any]:
    """Return the conditions on rows of a chat: what is no copy of an announcement, and copies.

    Two, for two statements: each is a look into an index, both at once would read the ledger.
    """
    here = col(t.Delivery.address_id) == address_id
    copies = col(t.Delivery.announcement_id).in_(select(t.Announcement.id))
    return and_(here, col(t.Delivery.announcement_id).is_(None)), and_(here, copies)


def has_message() -> Any:
    """Return the condition on rows that made a message; ``ix_delivery_message`` holds those."""
    return col(t.Delivery.message_id) != NO_MESSAGE


def is_message(message_id: str) -> Any:
    """Return the condition on the row that made the message, quick beside its address."""
    return and_(col(t.Delivery.message_id) == message_id, has_message())
