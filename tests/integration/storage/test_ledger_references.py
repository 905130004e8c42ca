"""The ledger without foreign keys to chats and announcements: nothing dangles, all is found.

Which index a look-up uses is asked of the databases themselves: a condition that stands a
little otherwise than the index's own would read the whole ledger, and no other test would tell.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import and_, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from bot.domain.address import Address
from bot.domain.delivery import Lane
from bot.storage import claims, ledger_looks, moving, tables, unwanted
from bot.storage.database import Database, Write
from tests.integration.storage.people import add_members
from tests.support.dangling import NOTHING, dangling

t: Any = tables
NOW = datetime(2020, 1, 1, tzinfo=UTC)


async def add_rows(write: Write, *rows: dict[str, Any]) -> None:
    base = {"lane": int(Lane.BULK), "platform": "telegram", "account": "bot", "kind": "send"}
    for row in rows:
        await write.execute(t.Delivery.__table__.insert().values(**base, **row))


async def announcement(write: Write) -> int:
    values = {"title": "News", "state": "sending", "audience": "all", "zone": "UTC"}
    made = t.Announcement.__table__.insert().values(
        **values, due_at=NOW, due_local=NOW.isoformat(), created_by="cli", created_at=NOW
    )
    number: int = await write.scalar(made.returning(t.Announcement.id))
    return number


async def test_what_waits_for_a_chat_that_moved_goes_along(database: Database) -> None:
    await add_members(database, [1, 2])

    async def work(write: Write) -> None:
        number = await announcement(write)
        await add_rows(
            write,
            {"address_id": 1, "announcement_id": number},
            {"address_id": 1, "ordinal": 7},
        )
        await moving.follow(write, 1, Address("telegram", "bot", "2"))

    await database.write(work)
    async with database.read() as read:
        rows = await read.all(select(t.Delivery.address_id, t.Delivery.state))
        assert [tuple(row) for row in rows] == [(2, "pending")] * 2
        assert await dangling(read) == NOTHING


# ------------------------------------------------------------------ plans


async def plan_of(database: Database, statement: Any) -> str:
    """Return what the database would do; PostgreSQL is asked not to read small tables whole."""
    module: Any = sqlite if database.is_sqlite else postgresql
    sql = str(statement.compile(dialect=module.dialect(), compile_kwargs={"literal_binds": True}))
    async with database.read() as read:
        if database.is_sqlite:
            rows: Any = await read.all(text(f"EXPLAIN QUERY PLAN {sql}"))
            return "\n".join(str(row[3]) for row in rows)
        await read.execute(text("SET LOCAL enable_seqscan = off"))
        await read.execute(text("SET LOCAL enable_bitmapscan = off"))
        return "\n".join(str(row[0]) for row in await read.all(text(f"EXPLAIN {sql}")))


def rows_where(condition: Any) -> Any:
    return select(t.Delivery.id).where(condition)


ONCE = "announcement_id_address_id_part|sqlite_autoindex_delivery_1"
"""The index by announcement and address; SQLite gives it a name of its own."""
LOOKS = {
    "of a chat, no copies": (
        rows_where(ledger_looks.at_address(5)[0]),
        f"ix_delivery_address|{ONCE}",
    ),
    "of a chat, copies": (
        rows_where(ledger_looks.at_address(5)[1]),
        ONCE,
    ),
    "a message": (
        rows_where(and_(col(t.Delivery.address_id) == 5, ledger_looks.is_message("m"))),
        "ix_delivery_message",
    ),
    "what was opened ahead": (
        rows_where(
            and_(
                col(t.Delivery.address_id) == 5,
                col(t.Delivery.announcement_id).is_(None),
                col(t.Delivery.lane) == int(Lane.CHANGES),
            )
        ),
        f"ix_delivery_address|{ONCE}",
    ),
    "what stands in front": (
        select(claims.ROW.id).where(
            claims.ROW.id == 1, claims.ROW.lane == 0, claims._is_ready(Lane.CONVERSATION)
        ),
        "ix_delivery_address",
    ),
}


@pytest.mark.parametrize("name", list(LOOKS))
async def test_a_look_up_uses_its_index(database: Database, name: str) -> None:
    statement, index = LOOKS[name]
    if not database.is_sqlite:  # in an empty table every index is as good as the right one
        await fill(database)
    plan = await plan_of(database, statement)
    assert any(one in plan for one in index.split("|")), plan


async def fill(database: Database) -> None:
    """Write as many rows as make the wrong index dear: copies that wait alike, and replies."""

    async def work(write: Write) -> None:
        number = await announcement(write)
        base = {"lane": int(Lane.BULK), "platform": "telegram", "account": "bot", "kind": "send"}
        copies = [{**base, "address_id": at, "announcement_id": number} for at in range(1, 4001)]
        replies = [{**base, "address_id": at, "message_id": f"m{at}"} for at in range(1, 4001)]
        for rows in (copies, replies):
            await write.execute(t.Delivery.__table__.insert(), rows)

    await database.write(work)
    await database.write(lambda write: write.execute(text("ANALYZE")))


async def test_one_persons_copies_are_found_among_thousands(database: Database) -> None:
    await fill(database)
    sending = col(t.Announcement.state).in_(unwanted.BEGUN)
    plan = await plan_of(database, unwanted._select_copies(5, sending))
    assert any(one in plan for one in ONCE.split("|")), plan
