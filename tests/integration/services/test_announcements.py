"""What staff may do with announcements, and when they begin by themselves."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.domain.announcement import Announcement, AnnouncementState, Body
from bot.domain.event import Conference, Event
from bot.domain.people import CLI, Actor, StaffRole
from bot.domain.refusal import Refusal
from bot.domain.states import IllegalMove
from bot.services import (
    announcement_reach,
    announcement_reports,
    announcements,
    conferences,
    roster,
)
from bot.services.announcements import Draft
from bot.storage import announcements as store
from bot.storage import audit, tables
from bot.storage.database import Database, Write
from tests.integration.conftest import OpenDatabase
from tests.integration.storage.people import row

NOW = datetime(2020, 1, 1, 12, tzinfo=UTC)
GRACE = timedelta(minutes=10)
HOUR = timedelta(hours=1)
_S = AnnouncementState
WORDS = (Body("en", "News", "Words."), Body("zh", "新闻", "文字"))
DRAFT = Draft("News", WORDS, "all", None, "Asia/Shanghai")
LATER = replace(DRAFT, due=NOW + HOUR)
EDITOR = Actor("e@x.org", StaffRole.EDITOR)
NOBODYS = (Actor("member@x.org"), Actor("v@x.org", StaffRole.VIEWER))
Act = Callable[..., Awaitable[Announcement]]


async def create(database: Database, draft: Draft = DRAFT, actor: Actor = EDITOR) -> Announcement:
    return await database.write(
        lambda write: announcements.create(write, draft, actor=actor, now=NOW)
    )


async def do(
    database: Database, act: Act, number: int, actor: Actor = EDITOR, now: datetime = NOW
) -> Announcement:
    return await database.write(
        lambda write: act(write, announcement_id=number, actor=actor, now=now)
    )


async def ring(database: Database, now: datetime) -> tuple[Announcement, ...]:
    return await database.write(lambda write: announcements.ring(write, now=now, grace=GRACE))


async def get(database: Database, number: int) -> Announcement:
    async with database.read() as read:
        return await announcements.get(read, number)


async def actions(database: Database) -> list[tuple[str, str]]:
    async with database.read() as read:
        return [(action, actor) for _at, actor, action, _what in await audit.newest(read)]


async def in_state(database: Database, state: _S) -> Announcement:
    found = await create(database)
    await database.write(partial(_force, number=found.id, state=state))
    return await get(database, found.id)


async def _force(write: Write, number: int, state: _S) -> None:
    it = tables.Announcement
    await write.execute(update(it).where(col(it.id) == number).values(state=state.value))


async def scheduled(database: Database, due: datetime) -> Announcement:
    found = await create(database, replace(DRAFT, due=due))
    return await do(database, announcements.approve, found.id)


# ------------------------------------------------------------------ writing


async def test_a_draft_is_kept_as_it_was_meant(database: Database) -> None:
    found = await create(database, LATER)
    assert found == Announcement(
        *(found.id, "News", _S.DRAFT, "all", NOW + HOUR, datetime(2020, 1, 1, 21), "Asia/Shanghai"),
        bodies=WORDS,
        created_by="e@x.org",
    )
    assert await get(database, found.id) == found
    assert await actions(database) == [("announcement created", "e@x.org")]


async def test_now_and_a_moment_ago_mean_now(database: Database) -> None:
    for due in (None, NOW, NOW - timedelta(seconds=59)):
        assert (await create(database, replace(DRAFT, due=due))).due == NOW


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"title": " "}, "announcement-title"),
        ({"title": "x" * 201}, "announcement-title"),
        ({"bodies": (*WORDS, Body("de", "N", " \n"))}, "announcement-empty"),
        ({"bodies": (Body("en", "N", "x" * 20_001),)}, "announcement-long"),
        ({"bodies": ()}, "announcement-empty"),
        ({"due": NOW - timedelta(seconds=61)}, "announcement-past"),
        ({"audience": "everybody"}, "audience"),
        ({"audience": "all and (lang:de"}, "audience"),
        ({"audience": "all and not org:nowhere"}, "audience-unknown"),
        ({"audience": "event:nothing:going"}, "audience-unknown"),
        ({"rsvp_event": "nothing"}, "event-not-among"),
    ],
)
async def test_a_wrong_draft_is_refused_and_nothing_is_stored(
    database: Database, wrong: dict[str, Any], key: str
) -> None:
    with pytest.raises(Refusal) as refused:
        await create(database, replace(DRAFT, **wrong))
    assert refused.value.key == f"refusal.{key}"
    async with database.read() as read:
        assert await announcements.everything(read) == ()
    assert await actions(database) == []


@pytest.mark.parametrize(
    ("audience", "position"),
    [("all or org:nowhere", 8), ('not org:"nowhere"', 5), ("org:some or org:so", 13)],
)
async def test_an_unknown_name_is_refused_with_its_place(
    database: Database, audience: str, position: int
) -> None:
    some = row(1, organisation_slug="some")
    await database.write(lambda w: roster.save(w, [some], own={}, actor=CLI, now=NOW))
    with pytest.raises(Refusal) as refused:
        await create(database, replace(DRAFT, audience=audience))
    assert refused.value.fields["position"] == position


async def test_two_bodies_in_one_language_are_refused(database: Database) -> None:
    with pytest.raises(Refusal):
        await create(database, replace(DRAFT, bodies=(*WORDS, Body("en", "Again", "Words."))))


async def test_its_event_and_its_recipients_are_told(database: Database) -> None:
    event = Event("forum", "alliance", {"": "Forum"}, source="s")
    known = Conference("alliance", (event,))

    async def prepare(write: Write) -> None:
        await conferences.save(write, known, complete=True, actor=CLI, now=NOW)
        rows = [row(1), row(2, country="DE"), row(3, accounts=())]
        await roster.save(write, rows, own={}, actor=CLI, now=NOW)

    await database.write(prepare)
    found = await create(database, replace(DRAFT, rsvp_event="forum", audience="not country:DE"))
    async with database.read() as read:
        assert await announcement_reach.recipients(read, found) == 1
        report = await announcement_reports.report(read, found.id, NOW)
    assert found.rsvp_event == "forum"
    assert report.no_messenger == (("p3@example.org", "center-3"),)


# ------------------------------------------------------------------ deciding


@pytest.mark.parametrize("actor", NOBODYS, ids=["member", "viewer"])
async def test_only_editors_and_admins_decide(database: Database, actor: Actor) -> None:
    with pytest.raises(Refusal, match="not-staff"):
        await create(database, actor=actor)
    draft, missed = await create(database), await in_state(database, _S.MISSED)
    before = await actions(database)
    late = partial(announcements.decide_late, send=True)
    for act, found in (
        *((announcements.approve, draft), (announcements.cancel, draft)),
        *((announcements.approve, missed), (late, missed)),
    ):
        with pytest.raises(Refusal, match="not-staff"):
            await do(database, act, found.id, actor)
        assert await get(database, found.id) == found
    assert await actions(database) == before


OVER = (_S.SENT, _S.CANCELLED)


async def test_what_does_not_wait_for_approval_cannot_be_approved(database: Database) -> None:
    for state in (_S.APPROVED, _S.SCHEDULED, *OVER):
        found = await in_state(database, state)
        with pytest.raises(Refusal, match="announcement-state"):
            await do(database, announcements.approve, found.id)
        assert await get(database, found.id) == found


async def test_what_is_over_cannot_be_cancelled(database: Database) -> None:
    for state in OVER:
        found = await in_state(database, state)
        with pytest.raises(Refusal, match="announcement-state"):
            await do(database, announcements.cancel, found.id)
        assert await get(database, found.id) == found


async def test_what_is_not_over_can_be_cancelled_once(database: Database) -> None:
    for state in (one for one in _S if one not in OVER):
        found = await in_state(database, state)
        assert (await do(database, announcements.cancel, found.id)).state is _S.CANCELLED
        with pytest.raises(Refusal):
            await do(database, announcements.cancel, found.id)
        assert (await actions(database))[0] == ("announcement cancelled", "e@x.org")


async def test_only_what_was_missed_is_decided_late(database: Database) -> None:
    for state, send in itertools.product(
        (one for one in _S if one is not _S.MISSED), (True, False)
    ):
        found = await in_state(database, state)
        with pytest.raises(Refusal, match="announcement-state"):
            await do(database, partial(announcements.decide_late, send=send), found.id)


@pytest.mark.parametrize(("send", "expected"), [(True, _S.SENDING), (False, _S.CANCELLED)])
async def test_two_who_decide_late_at_once_decide_once(
    database: Database, open_database: OpenDatabase, send: bool, expected: _S
) -> None:
    found = await in_state(database, _S.MISSED)
    late = partial(announcements.decide_late, send=send)
    others = [open_database() for _one in range(2)]
    results = await asyncio.gather(
        *(do(one, late, found.id) for one in others), return_exceptions=True
    )
    assert (await get(database, found.id)).state is expected
    assert [isinstance(one, Refusal) for one in results].count(True) == 1, results


async def test_a_missed_one_is_approved_to_be_sent_after_all(database: Database) -> None:
    found = await in_state(database, _S.MISSED)
    assert (await do(database, announcements.approve, found.id)).state is _S.SENDING


async def test_unknown_numbers_are_refused(database: Database) -> None:
    for number in (0, -1, 99, 2**40):
        for act in (announcements.approve, announcements.cancel):
            with pytest.raises(Refusal, match="announcement-unknown"):
                await do(database, act, number)


# ------------------------------------------------------------------ beginning


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (-timedelta(microseconds=1), _S.SCHEDULED),
        (timedelta(), _S.SENDING),
        (GRACE, _S.SENDING),
        (GRACE + timedelta(microseconds=1), _S.MISSED),
        (timedelta(days=400), _S.MISSED),
    ],
)
async def test_it_begins_when_it_is_due_and_never_late_unasked(
    database: Database, late: timedelta, expected: _S
) -> None:
    found = await scheduled(database, NOW + HOUR)
    now = NOW + HOUR + late
    async with database.read() as read:
        agenda = await announcements.agenda(read, now)
    assert agenda == announcements.Agenda(due=expected is not _S.SCHEDULED, sending=False)
    missed = await ring(database, now)
    assert [one.id for one in missed] == ([found.id] if expected is _S.MISSED else [])
    assert (await get(database, found.id)).state is expected
    assert await ring(database, now) == ()


async def test_many_bells_ask_once(database: Database, open_database: OpenDatabase) -> None:
    late, due = await scheduled(database, NOW + HOUR), await scheduled(database, NOW + 2 * HOUR)
    others = [open_database() for _one in range(4)]
    rung = await asyncio.gather(*(ring(one, NOW + 2 * HOUR) for one in others))
    assert [one.id for missed in rung for one in missed] == [late.id]
    assert (await get(database, due.id)).state is _S.SENDING


async def test_drafts_and_cancelled_ones_never_begin(database: Database) -> None:
    draft = await create(database, LATER)
    gone = await scheduled(database, NOW + HOUR)
    await do(database, announcements.cancel, gone.id)
    assert await ring(database, NOW + HOUR) == ()
    assert (await get(database, draft.id)).state is _S.DRAFT
    assert (await get(database, gone.id)).state is _S.CANCELLED


async def test_a_draft_for_now_is_due_when_it_is_approved_not_when_it_was_written(
    database: Database,
) -> None:
    """It must not count as missed because somebody took an hour to read it."""
    found = await create(database)
    approved_at = NOW + timedelta(days=3)
    approved = await do(database, announcements.approve, found.id, now=approved_at)
    assert (approved.due, approved.due_local) == (approved_at, datetime(2020, 1, 4, 20))
    assert await ring(database, approved_at) == ()
    assert (await get(database, found.id)).state is _S.SENDING


async def test_a_draft_with_an_instant_that_passed_before_approval_is_asked_about(
    database: Database,
) -> None:
    found = await create(database, LATER)
    late = NOW + timedelta(days=3)
    await do(database, announcements.approve, found.id, now=late)
    assert [one.id for one in await ring(database, late)] == [found.id]


async def test_moves_from_a_state_that_is_no_longer_so_do_nothing(database: Database) -> None:
    found = await create(database)
    for state, wanted in ((_S.SCHEDULED, _S.SENDING), (_S.DRAFT, _S.SENT), (_S.REVIEW, _S.DRAFT)):
        with pytest.raises(IllegalMove):
            await database.write(partial(_move, number=found.id, state=state, wanted=wanted))
    assert (await get(database, found.id)).state is _S.DRAFT


async def _move(write: Write, number: int, state: _S, wanted: _S) -> None:
    await store.move(write, number, state, wanted)
