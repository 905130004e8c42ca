"""Questions that go to the secretariat, and accounts as they are first seen."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import func, select

from bot.answers import LexicalEngine
from bot.domain.address import AccountRef, Address
from bot.domain.event import Conference, Entry
from bot.domain.people import CLI
from bot.domain.reader import Reader
from bot.services import conferences, questions
from bot.services import people as people_service
from bot.storage import accounts, tables
from bot.storage.database import Database, Write
from tests.integration.conftest import OpenDatabase
from tests.integration.storage.people import add_members

NOW = datetime(2020, 1, 1, tzinfo=UTC)
REF = AccountRef("telegram", "bot", "77")
READER = Reader("en", "UTC")


async def ask(write: Write, text: str, account_id: int, person_id: int | None = None) -> None:
    await questions.hand_over(
        write,
        text=text,
        account_id=account_id,
        person_id=person_id,
        conversation="telegram|bot|77|",
        now=NOW,
    )


async def test_questions_wait_newest_first_with_who_asked(database: Database) -> None:
    await add_members(database, [1])
    await database.write(partial(ask, text="First?", account_id=1, person_id=1))
    await database.write(partial(ask, text="'; DROP TABLE question; --", account_id=1))
    async with database.read() as read:
        waiting = await questions.waiting(read)
    assert [(one.text, one.email, one.asked_at) for one in waiting] == [
        ("'; DROP TABLE question; --", "", NOW),
        ("First?", "p1@example.org", NOW),
    ]


async def test_the_index_is_built_once_and_beside_the_event_loop(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[int] = []

    class Noted(LexicalEngine):
        def __init__(self, conferences: Sequence[Conference]) -> None:
            built.append(threading.get_ident())
            super().__init__(conferences)

    monkeypatch.setattr(questions, "LexicalEngine", Noted)
    knowledge = questions.Knowledge(database)
    await asyncio.gather(*(knowledge.answer("Where?", READER, NOW) for _worker in range(8)))
    assert len(built) == 1
    assert built[0] != threading.get_ident()


async def test_answers_follow_the_data_of_the_moment(database: Database) -> None:
    knowledge = questions.Knowledge(database)

    async def answer() -> str | None:
        found = await knowledge.answer("Where is the cloakroom?", READER, NOW)
        return found.source if found else None

    assert await answer() is None
    entry = Entry("c/faq.md#cloakroom", "c", ("Where is the cloakroom?",), "In the hall.", "en")
    for entries, expected in (((entry,), entry.source), ((), None)):
        known = Conference("c", (), (), entries)
        await database.write(
            partial(conferences.save, conference=known, complete=True, actor=CLI, now=NOW)
        )
        assert await answer() == expected


async def test_an_account_seen_by_many_at_once_is_one(
    database: Database, open_database: OpenDatabase
) -> None:
    async def meet(write: Write, locale: str) -> tuple[int, int]:
        account_id = await accounts.ensure(write, REF, locale=locale, name="A name")
        return account_id, await accounts.ensure_direct(write, REF, account_id)

    others = [open_database() for _one in range(4)]
    met = await asyncio.gather(
        *(others[n % 4].write(partial(meet, locale=("de", "")[n % 2])) for n in range(16))
    )
    assert len(set(met)) == 1
    async with database.read() as read:
        assert await read.scalar(select(func.count()).select_from(tables.Account)) == 1
        assert await read.scalar(select(func.count()).select_from(tables.Address)) == 1
        known = await accounts.find(read, REF)
    assert known is not None
    assert known.locale == "de", "what was told is kept when nothing is told"


async def test_an_address_keeps_its_account_when_it_is_only_written_to(
    database: Database,
) -> None:
    async def work(write: Write) -> list[accounts.DirectAddress]:
        await add(write)
        await accounts.ensure_address(write, Address("telegram", "bot", "77"))
        return list(await accounts.direct_addresses(write, 1))

    async def add(write: Write) -> None:
        await accounts.link(write, {REF: 1})

    await add_members(database, [1])
    chats = [one.address.chat for one in await database.write(work)]
    assert chats == ["1", "77"]


async def test_who_blocked_the_bot_comes_last_until_they_are_back(database: Database) -> None:
    await add_members(database, [1])
    await database.write(partial(accounts.link, persons={REF: 1}))
    one = Address("telegram", "bot", "1")
    for reachable, expected in ((False, ["77", "1"]), (True, ["1", "77"])):
        await database.write(
            partial(people_service.set_reachable, address=one, reachable=reachable)
        )
        async with database.read() as read:
            found = await accounts.direct_addresses(read, 1)
        assert [each.address.chat for each in found] == expected
        assert [each.unreachable for each in found].count("") == (2 if reachable else 1)
