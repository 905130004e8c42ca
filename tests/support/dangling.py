"""Whether the ledger names anything that is not there."""

from typing import Any

from sqlalchemy import exists, func, select
from sqlmodel import col

from bot.storage import tables
from bot.storage.database import Read

t: Any = tables


async def dangling(read: Read) -> dict[str, int]:
    """Return how many ledger rows name an address, an announcement or a person that is not."""
    found = {}
    for table, column in (
        (t.Address, t.Delivery.address_id),
        (t.Announcement, t.Delivery.announcement_id),
        (t.Person, t.Delivery.person_id),
    ):
        there = exists().where(col(table.id) == col(column))
        rows = select(func.count()).select_from(t.Delivery).where(col(column).is_not(None), ~there)
        found[table.__tablename__] = int(await read.scalar(rows))
    return found


NOTHING = {"address": 0, "announcement": 0, "person": 0}
