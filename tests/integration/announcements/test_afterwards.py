"""What comes after an announcement: reminders, letters, late joiners, what stands in its place."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.announcement import Body
from bot.domain.event import Conference, Event
from bot.domain.outcome import Never, Reason
from bot.domain.people import CLI
from bot.domain.refusal import Refusal
from bot.domain.zoned import event_time
from bot.services import acknowledgements, announcement_changes, announcements, conferences
from tests.integration.announcements.test_by_hand import letters, on_no_messenger
from tests.integration.announcements.test_confirming import confirm
from tests.integration.announcements.test_one_copy import with_chats
from tests.support.announcing import act, announce, get, later, ring, standing, texts
from tests.support.desk import Desk
from tests.unit.handlers.talk import ENTRY
from tests.unit.views.samples import DAY, FORUM, TALK


async def save(desk: Desk, talk: Event) -> None:
    """Import the conference again, with another talk."""
    alliance = Conference("alliance", (FORUM, talk, DAY), entries=(ENTRY,))
    now = desk.clock.now()
    await desk.database.write(
        lambda write: conferences.save(write, alliance, complete=True, actor=CLI, now=now)
    )


async def reminder(desk: Desk, number: int) -> str:
    """Chase the announcement and return what Chi then reads."""
    chased = await act(desk, acknowledgements.chase, number)
    await act(desk, announcements.approve, chased.id)
    await ring(desk)
    return texts(desk, "300")[-1]


async def test_a_reminder_speaks_of_the_event_that_the_first_came_before(desk: Desk) -> None:
    bodies = (Body("en", "About {event}", "See you on {event_date}"),)
    event = {"event": "talk", "before": timedelta(days=1)}
    number = await announce(desk, acknowledge=True, bodies=bodies, **event)
    due = (await get(desk, number)).due
    desk.clock.advance((due - desk.clock.now()).total_seconds() + 5)
    await ring(desk)
    words = await reminder(desk, number)
    assert "Reminder: About Open Day" in words
    assert "{event" not in words


@pytest.mark.parametrize("end", ["", "{organisation}"])
async def test_a_long_title_is_cut_in_the_reminder(desk: Desk, end: str) -> None:
    title = "T" * (200 - len(end)) + end
    number = await announce(desk, acknowledge=True, title=title, bodies=(Body("en", title, "w"),))
    await ring(desk)
    first = (await reminder(desk, number)).splitlines()[0]
    assert first.startswith("Reminder: TTT")
    assert first.rstrip("*").endswith("T…")
    assert len(first.strip("*")) <= 200


@pytest.mark.parametrize("text", ["w " * 9990, "{name} " + "w " * 1200])
async def test_words_too_long_to_be_quoted_are_left_out(desk: Desk, text: str) -> None:
    number = await announce(desk, acknowledge=True, bodies=(Body("en", "T", text),), title="T")
    await ring(desk, 30)
    words = await reminder(desk, number)
    assert "have read “T”" in words
    assert "w w" not in words


async def test_a_reminders_letters_go_to_nobody_who_has_confirmed(desk: Desk) -> None:
    await on_no_messenger(desk, "dora", "en")
    number = await announce(desk, acknowledge=True)
    await ring(desk)
    for user in ("100", "200"):
        await confirm(desk, user, number)
    chased = await act(desk, acknowledgements.chase, number)
    await act(desk, announcements.approve, chased.id)
    desk.adapter.platform.block("300")
    await ring(desk)
    assert sorted(await letters(desk, chased.id)) == ["chi@example.org", "dora@example.org"]


async def test_what_was_taken_back_or_cancelled_has_no_letters(desk: Desk) -> None:
    await on_no_messenger(desk, "dora", "en")
    recalled, cancelled = await announce(desk), await announce(desk)
    await desk.database.write(
        lambda write: announcements.ring(write, now=desk.clock.now(), grace=timedelta(hours=1))
    )
    await desk.bench.delivery.freeze_due(desk.clock)
    await desk.database.write(
        lambda write: announcements.cancel(write, cancelled, actor=CLI, now=desk.clock.now())
    )
    await ring(desk)
    assert sorted(await letters(desk, recalled)) == ["dora@example.org"]
    await act(desk, announcement_changes.recall, recalled)
    for number in (recalled, cancelled):
        with pytest.raises(Refusal) as refused:
            await letters(desk, number)
        assert refused.value.key == "refusal.letters-withdrawn"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, 1),
        ({"status": "cancelled"}, 0),
        ({"start": event_time(datetime(2019, 1, 1, 9), "Europe/Zurich")}, 0),
    ],
)
async def test_nobody_is_invited_late_to_what_is_off(
    desk: Desk, changed: dict[str, Any], expected: int
) -> None:
    until = desk.clock.now() + timedelta(days=60)
    await announce(desk, rsvp_event="talk", late_until=until)
    await ring(desk)
    await save(desk, replace(TALK, **changed))
    later(desk, hours=1)
    await with_chats(desk, "900")
    await ring(desk)
    assert len(texts(desk, "900")) == expected


async def test_who_joins_late_reads_the_date_as_it_is_then(desk: Desk) -> None:
    bodies = (Body("en", "{event}", "on {event_date}"),)
    until = desk.clock.now() + timedelta(days=60)
    await announce(desk, bodies=bodies, rsvp_event="talk", late_until=until)
    await ring(desk)
    before = texts(desk, "100")[0]
    await save(
        desk, replace(TALK, start=event_time(datetime(2020, 9, 15, 9), "Europe/Zurich"), end=None)
    )
    later(desk, days=1)
    await with_chats(desk, "900")
    await ring(desk)
    assert "September" not in before
    assert "September" in texts(desk, "900")[0]


async def test_the_line_in_its_place_names_it_as_it_was_read(desk: Desk) -> None:
    await announce(desk, bodies=(Body("en", "Dear {name}", "words"),))
    await ring(desk)
    desk.adapter.script["300"].append(Never(Reason.NOT_ALLOWED, "too old"))
    await act(desk, announcement_changes.recall, 1)
    await ring(desk)
    assert ["withdrawn “Dear Chi”" in one.text for one in standing(desk, "300")] == [True]
