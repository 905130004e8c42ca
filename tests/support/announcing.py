"""Announcements on a desk: written, rung, and what stands in the chats then."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.domain.announcement import Announcement, Body
from bot.domain.announcement_report import Report
from bot.domain.people import CLI
from bot.services import announcement_reports, announcements
from bot.services.announcements import Draft
from bot.simulators.journal import SeenMessage
from bot.storage import tables
from bot.storage.database import Write
from schedules import JOBS
from tests.support.desk import Desk

t: Any = tables
USERS = ("100", "200", "300")
BODIES = (Body("en", "Greeting", "Happy New Year!"), Body("zh", "问候", "新年快乐！"))
DRAFT = Draft("Greeting", BODIES, "all", None, "Asia/Shanghai")


async def act(desk: Desk, work: Callable[..., Awaitable[Any]], *given: Any, **named: Any) -> Any:
    """Let the secretariat do something at the desk's instant."""
    now = desk.clock.now()

    async def done(write: Write) -> Any:
        return await work(write, *given, **named, actor=CLI, now=now)

    return await desk.database.write(done)


async def announce(desk: Desk, **changed: Any) -> int:
    """Write and approve :data:`DRAFT`, changed; return its number."""
    made = await act(desk, announcements.create, replace(DRAFT, **changed))
    await act(desk, announcements.approve, made.id)
    return int(made.id)


async def ring(desk: Desk, seconds: float = 6.0, times: int = 3) -> None:
    """Let all jobs look, and a sender work, in turns."""
    for _ in range(times):
        for job in JOBS:
            await job.run(desk.bench)
        await desk.deliver(seconds)
    for job in JOBS:
        await job.run(desk.bench)


async def get(desk: Desk, number: int) -> Announcement:
    async with desk.database.read() as read:
        return await announcements.get(read, number)


async def report(desk: Desk, number: int) -> Report:
    async with desk.database.read() as read:
        return await announcement_reports.report(read, number, desk.clock.now())


def standing(desk: Desk, user: str) -> list[SeenMessage]:
    """Return what stands in the chat of ``user`` and was not deleted."""
    return [one for one in desk.adapter.platform.journal.from_bot(user) if not one.deleted]


def texts(desk: Desk, user: str) -> list[str]:
    return [one.text for one in standing(desk, user)]


async def due_of(desk: Desk, number: int) -> dict[str, Any]:
    """Return until when each chat's copy waits, by chat."""
    async with desk.database.read() as read:
        rows = await read.all(
            select(t.Address.chat, t.Delivery.not_before)
            .join(t.Address, t.Address.id == t.Delivery.address_id)
            .where(t.Delivery.announcement_id == number, t.Delivery.part == 1)
        )
    return {row.chat: row.not_before for row in rows}


def later(desk: Desk, **length: float) -> None:
    """Let time pass."""
    desk.clock.advance(timedelta(**length).total_seconds())
