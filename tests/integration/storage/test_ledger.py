"""The ledger: who may claim what, and what every ending leads to (invariants 3 and 6)."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from bot.domain.address import Address, MessageRef
from bot.domain.announcement import Announcement, AnnouncementState, Body
from bot.domain.delivery import DeliveryState, Kind, Lane, Outgoing, Result
from bot.storage import (
    announcements,
    claims,
    deliveries,
    delivery_reports,
    leases,
    tables,
    unconfirmed,
)
from bot.storage.database import Database, Write
from tests.integration.conftest import OpenDatabase
from tests.integration.storage.people import add_members
from tests.integration.storage.test_inbox import said, store_all

NOW = datetime(2020, 1, 1, tzinfo=UTC)
OWN: Any = {"platform": "telegram", "account": "bot"}
D = tables.Delivery
TALK, BULK = Lane.CONVERSATION, Lane.BULK
_S = AnnouncementState


@pytest.fixture
async def ledger(audited: Database) -> Database:
    """Nine members with an address each, and the lease held under number 1."""
    await add_members(audited, range(1, 10))
    await audited.write(lambda write: leases.acquire(write, "telegram:bot", "one"))
    return audited


async def announce(
    database: Database, addresses: Sequence[int], parts: int = 1, state: _S = _S.SENDING
) -> int:
    """Return the number of an announcement with fixed rows for ``addresses``."""
    draft = Announcement(
        *(0, "News", state, "all", NOW, NOW.replace(tzinfo=None), "UTC"),
        bodies=(Body("en", "News", "words"),),
    )

    async def work(write: Write) -> int:
        number = await announcements.add(write, draft, None, NOW)
        it = col(tables.Announcement.id) == number
        await write.execute(update(tables.Announcement).where(it).values(frozen_at=NOW))
        rows = [
            _row(address, lane=int(BULK), part=part, announcement_id=number)
            for address in addresses
            for part in range(1, parts + 1)
        ]
        await deliveries.enqueue(write, rows)
        return number

    return await database.write(work)


def _row(address: int, **fields: Any) -> dict[str, Any]:
    return {**OWN, "lane": int(TALK), "kind": "send", "address_id": address, **fields}


async def enqueue(database: Database, *rows: dict[str, Any]) -> None:
    await database.write(lambda write: deliveries.enqueue(write, rows))


async def claim(
    database: Database, lane: Lane, epoch: int = 1, limit: int = 100
) -> tuple[Outgoing, ...]:
    return await database.write(
        lambda write: claims.claim(write, **OWN, epoch=epoch, lane=lane, limit=limit)
    )


async def mark(database: Database, rows: Sequence[Outgoing], epoch: int = 1) -> frozenset[int]:
    ids = [row.id for row in rows]
    return await database.write(lambda write: deliveries.mark_sending(write, ids, epoch, 5.0, NOW))


async def end(
    database: Database,
    rows: Sequence[Outgoing],
    state: DeliveryState = DeliveryState.DELIVERED,
    epoch: int = 1,
) -> None:
    results = [Result(row, state, f"m{row.id}", "why") for row in rows]
    await database.write(lambda write: deliveries.record(write, results, epoch, NOW))


async def send(database: Database, lane: Lane) -> list[tuple[int, int]]:
    """Claim, mark and deliver what can be; return (address, part) of it."""
    rows = await claim(database, lane)
    assert await mark(database, rows) == {row.id for row in rows}
    await end(database, rows)
    return [(row.address_id, row.part) for row in rows]


async def take_over(database: Database, epoch: int = 1, blocks_later_parts: bool = True) -> int:
    return await database.write(
        lambda write: deliveries.take_over(
            write, **OWN, epoch=epoch, at=NOW, blocks_later_parts=blocks_later_parts
        )
    )


async def states(database: Database) -> list[str]:
    async with database.read() as read:
        rows = await read.all(select(col(D.state)).order_by(col(D.id)))
    return [row.state for row in rows]


async def skip_later(database: Database, rows: Sequence[Outgoing]) -> None:
    await database.write(lambda write: deliveries.skip_later_parts(write, rows))


async def move(database: Database, number: int, state: _S, wanted: _S) -> None:
    await database.write(lambda write: announcements.move(write, number, state, wanted))


# ------------------------------------------------------------------ claiming


async def test_a_part_waits_until_the_one_before_it_is_delivered(ledger: Database) -> None:
    await announce(ledger, [1, 2], parts=3)
    assert await send(ledger, BULK) == [(1, 1), (2, 1)]
    assert await send(ledger, BULK) == [(1, 2), (2, 2)]
    rows = await claim(ledger, BULK)
    assert await claim(ledger, BULK) == ()
    await mark(ledger, rows)
    assert await claim(ledger, BULK) == ()


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.UNCONFIRMED])
async def test_a_part_never_follows_one_that_did_not_arrive(
    ledger: Database, state: DeliveryState
) -> None:
    await announce(ledger, [1], parts=2)
    rows = await claim(ledger, BULK)
    await mark(ledger, rows)
    await end(ledger, rows, state)
    assert await claim(ledger, BULK) == ()


async def test_in_a_chat_one_message_at_a_time_in_their_order(ledger: Database) -> None:
    await enqueue(ledger, _row(1, ordinal=1), _row(2, ordinal=1), _row(1, ordinal=2))
    first = await claim(ledger, TALK)
    assert [row.address_id for row in first] == [1, 2]
    assert await claim(ledger, TALK) == ()
    await mark(ledger, first)
    assert await claim(ledger, TALK) == ()
    await end(ledger, first, DeliveryState.FAILED)
    assert len(await claim(ledger, TALK)) == 1


async def test_a_part_of_a_reply_waits_for_the_fate_of_the_one_before_it(
    ledger: Database,
) -> None:
    """Where the platform can tell the fate later, part 2 must not overtake part 1."""
    (inbox_id,) = await store_all(ledger, [said(1)])
    shared = {"inbox_id": inbox_id, "ordinal": 1}
    await enqueue(ledger, _row(1, **shared, part=1), _row(1, **shared, part=2))
    await enqueue(ledger, _row(1, ordinal=9))
    rows = await claim(ledger, TALK)
    await mark(ledger, rows)
    await end(ledger, rows, DeliveryState.UNCONFIRMED)
    (next_message,) = await claim(ledger, TALK)
    assert next_message.id == rows[0].id + 2, "other messages do not wait for it"
    await mark(ledger, [next_message])
    await end(ledger, [next_message])
    await reconcile(ledger, rows[0], None)
    assert await send(ledger, TALK) == [(1, 1)]
    assert await send(ledger, TALK) == [(1, 2)]


async def test_a_claim_takes_the_oldest_first_and_its_limit(ledger: Database) -> None:
    await announce(ledger, range(1, 10))
    assert [row.address_id for row in await claim(ledger, BULK, limit=2)] == [1, 2]
    assert [row.address_id for row in await claim(ledger, BULK, limit=2)] == [3, 4]


async def test_only_the_account_and_lane_that_are_asked_for(ledger: Database) -> None:
    await announce(ledger, [1])
    await enqueue(ledger, _row(2), _row(3, platform="slack"), _row(4, account="other"))
    assert [row.address_id for row in await claim(ledger, TALK)] == [2]
    assert [row.address_id for row in await claim(ledger, BULK)] == [1]


@pytest.mark.parametrize("state", [_S.PAUSED, _S.CANCELLED, _S.SCHEDULED])
async def test_an_announcement_that_does_not_run_is_not_claimed(
    ledger: Database, state: _S
) -> None:
    await announce(ledger, [1], state=state)
    assert await claim(ledger, BULK) == ()


async def test_an_audience_that_is_still_being_fixed_is_not_claimed(ledger: Database) -> None:
    await announce(ledger, [1])
    await ledger.write(lambda w: w.execute(update(tables.Announcement).values(frozen_at=None)))
    assert await claim(ledger, BULK) == ()


async def test_what_was_claimed_before_a_pause_does_not_leave(ledger: Database) -> None:
    number = await announce(ledger, [1, 2])
    rows = await claim(ledger, BULK)
    await move(ledger, number, _S.SENDING, _S.PAUSED)
    assert await mark(ledger, rows) == frozenset()
    ids = [row.id for row in rows]
    await ledger.write(lambda write: deliveries.give_back(write, ids, 1))
    await move(ledger, number, _S.PAUSED, _S.SENDING)
    assert await send(ledger, BULK) == [(1, 1), (2, 1)]


# ------------------------------------------------------------------ whoever lost the lease


async def test_whoever_lost_the_lease_changes_nothing(ledger: Database) -> None:
    await announce(ledger, [1, 2, 3])
    old = await claim(ledger, BULK, limit=2)
    await mark(ledger, old[:1])
    await _lose_lease(ledger)
    assert await take_over(ledger, epoch=1) == 0
    assert await take_over(ledger, epoch=2) == 1
    new = await claim(ledger, BULK, epoch=2)
    assert await mark(ledger, old[1:]) == frozenset()
    await end(ledger, old)
    await ledger.write(lambda write: deliveries.give_back(write, [r.id for r in old], 1))
    assert await states(ledger) == ["unconfirmed", "claimed", "claimed"]
    assert await mark(ledger, new, 2) == {row.id for row in new}


async def test_whoever_lost_the_lease_claims_nothing(ledger: Database) -> None:
    """It would be claimed by nobody who sends, and stay so until the next takeover."""
    await announce(ledger, [1])
    await enqueue(ledger, _row(2))
    await _lose_lease(ledger)
    assert await claim(ledger, BULK, epoch=1) == ()
    assert await claim(ledger, TALK, epoch=1) == ()
    assert len(await claim(ledger, BULK, epoch=2)) == 1


async def _lose_lease(database: Database) -> None:
    await database.write(lambda write: leases.release(write, "telegram:bot", "one"))
    assert await database.write(lambda w: leases.acquire(w, "telegram:bot", "two")) == 2


async def test_senders_that_claim_at_once_never_share_a_row(
    ledger: Database, open_database: OpenDatabase
) -> None:
    """Without any lease: the claim itself gives each row to one, whoever is right."""
    await announce(ledger, range(1, 10), parts=1)
    others = [ledger] if ledger.is_sqlite else [open_database() for _one in range(8)]

    async def sender(number: int) -> list[int]:
        mine = others[number % len(others)]
        taken: list[int] = []
        for _turn in range(6):
            rows = await claim(mine, BULK, limit=2)
            marked = await mark(mine, rows)
            await end(mine, [row for row in rows if row.id in marked])
            taken += marked
        return taken

    taken = [one for ids in await asyncio.gather(*(sender(n) for n in range(8))) for one in ids]
    assert len(taken) == len(set(taken)) == 9
    assert set(await states(ledger)) == {"delivered"}


# ------------------------------------------------------------------ takeover


async def test_a_takeover_settles_what_the_dead_sender_left(ledger: Database) -> None:
    await announce(ledger, [1, 2, 3], parts=2)
    await enqueue(ledger, _row(4), _row(5, kind="edit", target="m1"), _row(6))
    rows = [*await claim(ledger, BULK), *await claim(ledger, TALK)]
    by_address = {row.address_id: row for row in rows}
    await mark(ledger, [by_address[number] for number in (1, 4, 5)])
    assert await take_over(ledger) == 2
    async with ledger.read() as read:
        found = await read.all(select(D.address_id, D.part, D.state, D.reason))  # type: ignore[call-overload]  # SQLModel types a column as its value
    assert {(row.address_id, row.part): (row.state, row.reason) for row in found} == {
        (1, 1): ("unconfirmed", "sender_died"),
        (1, 2): ("skipped", "earlier_part"),
        (2, 1): ("pending", ""),
        (2, 2): ("pending", ""),
        (3, 1): ("pending", ""),
        (3, 2): ("pending", ""),
        (4, 1): ("unconfirmed", "sender_died"),
        (5, 1): ("pending", ""),
        (6, 1): ("pending", ""),
    }
    assert await take_over(ledger) == 0


async def test_a_takeover_leaves_later_parts_where_the_platform_can_tell(
    ledger: Database,
) -> None:
    await announce(ledger, [1], parts=2)
    await mark(ledger, await claim(ledger, BULK))
    assert await take_over(ledger, blocks_later_parts=False) == 1
    assert await states(ledger) == ["unconfirmed", "pending"]


async def test_a_takeover_leaves_other_accounts_alone(ledger: Database) -> None:
    await enqueue(ledger, _row(1, account="other", state="sending"), _row(2, state="claimed"))
    assert await take_over(ledger) == 0
    assert await states(ledger) == ["sending", "pending"]


# ------------------------------------------------------------------ results


async def test_a_result_is_recorded_once_and_only_of_what_was_sending(ledger: Database) -> None:
    await announce(ledger, [1, 2])
    rows = await claim(ledger, BULK)
    await end(ledger, rows)
    assert await states(ledger) == ["claimed", "claimed"]
    await mark(ledger, rows[:1])
    await end(ledger, rows)
    await end(ledger, rows, DeliveryState.FAILED)
    assert await states(ledger) == ["delivered", "claimed"]


async def test_no_results_are_no_error(ledger: Database) -> None:
    await end(ledger, [])


async def test_later_is_tried_again_and_counts(ledger: Database) -> None:
    await announce(ledger, [1])
    for tries in range(3):
        (row,) = await claim(ledger, BULK)
        assert row.attempts == tries
        await mark(ledger, [row])
        await end(ledger, [row], DeliveryState.PENDING)


async def test_a_newer_change_of_a_message_makes_a_waiting_one_pointless(
    ledger: Database,
) -> None:
    def edit(target: str, address: int = 1) -> dict[str, Any]:
        return _row(address, kind="edit", target=target)

    await enqueue(ledger, edit("m1"), edit("m2"), edit("m1", address=2))
    await enqueue(ledger, edit("m1"))
    assert await states(ledger) == ["skipped", "pending", "pending", "pending"]
    (under_way, _other) = await claim(ledger, TALK)
    await enqueue(ledger, edit("m2"))
    assert under_way.kind is Kind.EDIT
    assert await states(ledger) == ["skipped", "claimed", "claimed", "pending", "pending"]


async def test_later_parts_of_an_announcement_are_skipped_for_that_chat_only(
    ledger: Database,
) -> None:
    await announce(ledger, [1, 2], parts=3)
    await announce(ledger, [1], parts=2)
    rows = await claim(ledger, BULK)
    await skip_later(ledger, [row for row in rows if row.address_id == 1][:1])
    skipped, kept = ["claimed", "skipped", "skipped"], ["claimed", "pending", "pending"]
    assert await states(ledger) == [*skipped, *kept, "claimed", "pending"]


@pytest.mark.parametrize("has_cause", [True, False], ids=["reply", "notice"])
async def test_later_parts_of_a_reply_are_skipped_for_that_message_only(
    ledger: Database, has_cause: bool
) -> None:
    """A notice answers no update: its rows have no inbox number to tell them apart by."""
    (inbox_id,) = await store_all(ledger, [said(1)])
    cause = inbox_id if has_cause else None

    def message(address: int, ordinal: int) -> list[dict[str, Any]]:
        return [
            _row(address, inbox_id=cause, ordinal=ordinal if has_cause else 0, part=part)
            for part in (1, 2, 3)
        ]

    await enqueue(ledger, *message(1, 1))
    await enqueue(ledger, *message(2, 2))
    await enqueue(ledger, *message(1, 3))
    (broken, _other) = await claim(ledger, TALK)
    await skip_later(ledger, [broken])
    assert await states(ledger) == [
        *("claimed", "skipped", "skipped"),
        *("claimed", "pending", "pending"),
        *("pending", "pending", "pending"),
    ]


# ------------------------------------------------------------------ reconciliation


async def reconcile(database: Database, row: Outgoing, message_id: str | None) -> None:
    await database.write(lambda w: unconfirmed.settle(w, row.id, message_id, NOW))


async def _unconfirmed(database: Database, number: int = 1) -> Outgoing:
    (row,) = await claim(database, BULK, limit=number)
    await mark(database, [row])
    await end(database, [row], DeliveryState.UNCONFIRMED)
    return row


async def test_what_is_found_is_delivered_and_stays_so(ledger: Database) -> None:
    await announce(ledger, [1], parts=2)
    row = await _unconfirmed(ledger)
    async with ledger.read() as read:
        assert await unconfirmed.looked_for(read, "telegram", "bot", 5.0, 9) == ()
        ((found, when),) = await unconfirmed.looked_for(read, "telegram", "bot", 5.1, 9)
    assert (found.id, when) == (row.id, 5.0)
    await reconcile(ledger, row, "m9")
    await reconcile(ledger, row, None)
    assert await states(ledger) == ["delivered", "pending"]
    assert await send(ledger, BULK) == [(1, 2)]


@pytest.mark.parametrize("ended_meanwhile", [False, True])
async def test_what_certainly_is_not_there_is_sent_after_all(
    ledger: Database, ended_meanwhile: bool
) -> None:
    """Reconciliation comes 90 s later: the announcement may count as sent by then."""
    number = await announce(ledger, [1, 2])
    row = await _unconfirmed(ledger)
    if ended_meanwhile:
        await send(ledger, BULK)
        assert await ledger.write(announcements.finish_sent) == (number,)
    await reconcile(ledger, row, None)
    assert (1, 1) in await send(ledger, BULK)
    assert await states(ledger) == ["delivered", "delivered"]


async def test_an_announcement_ends_when_nothing_more_happens_by_itself(
    ledger: Database,
) -> None:
    number = await announce(ledger, [1, 2, 3])
    for state in (DeliveryState.UNCONFIRMED, DeliveryState.FAILED, DeliveryState.DELIVERED):
        assert await ledger.write(announcements.finish_sent) == ()
        (row,) = await claim(ledger, BULK, limit=1)
        await mark(ledger, [row])
        await end(ledger, [row], state)
    assert await ledger.write(announcements.finish_sent) == (number,)
    assert await ledger.write(announcements.finish_sent) == ()
    async with ledger.read() as read:
        tally = await delivery_reports.tally(read, number)
        lost = await delivery_reports.unreached(read, number)
        shown = await delivery_reports.announcement_at(
            read, MessageRef(Address("telegram", "bot", "3"), "m3")
        )
    assert (tally.total, tally.delivered, tally.failed, tally.unconfirmed) == (3, 1, 1, 1)
    assert tally.finished
    assert {(state, where) for state, _why, _platform, where in lost} == {
        ("unconfirmed", "1"),
        ("failed", "2"),
    }
    assert shown == (number, "")


# ------------------------------------------------------------------ anything at all


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
async def test_no_history_makes_an_illegal_move_or_a_second_attempt(
    ledger: Database, seed: int
) -> None:
    """Random steps of right and of stale senders; the database itself audits the moves."""
    rng = random.Random(seed)
    running = [await announce(ledger, range(1, 8), parts=2) for _number in range(2)]
    held: dict[int, list[Outgoing]] = {1: [], 2: []}
    sent: list[int] = []

    async def step(epoch: int) -> None:
        await rng.choice(steps)(epoch)

    async def claims(epoch: int) -> None:
        held[epoch] += await claim(ledger, rng.choice(list(Lane)), epoch, rng.randrange(1, 5))

    async def sends(epoch: int) -> None:
        some = rng.sample(held[epoch], len(held[epoch]) // 2)
        marked = await mark(ledger, some, epoch)
        sent.extend(marked)
        ends = [row for row in some if row.id in marked]
        for state in (DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.UNCONFIRMED):
            await end(ledger, ends[::3], state, epoch)
            ends = [row for n, row in enumerate(ends) if n % 3]

    async def records_anything(epoch: int) -> None:
        await end(ledger, held[epoch], rng.choice([DeliveryState.DELIVERED]), epoch)

    async def gives_back(epoch: int) -> None:
        ids = [row.id for row in held[epoch]]
        await ledger.write(lambda write: deliveries.give_back(write, ids, epoch))

    async def takes_over(epoch: int) -> None:
        await take_over(ledger, epoch)

    async def pauses(_epoch: int) -> None:
        state, wanted = rng.choice([(_S.SENDING, _S.PAUSED), (_S.PAUSED, _S.SENDING)])
        it = tables.Announcement
        change = update(it).where(col(it.id) == rng.choice(running), col(it.state) == state.value)
        await ledger.write(lambda write: write.execute(change.values(state=wanted.value)))

    async def skips(epoch: int) -> None:
        await skip_later(ledger, held[epoch][:1])

    steps: list[Callable[[int], Awaitable[None]]] = [
        *(claims, claims, sends, sends, records_anything),
        *(gives_back, takes_over, pauses, skips),
    ]
    for turn in range(120):
        if turn == 60:
            await _lose_lease(ledger)
        await step(rng.choice([1, 2]) if turn >= 60 else 1)
    assert len(sent) == len(set(sent)), "what left once never leaves again by itself"
