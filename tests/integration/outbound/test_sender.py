"""The sender over a real ledger: what every outcome leaves behind, and what a kill may."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
from sqlalchemy.exc import OperationalError

from bot.adapters.base import DeliveryKey, Part
from bot.domain.address import Address, MessageRef
from bot.domain.announcement import AnnouncementState
from bot.domain.delivery import Kind, Lane, Outgoing
from bot.domain.outcome import Delivered, Later, Moved, Never, Outcome, Reason, Scope, Unknown
from bot.outbound import IN_FLIGHT, KEPT_FOR_CONVERSATIONS, WHOLE
from bot.outbound.queue import AHEAD
from bot.storage.database import Database
from tests.support.fake_adapter import Attempt, FakeAdapter, FakeSlack
from tests.support.hand_clock import SteppingClock, quiet
from tests.support.ledger import Ledger, sending, words_of


def part(text: str) -> Part:
    return Part({"text": text, "buttons": []}, text)


def many(count: int) -> list[str]:
    return [str(number) for number in range(1, count + 1)]


async def test_a_message_is_delivered_once(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    await ledger.announce(["1"])
    await ledger.reply("2", "hello")
    async with sending(ledger, clock) as running:
        await running.pass_time(10)
    assert sorted(adapter.chats()) == ["1", "2"]
    for row in await ledger.rows():
        assert (row.state, row.reason, row.attempts) == ("delivered", "", 1)
        assert row.message_id.startswith("m")


@pytest.mark.parametrize("why", list(Reason))
async def test_never_is_final_and_says_why(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter, why: Reason
) -> None:
    adapter.script["1"].append(Never(why, "said the platform"))
    await ledger.announce(["1", "2"])
    async with sending(ledger, clock) as running:
        await running.pass_time(60)
    (row, other) = await ledger.rows()
    assert (row.state, row.reason) == ("failed", f"{why.value}: said the platform")
    assert other.state == "delivered"
    assert adapter.chats().count("1") == 1
    gone = {Reason.BLOCKED, Reason.GONE, Reason.NOT_FOUND}
    assert await ledger.unreachable("1") == (why.value if why in gone else "")


@pytest.mark.parametrize("lane", list(Lane))
async def test_later_is_one_more_attempt_and_not_before(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter, lane: Lane
) -> None:
    adapter.script["1"].append(Later(7.0, Scope.CHAT, "slow down"))
    if lane is Lane.BULK:
        await ledger.announce(["1", "2", "3"])
    else:
        for user in ("1", "2", "3"):
            await ledger.reply(user, "hi")
    async with sending(ledger, clock) as running:
        await running.pass_time(3)
        assert await ledger.states() | {"1": ""} == {"1": "", "2": "delivered", "3": "delivered"}
        (first,) = [row for row in await ledger.rows() if row.chat == "1"]
        assert first.state in ("pending", "claimed")
        await running.pass_time(60)
    times = [one.at for one in adapter.attempts if one.chat == "1"]
    assert len(times) == 2
    assert 7.0 <= times[1] - times[0] < 7.2
    assert set((await ledger.states()).values()) == {"delivered"}


@pytest.mark.slow
async def test_a_flood_of_the_account_stops_everybody_for_its_time(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    adapter.script["5"].append(Later(20.0, Scope.ACCOUNT, "flood"))
    await ledger.announce(many(60))
    async with sending(ledger, clock) as running:
        await running.pass_time(2)
        await ledger.reply("900", "a reply waits as well")
        await running.pass_time(60)
    times = [one.at for one in adapter.attempts]
    hit = next(one.at for one in adapter.attempts if one.chat == "5")
    assert not [at for at in times if hit < at < hit + 20.0]
    assert len(times) == 62
    assert set((await ledger.states()).values()) == {"delivered"}


@pytest.mark.slow
@pytest.mark.parametrize("blocked", [1, 70])
async def test_halted_chats_block_nobody_else(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter, blocked: int
) -> None:
    """More chats may be halted than the sender claims ahead, and the others go on."""
    chats = many(blocked + 40)
    for chat in chats[:blocked]:
        adapter.script[chat].append(Later(40.0, Scope.CHAT, "slow mode"))
    await ledger.announce(chats)
    async with sending(ledger, clock) as running:
        await running.pass_time(12)
        states = await ledger.states()
        assert {states[chat] for chat in chats[blocked:]} == {"delivered"}
        await running.pass_time(45)
    assert set((await ledger.states()).values()) == {"delivered"}


async def test_an_unknown_message_is_never_repeated(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    adapter.script["1"].append(Unknown("ReadTimeout"))
    await ledger.announce(["1"])
    await ledger.reply("1", "later words still go")
    async with sending(ledger, clock) as running:
        await running.pass_time(30)
    async with sending(ledger, clock, epoch=2) as running:
        await running.pass_time(30)
    assert adapter.chats() == ["1", "1"]
    states = {row.lane: (row.state, row.reason) for row in await ledger.rows()}
    assert ("unconfirmed", "ReadTimeout") in states.values()
    assert ("delivered", "") in states.values()


async def test_an_unknown_change_is_repeated_at_most_three_times(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    adapter.script["1"].extend([Unknown("ReadTimeout")] * 9)
    await ledger.reply("1", "new words", kind=Kind.EDIT, target="m1")
    async with sending(ledger, clock) as running:
        await running.pass_time(30)
    times = [one.at for one in adapter.attempts if one.kind == "edit"]
    assert [round(after - before) for before, after in pairwise(times)] == [2, 4, 8]
    assert [row.state for row in await ledger.rows()] == ["unconfirmed"]


async def test_a_chat_that_moved_is_followed(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    adapter.script["-5"].append(Moved(Address("fake", "bot", "-1005")))
    await ledger.reply("-5", "hello room")
    async with sending(ledger, clock) as running:
        await running.pass_time(30)
    assert adapter.chats() == ["-5", "-1005"]
    assert [row.state for row in await ledger.rows()] == ["delivered"]
    assert await ledger.address("-5") is None


async def test_a_chat_that_moved_to_a_known_one_reaches_it(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    """The new place has a row of its own already: the message must not go round in circles."""
    adapter.script["-5"].extend([Moved(Address("fake", "bot", "-1005"))] * 5)
    await ledger.reply("-1005", "known already")
    await ledger.reply("-5", "hello room")
    async with sending(ledger, clock) as running:
        await running.pass_time(10)
    assert adapter.chats().count("-5") == 1
    assert [one.text for one in adapter.platform.journal.from_bot("-1005")] == [
        "known already",
        "hello room",
    ]


async def test_a_chat_that_moved_to_where_it_was_is_no_chat(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    adapter.script["-5"].extend([Moved(Address("fake", "bot", "-5"))] * 9)
    await ledger.reply("-5", "hello room")
    async with sending(ledger, clock) as running:
        await running.pass_time(60)
    assert adapter.chats() == ["-5"]
    assert [(row.state, row.reason) for row in await ledger.rows()] == [
        ("failed", "moved_to_itself")
    ]


async def test_a_message_follows_its_chat_three_times_and_not_in_circles(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    for here, there in (("-5", "-6"), ("-6", "-5")):
        adapter.script[here].extend([Moved(Address("fake", "bot", there))] * 9)
    await ledger.reply("-5", "hello room")
    async with sending(ledger, clock) as running:
        await running.pass_time(120)
    assert adapter.chats() == ["-5", "-6", "-5", "-6"]
    assert [(row.state, row.reason) for row in await ledger.rows()] == [
        ("failed", "moved_too_often: 3 times")
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("scope", "state"), [(Scope.CHAT, "failed"), (Scope.ACCOUNT, "delivered")])
async def test_a_chat_says_later_for_a_day_and_an_account_as_long_as_it_takes(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter, scope: Scope, state: str
) -> None:
    adapter.script["1"].extend([Later(6 * 3600.0, scope, "not yet")] * 6)
    await ledger.reply("1", "hello")
    for epoch in range(1, 9):  # senders come and go meanwhile: the ledger remembers
        async with sending(ledger, clock, epoch=epoch) as running:
            await running.pass_time(5)
        clock.advance(6 * 3600.0)
    (row,) = await ledger.rows()
    assert row.state == state
    if scope is Scope.CHAT:
        assert row.reason == "later_too_often: not yet"
        assert len(adapter.attempts) == 5, "at 0, 6, 12, 18, 24 hours, and then no more"


async def test_a_refused_token_is_said_once_and_again_when_it_is_another_trouble(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    refused = [Later(5.0, Scope.ACCOUNT, "token refused")] * 4
    floods = [Later(float(wait), Scope.ACCOUNT, f"retry after {wait}") for wait in (3, 4, 5)]
    adapter.script["1"].extend([*refused, *floods])
    await ledger.reply("1", "hello")
    async with sending(ledger, clock) as running:
        await running.pass_time(60)
    assert len(adapter.attempts) == 8
    said = [one.message for one in caplog.records if "nothing can be sent" in one.message]
    assert [one.rpartition(": ")[2] for one in said] == ["token refused", "retry after 3"]


@pytest.mark.parametrize("senders", [1, 2, 3, 7])
async def test_the_senders_of_a_process_share_what_may_be_under_way(senders: int) -> None:
    share = WHOLE.share(senders)
    assert share.in_flight * senders <= IN_FLIGHT
    assert 1 <= share.kept < share.in_flight


@pytest.mark.slow
@pytest.mark.parametrize("senders", [2, 4])
async def test_a_sender_keeps_to_its_share(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter, senders: int
) -> None:
    adapter.pace = type(adapter.pace)(account=1000.0, bulk=990.0, chat=1.0, room=1.0)
    await ledger.announce(many(40))
    seen: list[int] = []

    async def slow() -> Outcome:
        seen.append(await ledger.count("sending"))
        await clock.sleep(2.0)
        return Delivered(None)

    adapter.script[""].extend([slow] * 40)
    share = WHOLE.share(senders)
    async with sending(ledger, clock, budget=share) as running:
        await running.pass_time(60)
    assert max(seen) == share.in_flight - share.kept


async def test_answers_of_a_crowd_wait_for_no_straggler(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    """They are booked together with whoever answers soon, and not with whoever hangs."""
    adapter.pace = type(adapter.pace)(account=1e6, bulk=1e6, chat=1.0, room=1.0)
    house = WHOLE.in_flight - WHOLE.kept
    await ledger.announce(many(house))
    hang = house // 2

    async def soon() -> Outcome:
        await clock.sleep(0.1)
        return Delivered(None)

    async def late() -> Outcome:
        await clock.sleep(4.0)
        return Delivered(None)

    adapter.script[""].extend([*[soon] * (house - hang), *[late] * hang])
    async with sending(ledger, clock) as running:
        await running.pass_time(2.0)
        assert await ledger.count("delivered") == house - hang
        assert await ledger.count("sending") == hang
        await running.pass_time(4.0)
    assert set((await ledger.states()).values()) == {"delivered"}


@pytest.mark.slow
@pytest.mark.parametrize("lane", list(Lane))
async def test_at_most_so_many_are_under_way(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter, lane: Lane
) -> None:
    """Slow answers at a high pace: the ledger never shows more ``sending`` than was promised."""
    adapter.pace = type(adapter.pace)(account=1000.0, bulk=990.0, chat=1.0, room=1.0)
    chats = many(150)
    if lane is Lane.BULK:
        await ledger.announce(chats)
    else:
        for chat in chats:
            await ledger.reply(chat, "hi")
    seen: list[int] = []

    async def slow() -> Outcome:
        seen.append(await ledger.count("sending"))
        await clock.sleep(2.0)
        return Delivered(None)

    adapter.script[""].extend([slow] * 150)
    async with sending(ledger, clock) as running:
        await running.pass_time(60)
    allowed = IN_FLIGHT - (KEPT_FOR_CONVERSATIONS if lane is Lane.BULK else 0)
    assert max(seen) == allowed
    assert len(adapter.attempts) == 150
    assert set((await ledger.states()).values()) == {"delivered"}


@pytest.mark.slow
async def test_a_reply_overtakes_a_saturated_broadcast(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    """All slots of the broadcast are stuck in slow requests; a reply has its own."""

    async def slow() -> Outcome:
        await clock.sleep(5.0)
        return Delivered(None)

    for chat in many(60):
        adapter.script[chat].append(slow)
    await ledger.announce(many(60))
    async with sending(ledger, clock) as running:
        await running.pass_time(3)
        assert await ledger.count("sending") == IN_FLIGHT - KEPT_FOR_CONVERSATIONS
        before = clock.monotonic()
        await ledger.reply("900", "the answer")
        await running.pass_time(4, until=lambda: "900" in adapter.chats())
        assert clock.monotonic() - before < 0.2


async def test_replies_and_parts_arrive_in_order(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    adapter.script["1"].append(Later(3.0, Scope.CHAT, "slow down"))
    await ledger.reply("1", "one", "two", "three")
    await ledger.reply("1", "four")
    await ledger.parts("1", "five a", "five b")
    async with sending(ledger, clock) as running:
        await running.pass_time(60)
    texts = [one.text for one in adapter.platform.journal.from_bot("1")]
    assert texts == ["one", "two", "three", "four", "five a", "five b"]


async def test_a_part_waits_for_the_one_before(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    adapter.script["1"].append(Later(5.0, Scope.CHAT, "slow down"))
    await ledger.announce(["1", "2"], parts=3)
    async with sending(ledger, clock) as running:
        await running.pass_time(60)
    for chat in ("1", "2"):
        texts = [one.text for one in adapter.platform.journal.from_bot(chat)]
        assert texts == ["news 1", "news 2", "news 3"]
        times = [one.at for one in adapter.platform.journal.from_bot(chat)]
        assert all(after - before >= 0.94 for before, after in pairwise(times))


@pytest.mark.parametrize("lost", [Never(Reason.REFUSED), Unknown("ReadTimeout")])
async def test_the_rest_of_a_broken_message_is_skipped(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter, lost: Outcome
) -> None:
    adapter.script["1"].append(lost)
    await ledger.announce(["1"], parts=3)
    async with sending(ledger, clock) as running:
        await running.pass_time(60)
    assert adapter.chats() == ["1"]
    states = [(row.state, row.reason) for row in await ledger.rows()]
    assert states[1:] == [("skipped", "earlier_part")] * 2


@pytest.mark.slow
async def test_a_lost_lease_ends_all_requests(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    await ledger.announce(many(150))
    async with sending(ledger, clock) as running:
        await running.pass_time(2)
        await running.lose_lease()
        assert running.task.done()
        asked = len(adapter.attempts)
        await running.pass_time(30)
    assert len(adapter.attempts) == asked < 300
    states = [row.state for row in await ledger.rows()]
    assert states.count("delivered") == asked
    assert set(states) == {"delivered", "pending"}, "what was claimed is given back"


@pytest.mark.slow
async def test_no_request_begins_that_may_outlive_the_lease(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    start = clock.monotonic()
    await ledger.announce(many(200))
    async with sending(ledger, clock, deadline=start + 8.0) as running:
        await running.pass_time(6)
        assert max(one.at for one in adapter.attempts) < start + 3.0
        asked = len(adapter.attempts)
        running.lease.deadline = start + 60.0
        await running.pass_time(3)
        assert len(adapter.attempts) > asked + 30, "renewed, it goes on"
    assert {row.state for row in await ledger.rows()} <= {"delivered", "pending"}


async def test_an_older_lease_changes_nothing(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    """Two senders: the one that was replaced records nothing over the other's rows."""
    release = asyncio.Event()

    async def hangs() -> Outcome:
        await release.wait()
        return Delivered(MessageRef(Address("fake", "bot", "1"), "late"))

    adapter.script["1"].append(hangs)
    await ledger.announce(["1"])
    async with sending(ledger, clock, epoch=1) as first:
        await first.pass_time(1)
        first.lease.lost.set()
        async with sending(ledger, clock, epoch=2) as second:
            await second.pass_time(5)
            release.set()
            await second.pass_time(5)
    (row,) = await ledger.rows()
    assert len(adapter.attempts) == 1, "what may have arrived is not sent by the other"
    assert (row.state, row.reason) in {("unconfirmed", "sender_died"), ("delivered", "")}


async def test_the_end_records_what_is_under_way(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    done = asyncio.Event()

    async def finishing() -> Outcome:
        await done.wait()
        return Delivered(MessageRef(Address("fake", "bot", "1"), "m1"))

    adapter.script["1"].append(finishing)
    await ledger.announce(["1", "2"])
    async with sending(ledger, clock) as running:
        await running.pass_time(1)
        running.task.cancel()
        await quiet(ledger.database)
        assert not running.task.done(), "it waits for the request that is under way"
        done.set()
        await quiet(ledger.database)
    assert await ledger.states() == {"1": "delivered", "2": "delivered"}


@pytest.mark.slow
@pytest.mark.parametrize("turns", range(0, 60, 6))
async def test_an_end_at_any_moment_loses_no_result(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter, turns: int
) -> None:
    """Cancelled anywhere in its loop, it records what was delivered and gives the rest back."""
    adapter.pace = type(adapter.pace)(account=1000.0, bulk=990.0, chat=1.0, room=1.0)
    await ledger.announce(many(40))
    async with sending(ledger, clock):
        for _ in range(turns):
            await asyncio.sleep(0)
            clock.advance(0.003)
            await asyncio.sleep(0)
    sent = {one.chat for one in adapter.attempts}
    for row in await ledger.rows():
        assert row.state == ("delivered" if row.chat in sent else "pending")


@pytest.mark.parametrize("failing", range(2, 7))
async def test_a_database_that_fails_once_loses_no_result(
    ledger: Ledger,
    clock: SteppingClock,
    adapter: FakeAdapter,
    failing: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The commit of a turn fails: the sender ends, and still records what it knows."""
    await ledger.announce(many(20))
    original, calls = Database.write, [0]

    async def flaky(self: Database, *args: object) -> object:
        calls[0] += 1
        if calls[0] == failing:
            raise OperationalError("COMMIT", {}, Exception("disk I/O error"))
        return await original(self, *args)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(Database, "write", flaky)
    async with sending(ledger, clock) as running:
        with pytest.raises(OperationalError):
            await running.pass_time(5)
    sent = {one.chat for one in adapter.attempts}
    for row in await ledger.rows():
        assert row.state == ("delivered" if row.chat in sent else "pending")


async def test_an_adapter_that_raises_spoils_one_message(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    adapter.script["2"].append(RuntimeError("a bug of the adapter"))
    await ledger.announce(["1", "2", "3"])
    async with sending(ledger, clock) as running:
        await running.pass_time(10)
    assert await ledger.states() == {"1": "delivered", "2": "unconfirmed", "3": "delivered"}
    assert adapter.chats().count("2") == 1


async def test_a_message_that_cannot_be_rendered_fails_alone(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    async def render(row: Outgoing) -> Part:
        if row.address.chat == "2":
            raise LookupError("gone")
        return await words_of(row)

    await ledger.announce(["1", "2", "3"])
    async with sending(ledger, clock, render=render) as running:
        await running.pass_time(10)
    assert await ledger.states() == {"1": "delivered", "2": "failed", "3": "delivered"}
    assert "2" not in adapter.chats()
    assert await ledger.unreachable("2") == ""


async def test_a_database_that_fails_while_rendering_fails_no_message(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    """The words could not be read this time: that says nothing of the message."""
    failures = [OperationalError("SELECT", {}, Exception("locked"))]

    async def render(row: Outgoing) -> Part:
        if failures:
            raise failures.pop()
        return await words_of(row)

    await ledger.announce(["1", "2"])
    async with sending(ledger, clock, render=render) as running:
        with pytest.raises(OperationalError):
            await running.pass_time(10)
    assert await ledger.states() == {"1": "pending", "2": "pending"}
    async with sending(ledger, clock, render=render, epoch=2) as running:
        await running.pass_time(10)
    assert await ledger.states() == {"1": "delivered", "2": "delivered"}


@pytest.mark.slow
@pytest.mark.parametrize("state", [AnnouncementState.PAUSED, AnnouncementState.CANCELLED])
async def test_a_pause_takes_hold_at_once(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter, state: AnnouncementState
) -> None:
    number = await ledger.announce(many(150))
    await ledger.announce(["x1", "x2"])
    async with sending(ledger, clock) as running:
        await running.pass_time(1)
        await ledger.set_state(number, state)
        asked = len(adapter.attempts)
        await running.pass_time(15)
        late = [one.chat for one in adapter.attempts[asked:] if not one.chat.startswith("x")]
        assert len(late) <= 1
        assert {"x1", "x2"} <= set(adapter.chats()), "another announcement goes on"
        rows = [row for row in await ledger.rows() if row.announcement_id == number]
        assert {row.state for row in rows} == {"delivered", "pending"}
        if state is AnnouncementState.PAUSED:
            await ledger.set_state(number, AnnouncementState.SENDING)
            await running.pass_time(20)
            assert set((await ledger.states()).values()) == {"delivered"}


@pytest.mark.slow
async def test_a_take_over_settles_what_was_left(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    """A sender that was killed leaves ``sending`` rows: new messages are not sent again."""
    forever = asyncio.Event()

    async def hangs() -> Outcome:
        await forever.wait()
        return Unknown("never comes")

    adapter.platform.show(Address("fake", "bot", "3"), part("old"), DeliveryKey(900))
    for chat in ("1", "2", "3"):
        adapter.script[chat].append(hangs)
    await ledger.announce(["1", "2", *many(60)[3:]])
    await ledger.reply("3", "changed", kind=Kind.EDIT, target="m1")
    async with sending(ledger, clock) as dead:
        await dead.pass_time(1)
        async with sending(ledger, clock, epoch=2) as running:
            dead.lease.lost.set()
            await running.pass_time(15)
            states = await ledger.rows()
        forever.set()
    lost = [row for row in states if row.state == "unconfirmed"]
    assert {row.chat for row in lost} == {"1", "2"}, "the change of chat 3 is made again"
    assert {row.chat for row in states if row.state != "delivered"} == {"1", "2"}
    assert {row.reason for row in lost} == {"sender_died"}
    assert all(adapter.chats().count(row.chat) == 1 for row in lost)
    assert adapter.chats("edit") == ["3", "3"]


async def test_twice_the_same_chat_is_never_under_way(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    now: set[str] = set()

    async def watched(attempt: Attempt) -> None:
        assert attempt.chat not in now
        now.add(attempt.chat)
        await clock.sleep(0.3)
        now.discard(attempt.chat)

    adapter.before = watched
    for _ in range(3):
        await ledger.announce(["1", "2"], parts=2)
    await ledger.reply("1", "a", "b", "c")
    async with sending(ledger, clock) as running:
        await running.pass_time(60)
    assert len(adapter.attempts) == 15
    assert set((await ledger.states()).values()) == {"delivered"}


# ------------------------------------------------------------ direct chats that are opened first


@pytest.fixture
def slack(clock: SteppingClock, sqlite: Database) -> Ledger:
    return Ledger(sqlite, FakeSlack(clock))


def opener(ledger: Ledger) -> FakeSlack:
    assert isinstance(ledger.adapter, FakeSlack)
    return ledger.adapter


@pytest.mark.slow
async def test_chats_are_opened_first_at_their_own_pace(
    slack: Ledger, clock: SteppingClock
) -> None:
    await slack.announce(many(100))
    async with sending(slack, clock) as running:
        await running.pass_time(120)
        adapter = opener(slack)
        assert sorted((chat for _, chat in adapter.openings), key=int) == many(100)
        assert len([at for at, _ in adapter.openings if at < adapter.openings[0][0] + 60]) <= 92
    assert set((await slack.states()).values()) == {"delivered"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "trouble",
    [Later(5.0, Scope.CHAT, "not now"), RuntimeError("a bug"), Never(Reason.GONE, "deactivated")],
)
async def test_a_chat_that_cannot_be_opened_blocks_nobody(
    slack: Ledger, clock: SteppingClock, trouble: Later | Never | Exception
) -> None:
    adapter = opener(slack)
    adapter.open_script["1"].extend([trouble] * 1000)
    adapter.opened.update(many(60)[20:])
    await slack.announce(many(60))
    async with sending(slack, clock) as running:
        await running.pass_time(40)
    states = await slack.states()
    assert {states[chat] for chat in many(60)[1:]} == {"delivered"}
    assert "1" not in adapter.chats()
    if isinstance(trouble, Never):
        assert states["1"] == "failed"
        assert await slack.unreachable("1") == "gone"
        assert len([chat for _, chat in adapter.openings if chat == "1"]) == 1
    else:
        assert states["1"] == "pending"
        times = [at for at, chat in adapter.openings if chat == "1"]
        assert all(after - before >= 5.0 for before, after in pairwise(times))


@pytest.mark.slow
async def test_openings_stop_when_the_platform_says_so(slack: Ledger, clock: SteppingClock) -> None:
    adapter = opener(slack)
    adapter.open_script["3"].append(Later(30.0, Scope.ACCOUNT, "ratelimited"))
    await slack.announce(many(20))
    async with sending(slack, clock) as running:
        await running.pass_time(100)
    hit = next(at for at, chat in adapter.openings if chat == "3")
    assert not [at for at, _ in adapter.openings if hit < at < hit + 30.0]
    assert set((await slack.states()).values()) == {"delivered"}


@pytest.mark.slow
async def test_refused_openings_keep_the_bound(slack: Ledger, clock: SteppingClock) -> None:
    """Rows that fail while opening count like the others: at most 32 are ``sending``."""
    adapter = opener(slack)
    adapter.pace = type(adapter.pace)(
        account=1000.0, bulk=990.0, chat=1.0, room=1.0, open_direct=500.0
    )
    for chat in many(60):
        adapter.open_script[chat].append(Never(Reason.GONE))
    seen: list[int] = []

    async def slow(attempt: Attempt) -> None:
        seen.append(await slack.count("sending"))
        await clock.sleep(1.0)

    adapter.before = slow
    open_ones = [f"o{number}" for number in range(60)]
    adapter.opened.update(open_ones)
    await slack.announce([*many(60), *open_ones])
    async with sending(slack, clock) as running:
        await running.pass_time(30)
    assert max(seen) <= IN_FLIGHT - KEPT_FOR_CONVERSATIONS
    states = await slack.states()
    assert {states[chat] for chat in many(60)} == {"failed"}
    assert {states[chat] for chat in open_ones} == {"delivered"}


async def test_a_pause_while_a_chat_is_refused_leaves_no_row_behind(
    slack: Ledger, clock: SteppingClock
) -> None:
    adapter = opener(slack)
    adapter.open_script["1"].append(Never(Reason.GONE))
    number = await slack.announce(["1"])
    original: Callable[[Address], Awaitable[Later | Never | None]] = adapter.open_direct

    async def pausing(to: Address) -> Later | Never | None:
        await slack.set_state(number, AnnouncementState.PAUSED)
        return await original(to)

    adapter.open_direct = pausing  # type: ignore[method-assign]  # the pause comes in between
    async with sending(slack, clock) as running:
        await running.pass_time(5)
        assert [row.state for row in await slack.rows()] == ["pending"]


@pytest.mark.slow
async def test_a_reply_is_opened_for_while_an_announcements_openings_hang(
    slack: Ledger, clock: SteppingClock
) -> None:
    adapter = opener(slack)
    original: Callable[[Address], Awaitable[Later | Never | None]] = adapter.open_direct

    async def hanging(to: Address) -> Later | Never | None:
        if to.chat != "me":
            await clock.sleep(50.0)
        return await original(to)

    adapter.open_direct = hanging  # type: ignore[method-assign]  # a platform that is slow
    await slack.announce(many(20))
    async with sending(slack, clock) as running:
        await running.pass_time(5)
        await slack.reply("me", "hello")
        await running.pass_time(5)
        assert (await slack.states())["me"] == "delivered"


@pytest.mark.slow
async def test_a_reply_is_opened_for_before_an_announcements_rows_that_wait_for_their_turn(
    slack: Ledger, clock: SteppingClock
) -> None:
    adapter = opener(slack)
    await slack.announce(many(80))
    async with sending(slack, clock) as running:
        await running.pass_time(60, until=lambda: len(adapter.openings) > 55)
        before = clock.monotonic()
        await slack.reply("me", "hello")
        await running.pass_time(10)
    (opened_at,) = [at for at, chat in adapter.openings if chat == "me"]
    assert opened_at - before < 2.0


@pytest.mark.slow
async def test_no_chat_is_opened_after_the_lease(slack: Ledger, clock: SteppingClock) -> None:
    adapter = opener(slack)
    start = clock.monotonic()
    await slack.announce(many(200))
    async with sending(slack, clock, deadline=start + 20.0) as running:
        await running.pass_time(60)
        assert max(at for at, _ in adapter.openings) < start + 15.0
        await running.lose_lease()
        asked = len(adapter.openings)
        await running.pass_time(60)
        assert len(adapter.openings) == asked
    assert {row.state for row in await slack.rows()} == {"delivered", "pending"}


@pytest.mark.slow
async def test_a_halted_lane_keeps_to_its_memory(
    ledger: Ledger, clock: SteppingClock, adapter: FakeAdapter
) -> None:
    """However many wait, the sender claims a bounded number ahead."""
    adapter.script["1"].append(Later(50.0, Scope.ACCOUNT, "flood"))
    await ledger.announce(many(2000))
    async with sending(ledger, clock) as running:
        await running.pass_time(10)
        assert await ledger.count("claimed") <= 2 * AHEAD
