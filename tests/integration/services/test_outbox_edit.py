"""A change of a long message never costs a word of it."""

from typing import Any

import pytest
from sqlalchemy import text

from bot.adapters.telegram import TelegramAdapter
from bot.clock import SystemClock
from bot.domain.address import Address, MessageRef
from bot.domain.message import Message, line
from bot.domain.reader import Reader
from bot.services.introductions import Introductions
from bot.services.outbox import Cause, Outbox
from bot.services.readers import Readers
from bot.storage.database import Database
from bot.storage.inbox import store
from bot.storage.key_values import AdapterMemory
from tests.unit.views.samples import NOW

READER = Reader("en", "UTC")
CHAT = Address("telegram", "77", "5")


def _message(words: int, *lines: str) -> Message:
    return Message((line("word " * words), *(line(one) for one in lines)))


async def _standing(database: Database, outbox: Outbox, message: Message) -> int:
    """Send ``message`` as a reply and note ids as the platform would; return its parts."""
    from bot.domain.address import AccountRef
    from bot.domain.incoming import Said

    said = Said(
        delivery_id="1",
        at=NOW,
        where=CHAT,
        who=AccountRef("telegram", "77", "5"),
        is_direct=True,
        text="hello",
    )
    inbox_id = await database.write(lambda write: store(write, said, NOW))
    assert inbox_id is not None
    cause = Cause(inbox_id, 1)
    await database.write(lambda write: outbox.send(write, CHAT, message, READER, cause))
    noted = text("UPDATE delivery SET state = 'delivered', message_id = 'm' || part")
    return await database.write(lambda write: write.count(noted))


async def _edits(database: Database) -> list[Any]:
    async with database.read() as read:
        asked = text("SELECT target, summary FROM delivery WHERE kind = 'edit'")
        return list(await read.all(asked))


@pytest.fixture
def outbox(database: Database) -> Outbox:
    adapter = TelegramAdapter(
        token="77:not-a-real-token",
        api_url="http://127.0.0.1:9",
        memory=AdapterMemory(database, "telegram"),
        clock=SystemClock(),
    )
    introductions = Introductions(lambda language: "the Alliance", SystemClock())
    return Outbox({"telegram": adapter}, Readers("en", "UTC"), introductions)


async def test_a_change_that_needs_one_more_part_is_not_made(
    database: Database, outbox: Outbox
) -> None:
    assert await _standing(database, outbox, _message(815)) == 1
    longer = _message(815, "Your answer: going. Your seat is confirmed.")
    ref = MessageRef(CHAT, "m1")
    made = await database.write(lambda write: outbox.edit(write, ref, longer, READER, Cause()))
    assert not made
    assert await _edits(database) == []


async def test_of_a_split_message_only_the_part_that_stands_there_is_changed(
    database: Database, outbox: Outbox
) -> None:
    assert await _standing(database, outbox, _message(1000)) == 2
    longer = _message(1000, "Your answer: going.")
    ref = MessageRef(CHAT, "m2")
    made = await database.write(lambda write: outbox.edit(write, ref, longer, READER, Cause()))
    assert made
    [edit] = await _edits(database)
    assert edit.target == "m2"
    assert edit.summary.startswith("word")
    assert edit.summary.endswith("Your answer: going.")
    assert len(edit.summary) < 2000


async def test_a_message_that_the_ledger_does_not_know_is_changed_if_it_fits(
    database: Database, outbox: Outbox
) -> None:
    ref = MessageRef(CHAT, "unknown")
    short = _message(3, "Your answer: going.")
    assert await database.write(lambda write: outbox.edit(write, ref, short, READER, Cause()))
    long = _message(1000, "Your answer: going.")
    assert not await database.write(lambda write: outbox.edit(write, ref, long, READER, Cause()))
