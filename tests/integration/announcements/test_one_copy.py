"""One person with several chats gets one copy, in the chat that comes first."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.services import roster
from bot.storage import freeze, tables
from bot.storage.database import Write
from tests.support.announcing import act, announce, later, report, ring, texts
from tests.support.desk import Desk
from tests.unit.handlers.talk import member_row

t: Any = tables
TWO = ("900", "901")


async def with_chats(desk: Desk, *users: str) -> None:
    """Give Dora the accounts ``users``, each with a chat."""
    row = replace(
        member_row(9, "900", "dora", "en"), accounts=tuple(("fake", "bot", user) for user in users)
    )

    async def save(write: Write, *, actor: Any, now: Any) -> None:
        await roster.save(write, [row], own={}, actor=actor, now=now)

    await act(desk, save)


async def block(desk: Desk, user: str, why: str = "blocked") -> None:
    statement = update(t.Address).where(t.Address.chat == user).values(unreachable=why)
    await desk.database.write(lambda write: write.count(statement))


async def reasons(desk: Desk, number: int) -> dict[str, str]:
    """Return why each of Dora's chats got nothing, by chat."""
    async with desk.database.read() as read:
        rows = await read.all(
            select(t.Address.chat, t.Delivery.reason)
            .join(t.Address, t.Address.id == t.Delivery.address_id)
            .where(t.Delivery.announcement_id == number, t.Address.chat.in_(TWO))
        )
    return {row.chat: row.reason for row in rows}


async def test_two_accounts_of_one_messenger_get_one_copy(desk: Desk) -> None:
    await with_chats(desk, *TWO)
    number = await announce(desk)
    await ring(desk)
    assert [len(texts(desk, user)) for user in TWO] == [1, 0]
    assert await reasons(desk, number) == {"900": "", "901": "other_messenger"}
    assert (await report(desk, number)).unreached == ()
    assert (await report(desk, number)).elsewhere == 1
    dora = [one for one in (await report(desk, number)).organisations if one.slug == "dora-center"]
    assert [(one.people, one.reached) for one in dora] == [(1, 1)]


async def test_the_first_chat_that_can_be_reached_gets_it(desk: Desk) -> None:
    await with_chats(desk, *TWO)
    await block(desk, "900")
    number = await announce(desk)
    await ring(desk)
    assert [len(texts(desk, user)) for user in TWO] == [0, 1]
    assert await reasons(desk, number) == {"900": "blocked", "901": ""}


async def test_a_second_chat_that_joins_late_brings_no_second_copy(desk: Desk) -> None:
    await with_chats(desk, "900")
    number = await announce(desk, late_until=desk.clock.now() + timedelta(days=9))
    await ring(desk)
    later(desk, hours=1)
    await with_chats(desk, *TWO)
    await ring(desk)
    assert [len(texts(desk, user)) for user in TWO] == [1, 0]
    assert await reasons(desk, number) == {"900": ""}


async def test_who_joins_late_with_two_chats_gets_one_copy(desk: Desk) -> None:
    await announce(desk, late_until=desk.clock.now() + timedelta(days=9))
    await ring(desk)
    later(desk, hours=1)
    await with_chats(desk, *TWO)
    await ring(desk)
    assert [len(texts(desk, user)) for user in TWO] == [1, 0]


@pytest.mark.parametrize("before", ["", "blocked"])
async def test_what_changes_between_two_chunks_makes_neither_two_nor_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    """The first chat is blocked, or can be reached again, when the second one's turn comes."""
    monkeypatch.setattr(freeze, "CHUNK", 1)
    await with_chats(desk, *TWO)
    await block(desk, "900", before)
    real = freeze.freeze_chunk

    async def and_then_it_changes(write: Write, *given: Any, **named: Any) -> bool:
        first = await read_of(write)
        done = await real(write, *given, **named)
        if first != await read_of(write):  # Dora's first chat was decided in this chunk
            why = "" if before else "blocked"
            await write.count(
                update(t.Address).where(t.Address.chat == "900").values(unreachable=why)
            )
        return done

    monkeypatch.setattr("bot.services.delivery.freeze_chunk", and_then_it_changes)
    number = await announce(desk)
    await ring(desk)
    expected = {"900": "blocked", "901": ""} if before else {"900": "", "901": "other_messenger"}
    assert await reasons(desk, number) == expected


async def read_of(write: Write) -> int:
    """Return how many rows Dora's first chat has."""
    rows = await write.all(
        select(t.Delivery.id)
        .join(t.Address, t.Address.id == t.Delivery.address_id)
        .where(t.Address.chat == "900")
    )
    return len(rows)
