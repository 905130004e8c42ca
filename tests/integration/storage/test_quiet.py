"""Quiet hours that begin while an announcement is being sent, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.domain.announcement import Announcement, AnnouncementState, Body
from bot.domain.delivery import Lane
from bot.storage import announcements as store
from bot.storage import claims, deliveries, preferences, quiet, tables
from bot.storage.database import Database, Write
from tests.integration.storage.people import add_members

NOW = datetime(2020, 1, 1, 21, 0, tzinfo=UTC)
UNTIL = datetime(2020, 1, 2, 6, 0, tzinfo=UTC)
ASLEEP, AWAKE = 1, 2
t: Any = tables


@pytest.fixture
async def number(database: Database) -> int:
    """An announcement in two parts that goes to two people, one with quiet hours in Zürich."""
    await add_members(database, [ASLEEP, AWAKE])
    draft = Announcement(
        *(0, "News", AnnouncementState.SENDING, "all", NOW, NOW.replace(tzinfo=None), "UTC"),
        bodies=(Body("en", "News", "words"),),
    )

    async def work(write: Write) -> int:
        made = await store.add(write, draft, None, NOW)
        await write.count(update(t.Announcement).values(frozen_at=NOW))
        rows = [
            {
                **{"lane": int(Lane.BULK), "platform": "telegram", "account": "bot"},
                **{"announcement_id": made, "part": part, "address_id": who, "person_id": who},
            }
            for who in (ASLEEP, AWAKE)
            for part in (1, 2)
        ]
        await write.execute(insert(t.Delivery), rows)
        await write.count(
            update(t.Person)
            .where(t.Person.id == ASLEEP)
            .values(zone="Europe/Zurich", quiet_from="22:00", quiet_until="07:00")
        )
        return made

    return await database.write(work)


async def put_off(database: Database, now: datetime) -> int:
    async with database.read() as read:
        ends = await preferences.waiting_until(read, now, "UTC")
    return await database.write(lambda write: quiet.put_off(write, ends, "UTC"))


async def claim(database: Database, now: datetime | None, limit: int = 9) -> list[tuple[int, int]]:
    rows = await database.write(
        lambda write: claims.claim(
            write,
            platform="telegram",
            account="bot",
            epoch=1,
            lane=Lane.BULK,
            limit=limit,
            now=now,
        )
    )
    return [(row.address_id, row.part) for row in rows]


async def settle(database: Database, state: str) -> None:
    """Give what is claimed another state."""
    await database.write(
        lambda write: write.count(
            update(t.Delivery).where(t.Delivery.state == "claimed").values(state=state)
        )
    )


async def test_what_is_pending_waits_and_says_so(database: Database, number: int) -> None:
    assert await put_off(database, NOW - timedelta(minutes=1)) == 0, "not yet quiet"
    assert await put_off(database, NOW) == 2
    assert await put_off(database, NOW) == 0, "once is enough"
    async with database.read() as read:
        assert await quiet.waiting(read, number, NOW) == (2, UNTIL)
        assert await quiet.waiting(read, number, UNTIL) == (0, None)
    assert await claim(database, NOW) == [(AWAKE, 1)]
    assert await claim(database, UNTIL - timedelta(seconds=1)) == []
    assert await claim(database, None) == []
    assert await claim(database, UNTIL) == [(ASLEEP, 1)]


async def test_what_has_waited_goes_before_what_has_not(database: Database, number: int) -> None:
    assert await put_off(database, NOW) == 2
    assert await claim(database, UNTIL, limit=1) == [(ASLEEP, 1)]
    assert await claim(database, UNTIL, limit=1) == [(AWAKE, 1)]


async def test_what_has_begun_to_arrive_is_finished(database: Database, number: int) -> None:
    assert await claim(database, NOW, limit=1) == [(ASLEEP, 1)]
    await settle(database, "delivered")
    assert await put_off(database, NOW) == 0
    assert await claim(database, NOW) == [(ASLEEP, 2), (AWAKE, 1)]


async def test_what_is_on_its_way_is_finished(database: Database, number: int) -> None:
    assert await claim(database, NOW, limit=1) == [(ASLEEP, 1)]
    await settle(database, "sending")
    assert await put_off(database, NOW) == 0


async def test_what_is_claimed_does_not_leave(database: Database, number: int) -> None:
    assert await claim(database, NOW) == [(ASLEEP, 1), (AWAKE, 1)]
    assert await put_off(database, NOW) == 2
    async with database.read() as read:
        rows = await read.all(select(t.Delivery.id).where(t.Delivery.state == "claimed"))
        assert await quiet.waiting(read, number, NOW) == (2, UNTIL)
    ids = [row.id for row in rows]
    marked = await database.write(
        lambda write: deliveries.mark_sending(write, ids, 1, at_epoch=1.0, now=NOW)
    )
    assert len(marked) == 1, "only the one who is awake"
    await database.write(lambda write: deliveries.give_back(write, ids, 1))
    assert await claim(database, NOW) == []
    assert await claim(database, UNTIL) == [(ASLEEP, 1)]


@pytest.mark.parametrize("state", ["paused", "sent", "scheduled"])
async def test_only_what_is_being_sent_is_looked_at(
    database: Database, number: int, state: str
) -> None:
    await database.write(lambda write: write.count(update(t.Announcement).values(state=state)))
    assert await put_off(database, NOW) == 0


async def test_what_failed_to_begin_waits_as_a_whole(database: Database, number: int) -> None:
    assert await claim(database, NOW, limit=1) == [(ASLEEP, 1)]
    await settle(database, "pending")
    assert await put_off(database, NOW) == 2
    assert await claim(database, NOW) == [(AWAKE, 1)]


async def test_what_waits_longer_is_left_alone(database: Database, number: int) -> None:
    later = UNTIL + timedelta(days=1)
    await database.write(lambda write: write.count(update(t.Delivery).values(not_before=later)))
    assert await put_off(database, NOW) == 0
    async with database.read() as read:
        rows = await read.all(select(t.Delivery.not_before).distinct())
    assert [row.not_before for row in rows] == [later]
