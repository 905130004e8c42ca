"""Announcements that came due while nothing ran: asked, never fired; a little late is sent."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import MovableClock
from tests.e2e.support import World, until, world

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

EMAIL = "secretary@office.example"


async def office(here: World) -> tuple[MovableClock, str]:
    """Two members and a secretary who may decide; return the calendar and who that is."""
    rows = here.add_people(3)
    rows[2] |= {"organisation": "Office", "email": EMAIL, "country": "CN"}
    await here.done("roster", "import", here.write_roster(rows))
    await here.done("staff", "grant", EMAIL, "editor")
    return MovableClock(here.folder / "calendar.json"), "1003"


async def test_late_after_downtime_is_asked(tmp_path: Path) -> None:
    async with world(
        tmp_path,
        CONVOKE_CALENDAR_FILE=str(tmp_path / "calendar.json"),
        CONVOKE_GRACE_MINUTES="30",
        CONVOKE_ADAPTERS="telegram",
    ) as here:
        clock, secretary = await office(here)
        now = clock.now()

        async def due(title: str, minutes: float) -> int:
            return await here.announce(
                "--at", (now + timedelta(minutes=minutes)).isoformat(), title=title
            )

        numbers = {
            "Sent by button": await due("Sent by button", 10),
            "Cancelled by button": await due("Cancelled by button", 11),
            "Approved": await due("Approved", 12),
            "Cancelled": await due("Cancelled", 13),
            "A little late": await due("A little late", 60),
            "Far away": await due("Far away", 600),
        }
        clock.move_to(now + timedelta(minutes=80))
        run = await here.started(CONVOKE_ADAPTERS="telegram")
        await here.gets("1001", "A little late")
        asked = await here.gets(secretary, "never sent late without asking", 4)
        assert len(asked) == 4

        # Somebody else's press, and a member's forged one, decide nothing.
        data = asked[0].buttons[0].data
        here.telegram.press("1001", asked[0].id, data, chat=secretary)
        here.telegram.press("1001", "1", data)
        await until(lambda: len(here.telegram.journal.notices("1001")) >= 2, "they are told")
        by_title = {
            title: one for one in asked for title in numbers if title in one.text.split("”")[0]
        }
        assert here.copies("1001", "Sent by button") == 0
        for _ in range(2):  # twice: a double tap
            here.press(secretary, by_title["Sent by button"], "Send")
        here.press(secretary, by_title["Cancelled by button"], "ancel")
        await asyncio.gather(
            here.done("announce", "approve", str(numbers["Approved"])),
            here.done("announce", "cancel", str(numbers["Cancelled"])),
        )
        for title in ("Sent by button", "Approved"):
            report = await here.is_sent(numbers[title])
            assert (report["total"], report["delivered"]) == (3, 3)
            assert [here.copies(user, title) for user in here.everybody()] == [1, 1, 1]
        assert (await here.report(numbers["Cancelled by button"]))["state"] == "cancelled"
        assert (await here.report(numbers["Cancelled"]))["state"] == "cancelled"
        assert (await here.report(numbers["Far away"]))["state"] == "scheduled"
        for user in here.everybody():
            assert here.copies(user, "Cancelled") == here.copies(user, "Far away") == 0
        # What is decided stays decided, in words.
        for verb in ("approve", "cancel"):
            told = await here.cli("announce", verb, str(numbers["Cancelled"]))
            assert told.code == 1
            assert "cancelled" in told.err
        # The next one comes due while the service runs.
        clock.move_to(now + timedelta(minutes=601))
        await here.gets("1002", "Far away")
        await run.stopped()
