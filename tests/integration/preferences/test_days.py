"""Allowed days, and what staff set for an organisation, on both databases."""

from typing import Any

import pytest
from sqlalchemy import select, update

from bot.domain.people import CLI
from bot.domain.preferences import quiet_hours
from bot.domain.rest import Rest
from bot.services import rest_hours
from bot.storage import tables
from schedules import quiet
from tests.integration.preferences.test_settings import card_of, choose, frozen
from tests.support.desk import Desk

t: Any = tables
# The desk's clock stands at 10:00 on Wednesday, 1 January 2020, in Shanghai.


async def set_for_chi(desk: Desk, rest: Rest) -> None:
    now = desk.clock.now()
    await desk.database.write(
        lambda write: rest_hours.set_of_organisation(write, "chi-center", rest, actor=CLI, now=now)
    )


async def today(desk: Desk) -> str:
    return str((desk.clock.now()).isoweekday())


def without(day: str) -> str:
    return "".join(one for one in "1234567" if one != day)


async def test_days_by_button_one_by_one_and_the_last_one_stays(desk: Desk) -> None:
    assert "Days: Mon–Fri" in await choose(desk, "300", "days:12345")
    await desk.press("300", "set:day:6")
    assert "Days: Mon–Sat" in await card_of(desk, "300")
    for day in "12345":
        await desk.press("300", f"set:day:{day}")
    assert "Days: Sat" in await card_of(desk, "300")
    await desk.press("300", "set:day:6")
    assert "One day has to stay" in desk.notices("300")[-1]
    assert "Days: Sat" in await card_of(desk, "300")
    assert "Days: every day" in await choose(desk, "300", "days:1234567")


@pytest.mark.parametrize("value", ["days:8", "days:", "days:21", "day:0", "day:", "day:12"])
async def test_a_forged_button_changes_nothing(desk: Desk, value: str) -> None:
    before = await card_of(desk, "300")
    await desk.press("300", f"set:{value}")
    assert await card_of(desk, "300") == before


async def test_on_other_days_it_waits_and_comes_on_the_next(desk: Desk) -> None:
    await choose(desk, "300", f"days:{without(await today(desk))}")
    state, until = (await frozen(desk))["300"]
    assert state == "pending"
    assert until
    await desk.deliver(5)
    assert not [one for one in desk.seen("300") if one.startswith("News")]
    assert [one for one in desk.seen("200") if one.startswith("News")]
    desk.clock.advance(22.25 * 3600)
    await desk.deliver(5)
    assert [one for one in desk.seen("300") if one.startswith("News")]


async def test_a_day_that_begins_while_it_is_sent(desk: Desk) -> None:
    tomorrow = str(int(await today(desk)) % 7 + 1)
    await choose(desk, "300", f"days:{without(tomorrow)}")
    assert (await frozen(desk))["300"] == ("pending", "")
    desk.clock.advance(14.5 * 3600)
    await quiet.job.run(desk.bench)
    await desk.deliver(5)
    assert not [one for one in desk.seen("300") if one.startswith("News")]
    desk.clock.advance(31.75 * 3600)
    await desk.deliver(5)
    assert [one for one in desk.seen("300") if one.startswith("News")]


async def test_the_organisations_hold_for_whoever_chose_nothing(desk: Desk) -> None:
    await set_for_chi(desk, Rest(quiet_hours("9-12"), "12345"))
    card = await card_of(desk, "300")
    assert "Quiet hours: 09:00–12:00 (set for your organisation)" in card
    assert "Days: Mon–Fri (set for your organisation)" in card
    found = await frozen(desk)
    assert found["300"][1]
    assert found["200"] == ("pending", "")


async def test_ones_own_choice_counts_also_that_of_no_hours(desk: Desk) -> None:
    await set_for_chi(desk, Rest(quiet_hours("9-12"), without(await today(desk))))
    await choose(desk, "300", "days:1234567")
    assert "Quiet hours: none\n" in await choose(desk, "300", "quiet:") + "\n"
    assert (await frozen(desk))["300"] == ("pending", "")


async def test_no_import_changes_them(desk: Desk) -> None:
    await set_for_chi(desk, Rest(quiet_hours("9-12"), "12345"))
    async with desk.database.read() as read:
        row = await read.first(
            select(t.Organisation.days).where(t.Organisation.slug == "chi-center")
        )
    assert row is not None
    assert row.days == "12345"
    await desk.database.write(lambda write: write.count(update(t.Person).values(locale="en")))
    assert "set for your organisation" in await card_of(desk, "300")


async def test_whoever_has_no_organisation_is_not_held_back(desk: Desk) -> None:
    await set_for_chi(desk, Rest(quiet_hours("9-12"), ""))
    await desk.database.write(
        lambda write: write.count(
            update(t.Person).where(t.Person.email == "chi@example.org").values(organisation_id=None)
        )
    )
    assert (await frozen(desk))["300"] == ("pending", "")
