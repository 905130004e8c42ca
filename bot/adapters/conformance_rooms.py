"""What an adapter promises of groups and channels; part of :mod:`bot.adapters.conformance`."""

from bot.adapters.conformance_kit import (
    READER,
    Collector,
    Harness,
    key_of,
    receiving,
    staged,
    until,
)
from bot.domain.address import Address
from bot.domain.incoming import Joined, Left, Pressed, Said
from bot.domain.message import Button, Message, line, plain
from bot.domain.outcome import Delivered, Moved, Never

TITLE = "Science & <Friends> *2027*"


class RoomConformance:
    """Skipped, test by test, where the platform knows no rooms or none that move."""

    async def test_coming_into_a_room_and_leaving_it_are_told(self, harness: Harness) -> None:
        """Who let the bot in or put it out, and how the room is called."""
        chat = opened(harness)
        sink = Collector()
        async with receiving(harness, sink):
            harness.simulator.add_bot(chat, harness.user)
            await until(harness, lambda: sink.stored)
            harness.simulator.remove_bot(chat, harness.user)
            await until(harness, lambda: isinstance(sink.stored[-1], Left))
        joined, left = sink.stored[0], sink.stored[-1]
        assert isinstance(joined, Joined)
        assert isinstance(left, Left)
        assert joined.is_bot
        assert left.is_bot
        assert joined.room, "a room says how it is called"
        assert {joined.where, left.where} == {place(harness, chat)}
        assert not joined.is_direct
        assert not left.is_direct

    async def test_a_question_in_a_room_comes_in_without_the_bots_name(
        self, harness: Harness
    ) -> None:
        """What mentions the bot is heard, and answers go where it was said."""
        chat = opened(harness)
        sink = Collector()
        async with receiving(harness, sink):
            harness.simulator.add_bot(chat, harness.user)
            await until(harness, lambda: sink.stored)
            harness.simulator.say(harness.user, "<@bot> when is it <b>?", chat)
            await until(harness, sink.texts)
        said = sink.stored[-1]
        assert isinstance(said, Said)
        assert said.text.strip() == "when is it <b>?"
        assert (said.who.user, said.is_direct) == (harness.user, False)
        assert said.where.chat == chat
        (part,) = harness.adapter.render(plain("at ten"), READER)
        assert isinstance(await harness.adapter.send(said.where, part, key_of(harness)), Delivered)
        assert [one.text for one in harness.simulator.journal.from_bot(chat)] == ["at ten"]

    async def test_a_press_in_a_room_says_who_and_where(self, harness: Harness) -> None:
        """The room is where it was pressed, the person is who pressed."""
        chat = opened(harness)
        sink = Collector()
        async with receiving(harness, sink):
            harness.simulator.add_bot(chat, harness.user)
            await until(harness, lambda: sink.stored)
            message = Message((line("?"),), ((Button("Go", "go", "1"),),))
            (part,) = harness.adapter.render(message, READER)
            sent = await harness.adapter.send(place(harness, chat), part, key_of(harness))
            assert isinstance(sent, Delivered)
            (shown,) = harness.simulator.journal.from_bot(chat)
            harness.simulator.press(harness.user, shown.id, shown.buttons[0].data, chat)
            await until(harness, lambda: isinstance(sink.stored[-1], Pressed))
        pressed = sink.stored[-1]
        assert isinstance(pressed, Pressed)
        assert (pressed.action, pressed.value, pressed.ref) == ("go", "1", sent.ref)
        assert (pressed.where.chat, pressed.who.user) == (chat, harness.user)
        assert not pressed.is_direct

    async def test_a_room_that_moved_says_where_to(self, harness: Harness) -> None:
        """By an update, and to whoever sends to where it was: one request, and not delivered."""
        chat = opened(harness)
        sink = Collector()
        async with receiving(harness, sink):
            harness.simulator.add_bot(chat, harness.user)
            await until(harness, lambda: sink.stored)
            with staged():
                new_chat = harness.simulator.upgrade_room(chat)
            await until(harness, lambda: sink.stored[-1].where.chat == new_chat)
        moved = sink.stored[-1]
        assert isinstance(moved, Joined)
        assert (moved.is_bot, moved.moved_from) == (True, place(harness, chat))
        (part,) = harness.adapter.render(plain("x"), READER)
        to = place(harness, chat)
        outcome = await harness.adapter.send(to, part, key_of(harness))
        assert outcome == Moved(place(harness, new_chat))
        assert harness.simulator.journal.from_bot(new_chat) == []
        sent = await harness.adapter.send(outcome.new_address, part, key_of(harness))
        assert isinstance(sent, Delivered)

    async def test_a_room_without_the_bot_is_never(self, harness: Harness) -> None:
        """Nothing can be said where the bot is not."""
        chat = opened(harness)
        harness.simulator.add_bot(chat, harness.user)
        harness.simulator.remove_bot(chat, harness.user)
        (part,) = harness.adapter.render(plain("x"), READER)
        outcome = await harness.adapter.send(place(harness, chat), part, key_of(harness))
        assert isinstance(outcome, Never)
        assert harness.simulator.journal.from_bot(chat) == []


def opened(harness: Harness) -> str:
    """Return a new room with the harness's person in it; the bot is outside still."""
    with staged():
        return harness.simulator.create_room(TITLE, [harness.user])
    raise AssertionError  # staged has skipped the test


def place(harness: Harness, chat: str) -> Address:
    """Return the room's address."""
    return Address(harness.adapter.name, harness.adapter.account, chat)
