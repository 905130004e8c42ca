"""One card an event and room: it converges to the truth, slowly and in the bulk lane."""

import asyncio
import itertools
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlmodel import col

from bot.domain.delivery import Lane
from bot.domain.event import Conference
from bot.domain.outcome import Later, Never, Reason, Scope, Unknown
from bot.domain.people import CLI
from bot.domain.room import RECENT_SECONDS, RETRY_SECONDS
from bot.services import conferences
from bot.services.readers import Readers
from bot.services.room_cards import RoomCards
from bot.storage import losses, tables
from schedules import waitlist
from tests.integration.conftest import OpenDatabase
from tests.support.desk import Desk, dispatcher_of
from tests.support.in_rooms import (
    ROOM,
    TITLE,
    ask_card,
    card,
    edits,
    let_in,
    refresh,
    ring,
    standing,
)
from tests.unit.handlers.talk import ENTRY
from tests.unit.views.samples import DAY, FORUM, TALK

t: Any = tables


@pytest.fixture
async def room(desk: Desk) -> Desk:
    """A desk with a room in which the card of the talk (2 seats) stands."""
    await let_in(desk)
    await ask_card(desk)
    return desk


def answer(desk: Desk, user: str, wanted: str, chat: str = ROOM, message: str = "") -> Any:
    data = f"rsvp:{desk.events['talk']}:{wanted}"
    return desk.press(user, data, message or card(desk).id, chat)


def told(desk: Desk, user: str) -> list[str]:
    return [notice for notice in desk.notices(user) if notice]


async def test_a_card_without_answers(room: Desk) -> None:
    text = card(room).text
    assert "Open Day" in text
    assert "2 seats are left." in text
    assert "Nobody here has answered yet." in text
    assert "Your answer" not in text


async def test_answers_are_shown_by_organisation_and_never_by_name(room: Desk) -> None:
    await answer(room, "100", "going")
    await answer(room, "200", "maybe")
    await answer(room, "300", "declined")
    before = len(room.seen(ROOM))
    await refresh(room)
    text = card(room).text
    assert "Going (1): Anna Center 1" in text
    assert "Maybe (1): Bo Center 1" in text
    assert "Can't make it (1): Chi Center 1" in text
    assert "1 seat is left." in text
    assert not {"Anna", "Bo", "Chi"} & set(text.replace(" Center", "Center").split())
    assert len(room.seen(ROOM)) == before, "the card is changed, and nothing else is said"
    assert told(room, "100") == ["✅ Noted: you are going to Open Day. Your seat is confirmed."]
    assert room.seen("100") == [], "the notice has told them"


async def test_where_a_notice_cannot_be_shown_it_goes_to_their_own_chat(room: Desk) -> None:
    room.adapter.platform.press("100", card(room).id, f"rsvp:{room.events['talk']}:going", ROOM)
    await room.receive()
    room.clock.advance(2.5)
    before = len(room.seen(ROOM))
    await room.answer()
    assert len(room.seen(ROOM)) == before
    assert room.seen("100") == ["✅ Noted: you are going to Open Day. Your seat is confirmed."]


async def test_who_cannot_be_reached_directly_is_not_answered_before_all(room: Desk) -> None:
    room.adapter.platform.block("100")
    await room.say("100", "x")
    room.adapter.platform.press("100", card(room).id, f"rsvp:{room.events['talk']}:going", ROOM)
    await room.receive()
    room.clock.advance(2.5)
    before = len(room.seen(ROOM))
    await room.answer()
    assert len(room.seen(ROOM)) == before
    await refresh(room)
    assert "Anna Center 1" in card(room).text


async def test_a_stranger_is_told_how_to_join_and_changes_nothing(room: Desk) -> None:
    before = len(room.seen(ROOM))
    await answer(room, "999", "going")
    (notice,) = told(room, "999")
    assert notice.startswith("I do not know you yet")
    assert notice.endswith("chat.example/alliance")
    assert len(notice) <= 200
    await refresh(room)
    assert "Nobody here has answered yet." in card(room).text
    assert len(room.seen(ROOM)) == before


async def test_what_they_answer_elsewhere_is_shown_as_well(room: Desk) -> None:
    await answer(room, "100", "maybe")
    await refresh(room)
    await answer(room, "100", "going", chat="100", message="m0")
    await refresh(room)
    assert "Going (1): Anna Center 1" in card(room).text
    await answer(room, "200", "going", chat="200", message="m0")
    await refresh(room)
    assert "Bo Center" not in card(room).text, "who never answered here is not shown here"
    assert "All seats are taken." in card(room).text


async def test_moving_up_from_the_waiting_list_is_shown(room: Desk) -> None:
    for user in ("100", "200", "300"):
        await answer(room, user, "going")
    await refresh(room)
    assert "Waiting list (1): Chi Center 1" in card(room).text
    assert "1 person is waiting." in card(room).text
    await answer(room, "100", "declined", chat="100", message="m0")
    await refresh(room)
    assert "Going (2): Bo Center 1, Chi Center 1" in card(room).text
    assert "Can't make it (1): Anna Center 1" in card(room).text


async def test_a_press_in_a_room_never_changes_somebodys_own_card(room: Desk) -> None:
    await room.press("200", f"event:{room.events['talk']}", "m0")
    (own,) = room.adapter.platform.journal.from_bot("200")
    text = own.text
    await answer(room, "100", "going", message=own.id)
    await answer(room, "100", "maybe", chat="200", message=own.id)
    await refresh(room)
    assert own.text == text
    assert "Going (1): Anna Center 1" in card(room).text


async def test_many_at_once_end_in_the_truth_with_few_edits(room: Desk) -> None:
    """60 people of 20 organisations press in one moment, some of them several times."""
    users = await add_members(room, 60, organisations=20)
    platform, message = room.adapter.platform, card(room).id
    started = room.clock.monotonic()
    for user in users:
        for wanted in ("going", "maybe", "declined")[: 1 + int(user) % 3]:
            platform.press(
                user, message, f"rsvp:{room.events['frontier-forum-2020']}:{wanted}", ROOM
            )
    await ask_card(room, "frontier-forum-2020")
    for _ in range(30):
        await ring(room)
        await room.deliver(2)
        room.clock.advance(1)
    forum = next(one for one in standing(room) if "Frontier Forum" in one.text)
    assert "Going (20)" in forum.text
    assert "Maybe (20)" in forum.text
    assert "Can't make it (20)" in forum.text
    made = [one for one in room.adapter.attempts if one.kind == "edit"]
    assert 1 <= len(made) <= 1 + (room.clock.monotonic() - started) / 5
    assert all(late.at - early.at >= 5 for early, late in itertools.pairwise(made))
    assert {row.lane for row in await edits(room)} == {int(Lane.BULK)}


async def test_presses_while_it_is_refreshed_are_never_more_than_one_edit_in_5_s(
    room: Desk,
) -> None:
    wanted = itertools.cycle(("going", "maybe", "declined"))
    for _second in range(40):
        await answer(room, "100", next(wanted))
        await ring(room)
        room.clock.advance(1)
    await refresh(room)
    made = [one.at for one in room.adapter.attempts if one.kind == "edit"]
    assert len(made) >= 5
    assert all(late - early >= 5 for early, late in itertools.pairwise(made))
    assert "(1): Anna Center 1" in card(room).text


async def test_two_processes_refresh_once(room: Desk) -> None:
    await answer(room, "100", "going")
    room.clock.advance(6)
    bench = room.bench
    twin = RoomCards({"fake": room.adapter}, bench.outbox, Readers("en", "UTC"), room.clock)
    await asyncio.gather(
        *(cards.refresh(room.database) for cards in (bench.cards, twin) for _ in range(4))
    )
    assert len(await edits(room)) == 1


async def test_the_next_one_waits_while_one_is_under_way(room: Desk) -> None:
    await answer(room, "100", "going")
    room.clock.advance(6)
    await ring(room)
    await answer(room, "100", "maybe", chat="100", message="m0")
    rows = [row for row in await edits(room) if row.lane == int(Lane.BULK)]
    await room.database.write(
        lambda write: write.execute(
            update(t.Delivery).where(col(t.Delivery.id) == rows[0].id).values(state="sending")
        )
    )
    for _ in range(20):
        room.clock.advance(1)
        await ring(room)
    assert [row.lane for row in await edits(room)].count(int(Lane.BULK)) == 1
    await room.deliver()  # the next sender makes the edit again that its forerunner left behind
    await refresh(room)
    assert "Maybe (1): Anna Center 1" in card(room).text


async def test_nothing_is_edited_where_nothing_reads_otherwise(room: Desk) -> None:
    await answer(room, "100", "going")
    await refresh(room)
    count = len(await edits(room))
    await answer(room, "100", "maybe")
    await answer(room, "100", "going")
    for _ in range(3):
        await refresh(room)
    assert len(await edits(room)) == count


async def test_a_message_that_is_gone_comes_back_when_somebody_asks(room: Desk) -> None:
    card(room).deleted = True
    await answer(room, "100", "going", message="m9")
    await refresh(room)
    await refresh(room)
    assert standing(room) == []
    count = len(await edits(room))
    await answer(room, "100", "maybe", chat="100", message="m0")
    await refresh(room)
    assert [r for r in await edits(room) if r.lane == int(Lane.BULK)][count:] == []
    await ask_card(room)
    assert "Maybe (1): Anna Center 1" in card(room).text
    async with room.database.read() as read:
        lost = [one for one in await losses.undelivered(read) if one.to == TITLE]
    assert lost == [], "somebody removed it: that is no loss"


async def test_a_card_that_did_not_arrive_is_posted_when_asked_for_again(desk: Desk) -> None:
    await let_in(desk)
    desk.adapter.script[ROOM].append(Never(Reason.REFUSED, "no"))
    await ask_card(desk)
    assert standing(desk) == []
    await ring(desk)
    await ask_card(desk)
    card(desk)


async def test_an_answer_that_was_lost_posts_no_twin_by_itself(desk: Desk) -> None:
    await let_in(desk)
    desk.adapter.platform.lose_answers(1)
    await ask_card(desk)
    assert len(standing(desk)) == 1
    for _ in range(3):
        await refresh(desk)
    assert len(standing(desk)) == 1


async def test_an_edit_of_unknown_fate_is_made_again_after_a_while(room: Desk) -> None:
    await answer(room, "100", "going")
    room.adapter.script[ROOM].extend([Unknown("lost")] * 4)
    room.clock.advance(6)
    await ring(room)
    await room.deliver(60)
    assert "Nobody" in card(room).text
    await ring(room)
    await refresh(room)
    assert "Nobody" in card(room).text
    await refresh(room, RETRY_SECONDS)
    assert "Anna Center 1" in card(room).text


async def test_a_platform_that_says_later_gets_one_edit_in_the_end(room: Desk) -> None:
    await answer(room, "100", "going")
    room.adapter.script[ROOM].append(Later(20.0, Scope.CHAT, "slow down"))
    room.clock.advance(6)
    await ring(room)
    await room.deliver(10)
    await answer(room, "100", "maybe", chat="100", message="m0")
    for _ in range(10):
        await ring(room)
        room.clock.advance(1)
    await room.deliver(40)
    await refresh(room)
    assert "Maybe (1): Anna Center 1" in card(room).text


async def test_asked_for_elsewhere_it_moves_and_the_old_one_loses_its_buttons(room: Desk) -> None:
    old = card(room)
    room.clock.advance(RECENT_SECONDS + 1)
    await ask_card(room, user="200")
    new = card(room)
    assert new.id != old.id
    await room.deliver()
    assert old.buttons == ()
    assert "newer one in this room" in old.text
    room.adapter.platform.press(
        "300", new.id, f"event:{room.events['talk']}", ROOM, thread="topic 2"
    )
    await room.answer()
    assert new.buttons == ()
    assert card(room).id != new.id
    await answer(room, "100", "going")
    await refresh(room)
    assert "Anna Center 1" in card(room).text
    assert "newer one" in old.text


async def test_asked_for_by_many_at_once_there_is_one(desk: Desk) -> None:
    await let_in(desk)
    for number in range(8):
        desk.adapter.platform.press(
            "100", "m0", f"event:{desk.events['talk']}", ROOM, thread=f"t{number}"
        )
    await desk.receive()
    await desk.dispatcher.drain()
    await desk.deliver()
    assert len(standing(desk)) == 1


async def test_a_room_of_many_organisations_is_cut_to_one_message(room: Desk) -> None:
    users = await add_members(room, 500, organisations=214)
    await answer_all(room, users, room.events["frontier-forum-2020"])
    await ask_card(room, "frontier-forum-2020")
    forum = next(one for one in standing(room) if "Frontier Forum" in one.text)
    assert "Going (500)" in forum.text
    assert "more organisations" in forum.text
    assert len(forum.text) < 4096


async def test_a_room_that_we_left_is_not_refreshed(room: Desk) -> None:
    await answer(room, "100", "going")
    room.adapter.platform.remove_bot(ROOM, "300")
    await room.answer()
    for _ in range(3):
        await refresh(room)
    assert await edits(room) == []


async def test_an_import_that_changes_the_event_changes_its_card(room: Desk) -> None:
    moved = replace(TALK, venue="Great Hall", capacity=9)
    alliance = Conference("alliance", (FORUM, moved, DAY), entries=(ENTRY,))
    now = room.clock.now()
    await room.database.write(
        lambda write: conferences.save(write, alliance, complete=True, actor=CLI, now=now)
    )
    await refresh(room)
    assert "Great Hall" in card(room).text
    assert "9 seats are left." in card(room).text


async def test_who_moves_up_because_seats_came_free_is_shown(room: Desk) -> None:
    for user in ("100", "200", "300"):
        await answer(room, user, "going")
    await room.database.write(
        lambda write: write.execute(
            update(t.EventSeats)
            .where(col(t.EventSeats.event_id) == room.events["talk"])
            .values(capacity=5)
        )
    )
    await waitlist.run(room.bench)
    await refresh(room)
    assert "Going (3)" in card(room).text
    assert "2 seats are left." in card(room).text


async def test_an_event_that_is_cancelled_has_nothing_to_press(room: Desk) -> None:
    await answer(room, "100", "going")
    await room.database.write(
        lambda write: write.execute(
            update(t.Event).where(col(t.Event.id) == room.events["talk"]).values(status="cancelled")
        )
    )
    await refresh(room)
    (shown,) = [one for one in room.seen(ROOM) if "Open Day" in one]
    assert "cancelled" in shown
    assert standing(room) == []


async def test_two_dispatchers_and_two_jobs_end_in_the_truth(
    room: Desk, open_database: OpenDatabase
) -> None:
    """Another process on the same tables: both handle presses and ring at the same time."""
    users = await add_members(room, 20, organisations=20)
    for number, user in enumerate(users):
        wanted = ("going", "maybe")[number % 2]
        data = f"rsvp:{room.events['frontier-forum-2020']}:{wanted}"
        thread = f"t{number}"  # threads are conversations of their own: handled side by side
        room.adapter.platform.press(user, "m0", data, ROOM, thread)
    await room.receive()
    twin = open_database()
    cards = RoomCards({"fake": room.adapter}, room.bench.outbox, Readers("en", "UTC"), room.clock)
    other = dispatcher_of(replace(room, database=twin), process="other")
    await asyncio.gather(room.dispatcher.drain(), other.drain())
    await room.dispatcher.drain()
    await room.deliver(30)
    for _ in range(3):
        await asyncio.gather(cards.refresh(twin), ring(room))
        await room.deliver(6)
        room.clock.advance(6)
    forum = [one for one in standing(room) if "Frontier Forum" in one.text]
    assert len(forum) == 1, "the first answers of many at once make one card"
    assert "Going (10)" in forum[0].text
    assert "Maybe (10)" in forum[0].text
    made = [one.at for one in room.adapter.attempts if one.kind == "edit"]
    assert all(late - early >= 5 for early, late in itertools.pairwise(made))


async def test_a_crash_in_the_middle_of_a_refresh_leaves_it_to_the_next(
    room: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await answer(room, "100", "going")
    room.clock.advance(6)

    async def crash(*_given: object, **_named: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(room.bench.outbox, "put", crash)
        with pytest.raises(KeyboardInterrupt):
            await ring(room)
    assert await edits(room) == []
    await ring(room)
    await room.deliver()
    assert "Anna Center 1" in card(room).text


async def test_slack_confirms_in_their_own_chat(slack: Desk) -> None:
    desk = slack
    await let_in(desk)
    await ask_card(desk)
    before = len(desk.seen(ROOM))
    data = f"rsvp:{desk.events['talk']}:going"
    desk.adapter.platform.press("100", card(desk).id, data, ROOM)
    incoming, _notice = desk.adapter.platform.updates.pop()
    desk.adapter.platform.updates.append((incoming, None))  # no notices there
    await desk.answer()
    assert len(desk.seen(ROOM)) == before
    (said,) = desk.seen("100")
    assert "Noted: you are going" in said


async def add_members(desk: Desk, count: int, organisations: int) -> list[str]:
    """Add linked people of many organisations; return their users."""
    orgs = [
        {"slug": f"org-{n}", "names": {"": f"Organisation number {n}"}, "country": "CH"}
        for n in range(organisations)
    ]

    async def work(write: Any) -> list[str]:
        await write.execute(insert(t.Organisation), orgs)
        ids = [
            row.id
            for row in await write.all(
                select(t.Organisation.id).where(col(t.Organisation.slug).startswith("org-"))
            )
        ]
        people = [
            {
                "email": f"p{n}@many.example",
                "names": {"": f"Person {n}"},
                "organisation_id": ids[n % len(ids)],
                "role": "contact",
            }
            for n in range(count)
        ]
        await write.execute(insert(t.Person), people)
        found = await write.all(
            select(t.Person.id).where(col(t.Person.email).endswith("@many.example"))
        )
        accounts = [
            {"platform": "fake", "account": "bot", "user": str(3000 + n), "person_id": row.id}
            for n, row in enumerate(found)
        ]
        await write.execute(insert(t.Account), accounts)
        return [one["user"] for one in accounts]

    return await desk.database.write(work)


async def answer_all(desk: Desk, users: list[str], event_id: int) -> None:
    async def work(write: Any) -> None:
        room = await write.scalar(select(t.Room.address_id))
        people = await write.all(select(t.Account.person_id).where(col(t.Account.user).in_(users)))
        keys = [{"event_id": event_id, "person_id": row.person_id} for row in people]
        rsvp = {"answer": "going", "seat": "confirmed", "answered_at": desk.clock.now()}
        await write.execute(insert(t.Rsvp), [{**one, **rsvp} for one in keys])
        await write.execute(insert(t.RoomAnswer), [{**one, "address_id": room} for one in keys])

    await desk.database.write(work)
