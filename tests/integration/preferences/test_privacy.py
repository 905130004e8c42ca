"""One's own data: all of it in the export, and none of it left after a deletion."""

import json
import re
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.domain.announcement import Announcement, AnnouncementState, Body
from bot.domain.audience import All
from bot.domain.people import CLI
from bot.services import joining, privacy, roster
from bot.storage import announcements as store
from bot.storage import erasures, inbox, people, personal_data, tables
from bot.storage.freeze import Freezing, freeze_chunk, prepare
from schedules import privacy as job
from tests.support.dangling import NOTHING, dangling
from tests.support.desk import Desk
from tests.unit.handlers.talk import member_row

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query
CHI = "chi@example.org"


async def busy(desk: Desk) -> None:
    """Let Chi (300) leave traces everywhere."""
    talk = desk.events["talk"]
    await desk.say("300", "/start", "What about zebras in the lobby?", "/link")
    for user in ("300", "100"):
        await desk.press(user, f"rsvp:{talk}:going")
    await desk.press("300", "set:topic:news")
    await desk.press("300", "set:language:zh")
    await desk.press("300", "set:zone")
    async with desk.database.read() as read:
        person = await people.by_email(read, CHI)
    assert person is not None
    await desk.database.write(
        lambda write: joining.invite(write, person, actor=CLI, now=desk.clock.now(), days=3)
    )


async def everything(desk: Desk) -> str:
    """Return every row of every table."""
    async with desk.database.read() as read:
        rows = {
            table.name: [tuple(row) for row in await read.all(select(table))]
            for table in t.Table.metadata.sorted_tables
        }
    return str(rows)


async def delete_chi(desk: Desk) -> None:
    await desk.say("300", "/privacy")
    card = desk.adapter.platform.journal.from_bot("300")[-1]
    await desk.press("300", "privacy:erase", card.id)
    await desk.press("300", "privacy:erase-really", card.id)


class TestExport:
    async def test_it_holds_what_is_kept_and_no_secret(self, desk: Desk) -> None:
        await busy(desk)
        async with desk.database.read() as read:
            person = await people.by_email(read, CHI)
            assert person is not None
            found = json.loads(await privacy.export(read, person))
        assert {"person", "account", "address", "rsvp", "question", "inbox", "delivery"} <= set(
            found
        )
        assert {"person_mute", "invite", "link_code", "dialog"} <= set(found)
        assert "zebras" in str(found["question"])
        assert "zebras" in str(found["inbox"])
        assert "hash" not in str(found)
        assert "bo@example.org" not in str(found), "nothing of anybody else"

    async def test_it_comes_as_a_file(self, desk: Desk) -> None:
        await busy(desk)
        await desk.press("300", "privacy:export")
        async with desk.database.read() as read:
            payloads = [row.payload for row in await read.all(select(t.Delivery.payload))]
        files = [one["files"] for one in payloads if one and one.get("files")]
        assert files, "the fake adapter sends files"

    async def test_the_next_one_does_not_hold_the_one_before(self, desk: Desk) -> None:
        await busy(desk)
        await desk.press("300", "privacy:export")
        async with desk.database.read() as read:
            person = await people.by_email(read, CHI)
            assert person is not None
            found = json.loads(await privacy.export(read, person))
        payloads = [one["payload"] for one in found["delivery"] if one["payload"]]
        assert payloads
        assert not any(one.get("files") for one in payloads)

    async def test_every_table_that_names_a_person_is_found(self, desk: Desk) -> None:
        """A new table with such a reference is exported by itself; none may hide one."""
        of = personal_data.Traces(1, "x", (1,), (1,), (("p", "a", "u"),))
        for table in t.Table.metadata.sorted_tables:
            named = {"person_id", "account_id", "address_id", "email", "user", "chat"}
            if named & set(table.columns.keys()) - {"email"} and table.name not in (
                "account",
                "address",
            ):
                assert personal_data._about(table, of) is not None, table.name

    async def test_a_huge_history_still_fits(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(privacy, "ATTACHMENT_BYTES", 4000)
        await busy(desk)
        async with desk.database.read() as read:
            person = await people.by_email(read, CHI)
            assert person is not None
            content = await privacy.export(read, person)
        assert json.loads(content)["older_rows_left_out"] > 0


class TestDeletion:
    async def test_nothing_is_left_and_the_seat_goes_on(self, desk: Desk) -> None:
        await busy(desk)
        await desk.press("200", f"rsvp:{desk.events['talk']}:going")
        await delete_chi(desk)
        farewell = desk.seen("300")[-1]
        assert "已删除" in farewell
        await job.run(desk.bench)
        left = await everything(desk)
        left_over = left.replace("chi-center", "").replace("Chi Center", "")
        for trace in (CHI, r"\bChi\b", "zebras", r"['\"]300['\"]", r"fake\|bot\|300"):
            assert not re.search(trace, left_over), trace
        assert "data deleted" in left

    @pytest.mark.parametrize("decision", ["approved", "listed"])
    async def test_nothing_is_left_of_whoever_came_by_asking(
        self, desk: Desk, decision: str
    ) -> None:
        """The cards that asked staff who they are hold their name and address too."""
        await desk.press("700", "introduce:")
        await desk.say("700", "Xaviera")
        await desk.say("700", "Bo Center")
        await desk.say("700", "xaviera@example.org")
        if decision == "listed":
            await desk.say("100", "/requests")
        card = desk.adapter.platform.journal.from_bot("100")[-1]
        assert "Xaviera" in card.text
        await desk.press("100", card.buttons[0].data, card.id)
        assert "Xaviera" in desk.seen("100")[-1]
        await desk.say("100", "/events")
        await desk.say("700", "/privacy")
        await desk.press("700", "privacy:erase-really", "m0")
        await job.run(desk.bench)
        left = await everything(desk)
        for trace in ("xaviera", "Xaviera"):
            assert trace not in left, left[max(0, left.index(trace) - 600) :][:900]
        assert "forum" in left.lower(), "what staff read of other things stays"

    async def test_what_is_being_handled_elsewhere_keeps_its_words(self, desk: Desk) -> None:
        desk.adapter.platform.say("300", "Words that are under way")
        await desk.receive()
        await desk.database.write(lambda write: inbox.claim(write, "another", 1))
        async with desk.database.read() as read:
            chi = await people.by_email(read, CHI)
        assert chi is not None
        await desk.database.write(lambda write: privacy.erase(write, chi, desk.clock.now()))
        await job.run(desk.bench)
        assert "under way" in await everything(desk), "it can be tried again"
        handled = update(t.Inbox).values(state="done")
        await desk.database.write(lambda write: write.execute(handled))
        await job.run(desk.bench)
        left = await everything(desk)
        assert "under way" not in left
        assert "'300'" not in left

    async def test_whoever_asks_to_join_before_the_tidying_keeps_their_account(
        self, desk: Desk
    ) -> None:
        await delete_chi(desk)
        await desk.press("300", "introduce:")
        await desk.say("300", "Chi")
        await job.run(desk.bench)
        await desk.say("300", "Chi Center")
        await desk.say("300", "chi2@example.org")
        await job.run(desk.bench)
        card = desk.adapter.platform.journal.from_bot("100")[-1]
        await desk.press("100", card.buttons[0].data, card.id)
        await job.run(desk.bench)
        async with desk.database.read() as read:
            account = await read.first(select(t.Account).where(t.Account.user == "300"))
        assert account is not None
        assert account.person_id is not None

    async def test_no_table_that_refers_to_a_person_is_forgotten(self) -> None:
        """A new table either is emptied, or is named here with what else becomes of it."""
        cared_for_otherwise = {
            ("account", "person_id"),  # set free
            ("address", "account_id"),  # renamed by the tidying, with its account
            ("delivery", "person_id"),  # set free and blanked
            ("invite", "account_id"),  # goes with its person's
            ("room", "added_by"),  # an account without a name
        }
        referring = {
            (table.name, column.name)
            for table in t.Table.metadata.sorted_tables
            for column in table.columns
            for key in column.foreign_keys
            if key.column.table.name in ("person", "account")
        }
        deleted = {(one.__tablename__, column) for one, column in personal_data._DELETED}
        assert referring == deleted | cared_for_otherwise

    async def test_a_copy_that_waits_is_skipped_and_nothing_dangles(self, desk: Desk) -> None:
        await busy(desk)
        at = desk.clock.now()
        draft = Announcement(
            *(0, "News", AnnouncementState.SENDING, "all", at, at.replace(tzinfo=None), "UTC"),
            bodies=(Body("en", "News", "words"),),
            topic="invitations",
        )
        number = await desk.database.write(lambda write: store.add(write, draft, None, at))
        async with desk.database.read() as read:
            made = await store.find(read, number)
        assert made is not None
        prepared = prepare(made, Freezing(All(), "UTC", ("fake",), {}))
        await desk.database.write(lambda write: freeze_chunk(write, prepared, at))
        await delete_chi(desk)
        mine = (t.Delivery.announcement_id == number, t.Delivery.person_id.is_(None))
        async with desk.database.read() as read:
            rows = await read.all(select(t.Delivery.state).where(*mine))
            assert [row.state for row in rows] == ["skipped"]
            assert await dangling(read) == NOTHING

    async def test_it_is_asked_twice_and_no_keeps_everything(self, desk: Desk) -> None:
        await busy(desk)
        before = CHI in await everything(desk)
        await desk.press("300", "privacy:erase")
        await desk.press("300", "privacy:keep")
        assert before
        assert CHI in await everything(desk)

    async def test_whoever_waits_gets_the_seat(self, desk: Desk) -> None:
        talk = desk.events["talk"]
        for user in ("300", "100", "200"):
            await desk.press(user, f"rsvp:{talk}:going")
        assert "候补" in desk.seen("200")[-1] or "等候" in desk.seen("200")[-1]
        await delete_chi(desk)
        assert "有空位了" in desk.seen("200")[-1]
        async with desk.database.read() as read:
            seats = await read.first(select(t.EventSeats).where(t.EventSeats.event_id == talk))
            assert seats is not None
            answers = await read.all(select(t.Rsvp).where(t.Rsvp.event_id == talk))
        assert seats.taken == sum(one.seats for one in answers if one.seat == "confirmed")

    async def test_an_import_does_not_bring_them_back_unless_told_so(self, desk: Desk) -> None:
        await delete_chi(desk)
        rows = [member_row(4, "300", "chi", "en")]
        report = await roster.import_rows(desk.database, rows, own={}, actor=CLI, clock=desk.clock)
        assert report.added == 0
        (problem,) = report.problems
        assert "asked" in problem.text
        async with desk.database.read() as read:
            plan = await roster.plan(read, rows, own={})
        assert [one.text for one in plan.problems] == [problem.text]
        assert await desk.database.write(lambda write: erasures.forget(write, CHI))
        report = await roster.import_rows(desk.database, rows, own={}, actor=CLI, clock=desk.clock)
        assert report.added == 1

    async def test_staff_cannot_be_deleted(self, desk: Desk) -> None:
        await desk.press("100", "privacy:erase-really")
        assert "role" in desk.notices("100")[-1]
        assert "anna@example.org" in await everything(desk)

    async def test_they_can_come_back_as_a_stranger(self, desk: Desk) -> None:
        await delete_chi(desk)
        await job.run(desk.bench)
        (hello,) = await desk.say("300", "/start")
        assert "do not know yet" in hello


class TestRetention:
    async def test_old_words_are_blanked_and_new_ones_stay(self, desk: Desk) -> None:
        await desk.say("300", "Old words about giraffes")
        desk.clock.advance(181 * 24 * 3600)
        await desk.say("300", "New words about lions")
        await job.run(desk.bench)
        async with desk.database.read() as read:
            left = str(await read.all(select(t.Inbox)))
        assert "giraffes" not in left
        assert "lions" in left

    async def test_a_reply_without_a_summary_is_blanked_too_and_once(self, desk: Desk) -> None:
        await desk.say("300", "/help")
        await desk.database.write(
            lambda write: write.execute(update(t.Delivery).values(summary=""))
        )
        desk.clock.advance(181 * 24 * 3600)
        assert await privacy.tidy(desk.database, desk.clock.now()) > 0
        async with desk.database.read() as read:
            assert [one.payload for one in await read.all(select(t.Delivery.payload))] == [None]
        assert await privacy.tidy(desk.database, desk.clock.now()) == 0
