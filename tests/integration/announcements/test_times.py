"""When announcements go: on readers' clocks, before events, again, and to latecomers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from bot.domain.announcement import AnnouncementState
from bot.domain.event import Conference
from bot.domain.people import CLI
from bot.domain.refusal import Refusal
from bot.domain.timing import Repeat, Timing
from bot.domain.zoned import event_time
from bot.services import announcements, conferences, roster
from bot.storage import tables
from bot.storage.database import Write
from tests.support.announcing import (
    DRAFT,
    USERS,
    act,
    announce,
    due_of,
    get,
    later,
    report,
    ring,
    texts,
)
from tests.support.desk import Desk
from tests.unit.handlers.talk import member_row
from tests.unit.views.samples import DAY, FORUM, TALK

_S = AnnouncementState
NINE = datetime(2020, 1, 1, 9)
t: Any = tables


async def live_in(desk: Desk, **zones: str) -> None:
    for name, zone in zones.items():
        await desk.database.write(partial(_set, name=name, timezone=zone, zone=""))


async def _set(write: Write, name: str, **values: str) -> None:
    email = f"{name}@example.org"
    await write.count(update(t.Person).where(t.Person.email == email).values(**values))


class TestReadersClocks:
    async def test_nine_o_clock_everywhere(self, desk: Desk) -> None:
        await live_in(desk, anna="Pacific/Auckland", bo="Asia/Shanghai", chi="America/New_York")
        number = await announce(desk, local=NINE)
        found = await get(desk, number)
        assert found.timing is Timing.READER
        assert found.due == datetime(2019, 12, 31, 20, tzinfo=UTC), "where it is nine first"
        desk.clock.advance((found.due - desk.clock.now()).total_seconds())
        await ring(desk)
        assert await due_of(desk, number) == {
            "100": None,
            "200": datetime(2020, 1, 1, 1, tzinfo=UTC),
            "300": datetime(2020, 1, 1, 14, tzinfo=UTC),
        }
        assert [len(texts(desk, user)) for user in USERS] == [1, 0, 0]
        assert (await report(desk, number)).waiting == 2
        later(desk, hours=5)
        await ring(desk)
        assert [len(texts(desk, user)) for user in USERS] == [1, 1, 0]
        later(desk, hours=13)
        await ring(desk)
        assert [len(texts(desk, user)) for user in USERS] == [1, 1, 1]
        assert (await get(desk, number)).state is _S.SENT

    async def test_quiet_hours_at_that_time_are_kept(self, desk: Desk) -> None:
        await live_in(desk, anna="Asia/Shanghai", bo="Asia/Shanghai", chi="Asia/Shanghai")
        quiet = partial(_set, name="chi", quiet_from="08:00", quiet_until="10:30")
        await desk.database.write(quiet)
        number = await announce(desk, local=NINE)
        later(desk, hours=23)
        await ring(desk)
        assert (await due_of(desk, number))["300"] == datetime(2020, 1, 1, 2, 30, tzinfo=UTC)

    async def test_hours_that_a_clock_skips_or_repeats(self, desk: Desk) -> None:
        await live_in(desk, anna="Europe/Berlin", bo="Asia/Shanghai", chi="Europe/Berlin")
        for local, berlin in (
            (datetime(2020, 3, 29, 2, 30), datetime(2020, 3, 29, 1, 30, tzinfo=UTC)),
            (datetime(2020, 10, 25, 2, 30), datetime(2020, 10, 25, 0, 30, tzinfo=UTC)),
        ):
            number = await announce(desk, local=local)
            due = (await get(desk, number)).due
            desk.clock.advance((due - desk.clock.now()).total_seconds())
            await ring(desk, 1)
            assert (await due_of(desk, number))["100"] == berlin

    async def test_where_it_has_passed_it_goes_at_once_and_nowhere_is_refused(
        self, desk: Desk
    ) -> None:
        await live_in(desk, anna="Asia/Shanghai", bo="Asia/Shanghai", chi="America/New_York")
        number = await announce(desk, local=datetime(2019, 12, 31, 9))
        await ring(desk)
        assert [len(texts(desk, user)) for user in USERS] == [1, 1, 0]
        later(desk, hours=12)
        await ring(desk)
        assert len(texts(desk, "300")) == 1
        later(desk, hours=1)
        with pytest.raises(Refusal) as refused:
            await announce(desk, local=datetime(2019, 12, 30, 9))
        assert refused.value.key == "refusal.announcement-past"
        assert (await get(desk, number)).state is _S.SENT


class TestBeforeAnEvent:
    async def save(self, desk: Desk, talk: object) -> None:
        events = Conference("alliance", (FORUM, talk, DAY))  # type: ignore[arg-type]  # a changed TALK
        await desk.database.write(
            lambda write: conferences.save(
                write, events, complete=True, actor=CLI, now=desk.clock.now()
            )
        )

    async def test_it_moves_when_the_event_moves(self, desk: Desk) -> None:
        number = await announce(desk, event="talk", before=timedelta(days=7))
        assert (await get(desk, number)).due == datetime(2020, 5, 7, 7, tzinfo=UTC)
        start = event_time(datetime(2020, 3, 30, 9), "Europe/Zurich")
        await self.save(desk, replace(TALK, start=start, end=None))
        await ring(desk, 1)
        found = await get(desk, number)
        assert found.due_local == datetime(2020, 3, 23, 9), "nine there, whatever the clocks do"
        assert found.due == datetime(2020, 3, 23, 8, tzinfo=UTC)
        await self.save(desk, replace(TALK, status="postponed"))
        await ring(desk, 1)
        assert (await get(desk, number)).waits_for_date
        desk.clock.advance(timedelta(days=200).total_seconds())
        await ring(desk, 1)
        assert texts(desk, "300") == [], "no date, no letter"

    async def test_moved_in_the_last_second_it_does_not_go(self, desk: Desk) -> None:
        number = await announce(desk, event="talk", before=timedelta(days=7))
        desk.clock.advance((datetime(2020, 5, 7, 7, tzinfo=UTC) - desk.clock.now()).total_seconds())
        start = event_time(datetime(2020, 6, 14, 9), "Europe/Zurich")
        await self.save(desk, replace(TALK, start=start, end=None))
        missed = await desk.database.write(
            lambda write: announcements.ring(write, now=desk.clock.now(), grace=timedelta(hours=1))
        )
        assert missed == ()
        assert (await get(desk, number)).state is _S.SCHEDULED

    async def test_without_a_date_it_waits_and_with_only_a_day_it_is_nine(self, desk: Desk) -> None:
        forum = await announce(desk, event="frontier-forum-2020", before=timedelta(days=1))
        assert (await get(desk, forum)).waits_for_date
        day = await announce(desk, event="day", before=timedelta(days=1))
        assert (await get(desk, day)).due_local == datetime(2020, 5, 31, 9)

    @pytest.mark.parametrize(
        ("changed", "key"),
        [
            ({"event": "nothing"}, "refusal.event-not-among"),
            ({"event": "talk", "before": timedelta(days=4000)}, "refusal.announcement-before"),
            ({"event": "talk", "before": timedelta(days=3000)}, "refusal.announcement-past"),
            ({"event": "talk", "local": NINE}, "refusal.announcement-times"),
            ({"repeat": Repeat.DAY}, "refusal.announcement-repeat"),
            ({"event": "talk", "repeat": Repeat.DAY}, "refusal.announcement-repeat"),
            ({"repeat_until": date(2020, 1, 1)}, "refusal.announcement-until"),
            (
                {"late_until": datetime(2019, 1, 1, tzinfo=UTC)},
                "refusal.announcement-late-until",
            ),
        ],
    )
    async def test_times_that_cannot_be_are_refused(
        self, desk: Desk, changed: dict[str, object], key: str
    ) -> None:
        with pytest.raises(Refusal) as refused:
            await act(desk, announcements.create, replace(DRAFT, **changed))  # type: ignore[arg-type]  # fields by name
        assert refused.value.key == key


class TestAgain:
    async def test_every_month_until_the_last_day(self, desk: Desk) -> None:
        first = datetime(2020, 1, 31, 1, tzinfo=UTC)
        number = await announce(
            desk, due=first, repeat=Repeat.MONTH, repeat_until=date(2020, 3, 31)
        )
        days = []
        for _ in range(5):
            async with desk.database.read() as read:
                waiting = [
                    one for one in await announcements.everything(read) if one.state is _S.SCHEDULED
                ]
            if not waiting:
                break
            (one,) = waiting
            days.append((one.due_local.month, one.due_local.day, one.due_local.hour))
            desk.clock.advance((one.due - desk.clock.now()).total_seconds())
            await ring(desk, 2)
        assert days == [(1, 31, 9), (2, 29, 9), (3, 31, 9)]
        assert [len(texts(desk, user)) for user in USERS] == [3, 3, 3]
        assert (await get(desk, number)).state is _S.SENT

    async def test_a_long_downtime_asks_about_one_and_catches_none_up(self, desk: Desk) -> None:
        number = await announce(desk, due=desk.clock.now() + timedelta(hours=1), repeat=Repeat.DAY)
        later(desk, days=10, hours=5)
        await ring(desk, 2)
        async with desk.database.read() as read:
            found = await announcements.everything(read)
        assert [(one.id, one.state) for one in found if one.id == number] == [(number, _S.MISSED)]
        (following,) = [one for one in found if one.id != number]
        assert following.state is _S.SCHEDULED
        assert following.due > desk.clock.now()
        await ring(desk, 2)
        async with desk.database.read() as read:
            assert len(await announcements.everything(read)) == 2

    async def test_cancelling_the_next_one_ends_the_series(self, desk: Desk) -> None:
        number = await announce(desk, due=desk.clock.now() + timedelta(hours=1), repeat=Repeat.DAY)
        await act(desk, announcements.cancel, number)
        later(desk, days=3)
        await ring(desk, 2)
        assert texts(desk, "300") == []


class TestLatecomers:
    async def join(self, desk: Desk, user: str, name: str) -> None:
        row = member_row(9, user, name, "en")
        row = replace(row, accounts=((desk.adapter.name, desk.adapter.account, user),))
        await desk.database.write(
            lambda write: roster.save(write, [row], own={}, actor=CLI, now=desk.clock.now())
        )

    async def test_who_joins_in_time_gets_it_once_and_who_comes_later_does_not(
        self, desk: Desk
    ) -> None:
        until = desk.clock.now() + timedelta(days=2)
        long = "\n\n".join(f"{n} {'word ' * 150}" for n in range(12))
        bodies = (replace(DRAFT.bodies[0], text=long),)
        number = await announce(desk, bodies=bodies, late_until=until)
        await ring(desk, 12)
        parts = len(texts(desk, "300"))
        assert parts > 1
        later(desk, hours=3)
        await self.join(desk, "400", "dora")
        await ring(desk, 12)
        assert len(texts(desk, "400")) == parts
        await ring(desk, 12)
        assert len(texts(desk, "400")) == parts
        assert len(texts(desk, "300")) == parts
        later(desk, days=3)
        await self.join(desk, "500", "emil")
        await ring(desk, 12)
        assert texts(desk, "500") == []
        assert (await report(desk, number)).tally.total == 4 * parts

    async def test_a_second_messenger_is_no_latecomer(self, desk: Desk) -> None:
        await announce(desk, late_until=desk.clock.now() + timedelta(days=2))
        await ring(desk)
        later(desk, hours=1)
        row = member_row(4, "301", "chi", "en")
        row = replace(row, accounts=((desk.adapter.name, desk.adapter.account, "301"),))
        await desk.database.write(
            lambda write: roster.save(write, [row], own={}, actor=CLI, now=desk.clock.now())
        )
        await ring(desk)
        assert texts(desk, "301") == []
