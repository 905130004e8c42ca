"""What is sent again by hand keeps to what readers chose, and waits while it is looked for."""

from typing import Any

import pytest
from sqlalchemy import update

from bot.domain.outcome import Delivered, Unknown
from bot.domain.people import CLI, StaffRole
from bot.services import announcement_stops, people
from bot.services.reconciliation import RECONCILE_AFTER
from bot.storage import tables
from bot.storage.database import Database
from tests.support.announcing import act, announce, later, report, ring, texts
from tests.support.desk import Desk, ScheduledClock, working_on
from tests.support.fake_adapter import FakeSlack

t: Any = tables


@pytest.fixture
async def slack(database: Database) -> Desk:
    """The same desk on a platform that finds messages again."""
    adapter = FakeSlack(ScheduledClock())
    desk = await working_on(database, adapter)
    now = desk.clock.now()
    await database.write(
        lambda write: people.grant_staff(
            write, email="anna@example.org", role=StaffRole.EDITOR, actor=CLI, now=now
        )
    )
    return desk


async def test_it_waits_for_the_end_of_quiet_hours(desk: Desk) -> None:
    desk.adapter.script["300"].append(Unknown("lost"))
    number = await announce(desk)
    await ring(desk)
    always = update(t.Person).values(quiet_from="00:00", quiet_until="23:59")
    await desk.database.write(lambda write: write.count(always))
    assert await act(desk, announcement_stops.resend, number) == 1
    await ring(desk)
    assert texts(desk, "300") == []
    assert (await report(desk, number)).waiting == 1
    later(desk, hours=25)
    none = update(t.Person).values(quiet_from="", quiet_until="")
    await desk.database.write(lambda write: write.count(none))
    await ring(desk)
    assert len(texts(desk, "300")) == 1


async def test_whoever_stopped_since_gets_nothing(desk: Desk) -> None:
    desk.adapter.script["300"].append(Unknown("lost"))
    number = await announce(desk)
    await ring(desk)
    await desk.say("300", "/stop")
    assert await act(desk, announcement_stops.resend, number) == 0
    assert (await report(desk, number)).tally.unconfirmed == 1


async def test_what_is_still_looked_for_is_left_out(slack: Desk) -> None:

    slack.adapter.platform.lose_answers(1)
    number = await announce(slack)
    await ring(slack, 12)
    found = await report(slack, number)
    assert found.tally.unconfirmed == 1
    before = len(slack.adapter.chats())
    await slack.press("100", f"announcement:{number}:resend")
    said = " ".join([*slack.notices("100"), *texts(slack, "100")])
    assert "1 message is still being looked up at the messenger and was left out." in said
    assert "sent again" not in said
    await ring(slack, 12)
    assert len([one for one in slack.adapter.attempts if one.kind == "send"]) - before <= 1
    later(slack, seconds=RECONCILE_AFTER)
    await ring(slack, 12)
    found = await report(slack, number)
    assert (found.tally.unconfirmed, found.tally.delivered, found.resent) == (0, 3, 0)


async def test_what_is_given_up_is_sent_again(slack: Desk) -> None:
    slack.adapter.script["300"].append(Unknown("lost"))
    number = await announce(slack)
    await ring(slack, 12)
    later(slack, hours=25)
    await ring(slack, 12)
    assert (await report(slack, number)).tally.unconfirmed == 1
    reconciled = slack.bench.outbox.reconciled
    assert await act(slack, announcement_stops.resend, number, reconciled=reconciled) == 1
    slack.adapter.script["300"].append(Delivered(None))
    await ring(slack, 12)
    assert (await report(slack, number)).tally.delivered == 3
