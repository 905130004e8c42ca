"""The messages that show staff how far an announcement is."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlmodel import col

from bot.domain.address import Address, MessageRef
from bot.storage import accounts, tables
from bot.storage.database import Read, Write
from bot.storage.dialect import insert

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


@dataclass(frozen=True, slots=True)
class Watched:
    """A card: where it stands, whose it is, and what it shows (a digest).

    Attributes:
        changed_by: The ledger row of its last change, 0 if there was none.
    """

    announcement_id: int
    address_id: int
    ref: MessageRef
    person_id: int
    shown: str
    changed_by: int


async def watch(write: Write, announcement_id: int, ref: MessageRef, person_id: int) -> None:
    """Let the message ``ref`` follow the announcement; one a chat, the newest."""
    address_id = await accounts.ensure_address(write, ref.address)
    values = {"message_id": ref.id, "person_id": person_id, "shown": ""}
    statement = insert(write, t.AnnouncementCard).values(
        announcement_id=announcement_id, address_id=address_id, **values
    )
    keys = ["announcement_id", "address_id"]
    await write.count(statement.on_conflict_do_update(index_elements=keys, set_=values))


async def watched(read: Read) -> tuple[Watched, ...]:
    """Return all cards that are kept up to date."""
    changes = (
        select(func.max(t.Delivery.id))
        .where(
            col(t.Delivery.address_id) == t.AnnouncementCard.address_id,
            col(t.Delivery.announcement_id).is_(None),
            col(t.Delivery.target) == t.AnnouncementCard.message_id,
        )
        .scalar_subquery()
    )
    rows = await read.all(
        select(
            t.AnnouncementCard,
            t.Address.platform,
            t.Address.account,
            t.Address.chat,
            t.Address.thread,
            func.coalesce(changes, 0).label("changed_by"),
        )
        .join(t.Address, col(t.Address.id) == col(t.AnnouncementCard.address_id))
        .order_by(col(t.AnnouncementCard.announcement_id), col(t.AnnouncementCard.address_id))
    )
    return tuple(
        Watched(
            row.announcement_id,
            row.address_id,
            MessageRef(Address(row.platform, row.account, row.chat, row.thread), row.message_id),
            row.person_id,
            row.shown,
            row.changed_by,
        )
        for row in rows
    )


async def shows(write: Write, card: Watched, digest: str) -> bool:
    """Note what the card shows from now on; False if it stands elsewhere by now."""
    changed = await write.count(
        update(t.AnnouncementCard)
        .where(*_is(card), col(t.AnnouncementCard.shown) == card.shown)
        .values(shown=digest)
    )
    return changed == 1


async def leave(write: Write, card: Watched) -> None:
    """Let the card stay as it is."""
    await write.count(delete(t.AnnouncementCard).where(*_is(card)))


def _is(card: Watched) -> tuple[Any, ...]:
    return (
        col(t.AnnouncementCard.announcement_id) == card.announcement_id,
        col(t.AnnouncementCard.address_id) == card.address_id,
        col(t.AnnouncementCard.message_id) == card.ref.id,
    )
