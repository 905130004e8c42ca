"""What tests of rooms share: a room, its card, and what is stored of both."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from bot.domain.people import CLI, StaffRole
from bot.domain.room import Room
from bot.services import people, rooms
from bot.simulators.journal import SeenMessage
from bot.storage import tables
from schedules import rooms as job
from tests.support.desk import Desk

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

ROOM, TITLE = "-5", "Frontier Forum"


async def let_in(desk: Desk, by: str = "100", room: str = ROOM, title: str = TITLE) -> list[str]:
    """Let the bot into a room, and return what it then said there."""
    before = len(desk.seen(room))
    desk.adapter.platform.rooms[room] = title
    desk.adapter.platform.add_bot(room, by)
    await desk.answer()
    return desk.seen(room)[before:]


async def make_staff(desk: Desk, email: str, role: StaffRole = StaffRole.ADMIN) -> None:
    now = desk.clock.now()
    await desk.database.write(
        lambda write: people.grant_staff(write, email=email, role=role, actor=CLI, now=now)
    )


async def known_rooms(desk: Desk) -> tuple[Room, ...]:
    async with desk.database.read() as read:
        return await rooms.everything(read)


def standing(desk: Desk, room: str = ROOM) -> list[SeenMessage]:
    """Return the messages in the room that can be answered on."""
    return [one for one in desk.adapter.platform.journal.from_bot(room) if _answers(one)]


def card(desk: Desk, room: str = ROOM) -> SeenMessage:
    (only,) = standing(desk, room)
    return only


def _answers(one: SeenMessage) -> bool:
    return any(button.data.startswith("rsvp:") for button in one.buttons)


async def ask_card(desk: Desk, event: str = "talk", user: str = "100", room: str = ROOM) -> None:
    """Let ``user`` ask for the card of an event in the room."""
    await desk.press(user, f"event:{desk.events[event]}", "m0", room)


async def ring(desk: Desk) -> None:
    await job.run(desk.bench)


async def refresh(desk: Desk, seconds: float = 6.0) -> None:
    """Let the pause between two refreshes pass, and the card follow."""
    desk.clock.advance(seconds)
    await ring(desk)
    await desk.deliver()
    await ring(desk)


async def ledger(desk: Desk, *wanted: Any) -> Sequence[Any]:
    async with desk.database.read() as read:
        return await read.all(select(t.Delivery).where(*wanted).order_by(col(t.Delivery.id)))


async def edits(desk: Desk) -> Sequence[Any]:
    return await ledger(desk, col(t.Delivery.kind) == "edit")
