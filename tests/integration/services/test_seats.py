"""Invariant 4: a seat is never sold twice, and nobody waits while one is free."""

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from bot.domain.event import Conference, Event
from bot.domain.people import CLI, Person
from bot.domain.refusal import Refusal
from bot.domain.rsvp import Answer, Rsvp, SeatState
from bot.services import conferences, rsvps
from bot.services.rsvps import RsvpResult
from bot.storage import people, tables
from bot.storage import rsvps as store
from bot.storage.database import Database, Read, Write
from tests.integration.conftest import OpenDatabase
from tests.integration.storage.people import add_members

NOW = datetime(2020, 1, 1, tzinfo=UTC)
SLUG = "frontier-forum-2020"


async def save_event(database: Database, capacity: int | None) -> Event:
    event = Event(SLUG, "alliance", {"": "Forum"}, capacity=capacity, source="alliance/e#f")
    conference = Conference("alliance", (event,))

    async def work(write: Write) -> Event:
        await conferences.save(write, conference, complete=True, actor=CLI, now=NOW)
        return await conferences.event_named(write, SLUG)

    return await database.write(work)


async def persons(database: Database, count: int) -> list[Person]:
    await add_members(database, range(1, count + 1))
    async with database.read() as read:
        return sorted(await people.all_people(read), key=lambda person: person.id)


async def answer(
    database: Database, event: Event, person: Person, what: Answer, now: datetime = NOW
) -> RsvpResult:
    return await database.write(
        lambda write: rsvps.answer(write, event=event, person=person, answer=what, now=now)
    )


async def check(read: Read, event: Event) -> None:
    """Prove that counter and answers tell the same, and that nobody waits for nothing."""
    seats = await store.seats(read, event.id)
    assert seats is not None
    confirmed = col(tables.Rsvp.seat) == SeatState.CONFIRMED.value
    held = await read.scalar(select(func.coalesce(func.sum(tables.Rsvp.seats), 0)).where(confirmed))
    assert seats.taken == held
    if event.capacity is not None:
        assert seats.taken <= event.capacity
        assert seats.waiting == 0 or seats.taken == event.capacity
    else:
        assert seats.waiting == 0
    for one in await store.of_event(read, event.id):
        assert (one.place is not None) == (one.seat is SeatState.WAITLISTED)
        assert (one.seat is SeatState.NONE) == (one.answer is not Answer.GOING)


@pytest.mark.slow
async def test_eight_writers_answer_and_change_for_sixty_seats(
    database: Database, open_database: OpenDatabase
) -> None:
    rng = random.Random(1)
    event = await save_event(database, 60)
    everybody = await persons(database, 100)
    databases = [database] if database.is_sqlite else [open_database() for _one in range(8)]
    running = True

    async def writer(number: int) -> None:
        mine = databases[number % len(databases)]
        for _turn in range(30):
            what = rng.choice([Answer.GOING, Answer.GOING, Answer.MAYBE, Answer.DECLINED])
            await answer(mine, event, rng.choice(everybody), what)

    async def watch() -> int:
        seen = 0
        while running:
            async with database.read() as read:
                await check(read, event)
            seen += 1
            await asyncio.sleep(0.02)
        return seen

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(writer(number) for number in range(8)))
    await asyncio.gather(*(answer(databases[0], event, one, Answer.GOING) for one in everybody))
    running = False
    assert await watching > 3
    async with database.read() as read:
        await check(read, event)
        seats = await store.seats(read, event.id)
    assert seats is not None
    assert (seats.taken, seats.waiting) == (60, 40)


async def test_every_history_agrees_with_a_plain_list(database: Database) -> None:
    """A random history, one step at a time, against a model that fits in ten lines."""
    rng = random.Random(11)
    capacity = 3
    event = await save_event(database, capacity)
    everybody = await persons(database, 7)
    answers: dict[int, Answer] = {}
    seated: list[int] = []
    queue: list[int] = []
    for _step in range(60):
        if rng.random() < 0.1:
            capacity += 1 if capacity < 5 else 0
            event = await save_event(database, capacity)
        else:
            person, what = rng.choice(everybody), rng.choice(list(Answer))
            result = await answer(database, event, person, what)
            assert result.changed == (answers.get(person.id) is not what)
            if result.changed:
                answers[person.id] = what
                seated = [one for one in seated if one != person.id]
                queue = [one for one in queue if one != person.id]
                queue += [person.id] if what is Answer.GOING else []
            promoted = [one.person_id for one in result.promoted]
            moved = queue[: capacity - len(seated)] if result.changed else []
            assert promoted == [one for one in moved if one != person.id]
            seated, queue = seated + moved, queue[len(moved) :]
            assert (result.rsvp.seat is SeatState.CONFIRMED) == (person.id in seated)
            if person.id in queue:
                assert result.rsvp.ahead == queue.index(person.id)
        await _promote(database, event)
        free = capacity - len(seated)
        seated, queue = seated + queue[:free], queue[free:]
        async with database.read() as read:
            await check(read, event)


async def _promote(database: Database, event: Event) -> tuple[Rsvp, ...]:
    return await database.write(lambda write: rsvps.promote(write, event_id=event.id, now=NOW))


async def test_a_double_tap_changes_nothing_not_even_the_place(database: Database) -> None:
    event = await save_event(database, 1)
    one, two, three = await persons(database, 3)
    for person in (one, two, three):
        await answer(database, event, person, Answer.GOING)
    later = NOW + timedelta(hours=1)
    results = await asyncio.gather(
        *(answer(database, event, two, Answer.GOING, later) for _tap in range(4))
    )
    assert [result.changed for result in results] == [False] * 4
    assert {result.rsvp.ahead for result in results} == {0}
    assert {result.rsvp.answered_at for result in results} == {NOW}


async def test_the_first_answer_of_one_person_given_at_once_on_many_devices(
    database: Database, open_database: OpenDatabase
) -> None:
    event = await save_event(database, 5)
    (person,) = await persons(database, 1)
    databases = [open_database() for _one in range(4)]
    results = await asyncio.gather(
        *(answer(databases[n % 4], event, person, Answer.GOING) for n in range(8))
    )
    assert [result.changed for result in results].count(True) == 1
    async with database.read() as read:
        await check(read, event)


async def test_a_free_seat_goes_to_whoever_waits_longest(database: Database) -> None:
    event = await save_event(database, 1)
    one, two, three = await persons(database, 3)
    for person in (one, three, two):
        await answer(database, event, person, Answer.GOING)
    result = await answer(database, event, one, Answer.DECLINED)
    assert [promoted.person_id for promoted in result.promoted] == [three.id]
    result = await answer(database, event, one, Answer.GOING)
    assert (result.rsvp.seat, result.rsvp.ahead) == (SeatState.WAITLISTED, 1)


async def test_a_capacity_raised_by_an_import_promotes_in_order(database: Database) -> None:
    event = await save_event(database, 1)
    everybody = await persons(database, 4)
    for person in everybody:
        await answer(database, event, person, Answer.GOING)
    event = await save_event(database, 3)
    async with database.read() as read:
        assert await rsvps.with_free_seats_and_waiting(read) == (event,)
    promoted = await _promote(database, event)
    assert [one.person_id for one in promoted] == [everybody[1].id, everybody[2].id]
    assert await _promote(database, event) == ()
    event = await save_event(database, None)
    assert len(await _promote(database, event)) == 1
    async with database.read() as read:
        assert await rsvps.with_free_seats_and_waiting(read) == ()
        await check(read, event)


async def test_who_answers_after_the_capacity_rose_waits_behind_those_who_waited(
    database: Database,
) -> None:
    event = await save_event(database, 1)
    one, two, three = await persons(database, 3)
    for person in (one, two):
        await answer(database, event, person, Answer.GOING)
    event = await save_event(database, 3)
    result = await answer(database, event, three, Answer.GOING)
    assert result.rsvp.seat is SeatState.CONFIRMED
    assert [promoted.person_id for promoted in result.promoted] == [two.id], "others only"


async def test_a_capacity_cut_below_what_is_taken_takes_no_seat_away(database: Database) -> None:
    event = await save_event(database, 3)
    one, two, three, four = await persons(database, 4)
    for person in (one, two, three):
        await answer(database, event, person, Answer.GOING)
    event = await save_event(database, 1)
    assert (await answer(database, event, four, Answer.GOING)).rsvp.seat is SeatState.WAITLISTED
    for person in (one, two):
        result = await answer(database, event, person, Answer.DECLINED)
        assert result.promoted == ()
    result = await answer(database, event, three, Answer.DECLINED)
    assert [promoted.person_id for promoted in result.promoted] == [four.id]


async def test_a_refused_answer_changes_nothing(database: Database) -> None:
    event = await save_event(database, 1)
    (person,) = await persons(database, 1)
    for closed in (
        replace(event, status="cancelled"),
        replace(event, reply_by=NOW - timedelta(seconds=1)),
        replace(event, id=999),
    ):
        with pytest.raises(Refusal):
            await answer(database, closed, person, Answer.GOING)
    async with database.read() as read:
        assert await store.of_event(read, event.id) == ()
        status = await rsvps.status(read, event.id, person.id)
        assert (status.rsvp, status.seats.taken) == (None, 0)
        with pytest.raises(Refusal):
            await rsvps.status(read, 999, None)


async def test_mine_lists_answers_with_their_events(database: Database) -> None:
    event = await save_event(database, 1)
    (person,) = await persons(database, 1)
    await answer(database, event, person, Answer.MAYBE)
    async with database.read() as read:
        ((listed, rsvp),) = await rsvps.mine(read, person.id)
    assert (listed, rsvp.answer) == (event, Answer.MAYBE)
