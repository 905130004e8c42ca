"""From the inbox to the ledger: once, in order, in one commit, and never without an answer."""

import asyncio
import dataclasses
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from bot.domain.incoming import Pressed, Said
from bot.domain.message import plain
from bot.domain.refusal import Refusal
from bot.routing import END_DIALOG, Context, Dialog, Reply, Router, ToPerson
from bot.services import joining
from bot.storage import inbox, losses, people, tables
from bot.storage.away import DatabaseAway
from bot.storage.database import Database
from tests.support.desk import Desk, dispatcher_of
from tests.support.hand_clock import quiet

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


async def count(desk: Desk, table: Any) -> int:
    async with desk.database.read() as read:
        return int(await read.scalar(select(func.count()).select_from(table)))


async def states(desk: Desk) -> dict[str, int]:
    async with desk.database.read() as read:
        return await inbox.counts(read)


async def test_one_conversation_keeps_its_order_and_others_go_beside_it(desk: Desk) -> None:
    router, begun, go_on = Router("test"), list[str](), asyncio.Event()

    @router.on(Said)
    async def echo(incoming: Said, ctx: Context) -> Reply:
        begun.append(incoming.text)
        if incoming.text == "a1":
            await go_on.wait()
        return Reply((plain(incoming.text),))

    for user, text in (("100", "a1"), ("100", "a2"), ("200", "b1"), ("100", "a3"), ("200", "b2")):
        desk.adapter.platform.say(user, text)
    await desk.receive()
    running = asyncio.create_task(dispatcher_of(desk, router).run())
    await quiet(desk.database)
    assert begun == ["a1", "b1", "b2"]
    go_on.set()
    await quiet(desk.database)
    assert await states(desk) == {"done": 5}
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert [text for text in begun if text.startswith("a")] == ["a1", "a2", "a3"]
    await desk.deliver()
    assert desk.seen("100") == ["a1", "a2", "a3"]


@pytest.mark.parametrize(("user", "sorry"), [("100", "Sorry"), ("200", "抱歉")])
async def test_a_broken_handler_is_tried_three_times_and_then_says_so(
    desk: Desk, user: str, sorry: str
) -> None:
    router, tried = Router("test"), list[int]()

    @router.on(Said)
    async def broken(incoming: Said, ctx: Context) -> Reply:
        write = await ctx.unit.write()
        await people.set_stopped(write, ctx.person.id if ctx.person else 0, True)
        tried.append(1)
        raise ZeroDivisionError

    desk.adapter.platform.say(user, "x")
    await desk.receive()
    await dispatcher_of(desk, router).drain()
    await desk.deliver()
    assert len(tried) == 3
    (said,) = desk.seen(user)
    assert said.startswith(sorry)
    assert await states(desk) == {"failed": 1}
    async with desk.database.read() as read:
        assert await read.scalar(select(func.count()).where(col(t.Person.stopped))) == 0
        assert [one.error for one in await losses.unhandled(read)] == ["ZeroDivisionError"]


@pytest.mark.parametrize("own", [OSError("no such file"), TimeoutError(), BrokenPipeError()])
async def test_what_a_handler_raises_itself_is_no_database_that_is_away(
    desk: Desk, own: Exception
) -> None:
    router, tried = Router("test"), list[int]()

    @router.on(Said)
    async def broken(incoming: Said, ctx: Context) -> Reply:
        tried.append(1)
        assert len(tried) < 10, "it is tried for ever"
        async with ctx.unit.read() as read:
            await people.by_id(read, 1)
            raise own

    desk.adapter.platform.say("100", "x")
    await desk.receive()
    await dispatcher_of(desk, router).drain()
    await desk.deliver()
    assert len(tried) == 3
    assert desk.seen("100")[0].startswith("Sorry")


async def test_while_the_database_is_away_an_update_waits_and_is_not_given_up(desk: Desk) -> None:
    router, tried = Router("test"), list[float]()

    @router.on(Said)
    async def meets_it_away(incoming: Said, ctx: Context) -> Reply:
        tried.append(desk.clock.monotonic())
        if len(tried) <= 5:
            raise DatabaseAway("TooManyConnectionsError 53300")
        return Reply((plain("here I am"),))

    desk.adapter.platform.say("100", "x")
    await desk.receive()
    dispatcher = dispatcher_of(desk, router)
    for _look in range(60):
        await dispatcher.drain()
        desk.clock.advance(0.1)
    await desk.deliver()
    assert len(tried) == 6
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(tried))
    assert desk.seen("100") == ["here I am"]
    assert await states(desk) == {"done": 1}


async def test_a_database_that_leaves_when_the_sender_is_told_closes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    router = Router("test")

    @router.on(Said)
    async def broken(incoming: Said, ctx: Context) -> Reply:
        raise ZeroDivisionError

    async def away(*_args: Any, **_fields: Any) -> str:
        raise DatabaseAway("TooManyConnectionsError 53300")

    desk.adapter.platform.say("100", "x")
    await desk.receive()
    dispatcher = dispatcher_of(desk, router)
    with monkeypatch.context() as patch:
        patch.setattr(dispatcher, "_settle", away)
        for _look in range(6):
            await dispatcher.drain()
            desk.clock.advance(1.1)
    assert "failed" not in await states(desk)
    await dispatcher.drain()
    await desk.deliver()
    assert desk.seen("100")[0].startswith("Sorry")


@pytest.mark.parametrize(("user", "words"), [("100", "I do not know this event"), ("200", "活动")])
async def test_a_refusal_is_a_sentence_in_the_members_language(
    desk: Desk, user: str, words: str
) -> None:
    await desk.press(user, "event:9999")
    (notice,) = desk.notices(user)
    assert words in notice
    assert desk.seen(user) == []
    desk.adapter.platform.press(user, "m0", "event:9999")
    await desk.receive()
    desk.clock.advance(3.0)
    await desk.answer()
    (said,) = desk.seen(user)
    assert words in said, "too late for a notice, so it is written"


async def test_a_refusal_that_no_catalog_knows_ends_in_words(desk: Desk) -> None:
    router = Router("test")

    @router.on(Said)
    async def refuses(incoming: Said, ctx: Context) -> Reply:
        raise Refusal("refusal.that-nobody-wrote")

    for text in ("x", "next"):
        desk.adapter.platform.say("100", text)
    await desk.receive()
    dispatcher = dispatcher_of(desk, router)
    await dispatcher.drain()
    assert "claimed" not in await states(desk)
    assert "new" not in await states(desk), "the conversation is not stuck"


async def test_a_notice_that_comes_too_late_becomes_a_message(desk: Desk) -> None:
    """It expires while the handler works, after the reply was committed."""
    router = Router("test")

    @router.press("slow")
    async def slow(incoming: Pressed, ctx: Context) -> Reply:
        return Reply(notice="noted")

    desk.adapter.platform.press("100", "m0", "slow:")
    await desk.receive()
    (interaction,) = desk.interactions._open.values()

    async def refused(notice: str) -> bool:
        return False

    interaction.answer = refused  # type: ignore[method-assign]  # the platform was too slow
    await dispatcher_of(desk, router).drain()
    await desk.deliver()
    assert desk.seen("100") == ["noted"]


async def test_a_forged_press_changes_nothing_and_disturbs_nobody(desk: Desk) -> None:
    talk = desk.events["talk"]
    for data in (f"rsvp:{talk}:going", "command:stop", "late:1:send"):
        await desk.press("200", data, chat="100")
    assert desk.seen("100") == []
    assert len(desk.notices("200")) == 3
    assert all("其他人" in notice for notice in desk.notices("200"))
    assert await count(desk, t.Rsvp) == 0
    desk.adapter.platform.press("200", "m0", "command:stop", chat="100")
    await desk.receive()
    desk.clock.advance(5.0)
    await desk.answer()
    assert desk.seen("100") == desk.seen("200") == [], "too late, and still not said to the other"


async def test_a_stranger_is_noted_and_answered(desk: Desk) -> None:
    (hello,) = await desk.say("999", "/start")
    assert "I do not know yet which member organisation" in hello
    (asked,) = await desk.say("999", "/going")
    assert "I do not know yet" in asked
    await desk.press("999", f"rsvp:{desk.events['talk']}:going")
    assert "What is your name?" in desk.seen("999")[-1]


async def test_a_dialog_survives_a_restart(desk: Desk) -> None:
    await desk.press("999", "introduce:")
    (asked,) = await desk.say("999", "Ada")
    assert "Which organisation" in asked
    desk.dispatcher = dispatcher_of(desk, process="after the restart")
    await desk.say("999", "Moon Lab")
    (thanks,) = await desk.say("999", "ada@moon.example")
    assert "Thank you" in thanks
    (question,) = await desk.say("999", "Moon Lab, Ada")
    assert "Thank you!" not in question, "the dialog is over"
    async with desk.database.read() as read:
        (request,) = await joining.waiting(read)
    assert (request.name, request.organisation) == ("Ada", "Moon Lab")


async def test_a_dialog_ends_when_nobody_goes_on(desk: Desk) -> None:
    await desk.press("999", "introduce:")
    desk.clock.advance(25 * 3600)
    (said,) = await desk.say("999", "Moon Lab, Ada")
    assert "I don't know that yet" in said


async def test_a_dialog_is_one_persons(desk: Desk) -> None:
    await desk.press("999", "introduce:")
    (said,) = await desk.say("998", "Moon Lab")
    assert "Thank you!" not in said


async def test_two_processes_never_both_take_effect(desk: Desk) -> None:
    """Ours hangs, is taken for dead, and another finishes the row: what we did is undone."""
    router, handled = Router("test"), list[str]()

    @router.on(Said)
    async def hands_over(incoming: Said, ctx: Context) -> Reply:
        handled.append("slow")
        if len(handled) == 1:
            await desk.database.write(
                lambda write: write.execute(
                    update(t.Inbox).values(state="new", claimed_by="", attempts=0)
                )
            )
            assert await dispatcher_of(desk, router, process="other").drain() == 1
        return Reply((plain("once"),))

    desk.adapter.platform.say("100", "x")
    await desk.receive()
    await dispatcher_of(desk, router).drain()
    await desk.deliver()
    assert handled == ["slow", "slow"]
    assert desk.seen("100") == ["once"]
    assert await states(desk) == {"done": 1}


async def test_nothing_but_storage_is_awaited_in_a_transaction(desk: Desk) -> None:
    router = Router("test")

    @router.on(Said)
    async def careless(incoming: Said, ctx: Context) -> Reply:
        write = await ctx.unit.write()
        await people.set_stopped(write, 1, True)
        await asyncio.sleep(0)
        return Reply((plain("done"),))

    desk.adapter.platform.say("100", "x")
    await desk.receive()
    await dispatcher_of(desk, router).drain()
    async with desk.database.read() as read:
        assert [one.error for one in await losses.unhandled(read)] == ["AwaitedInTransaction"]
        assert await read.scalar(select(func.count()).where(col(t.Person.stopped))) == 0


async def test_bare_words_are_commands_in_both_languages(desk: Desk) -> None:
    for user, word, part in (
        ("100", "Events", "Coming events"),
        ("100", " HELP ", "What I can do"),
        ("200", "帮助", "我能"),
        ("200", "活动", "活动"),
        ("200", "help", "我能"),
    ):
        (said,) = await desk.say(user, word)
        assert part in said, word


@pytest.mark.slow
async def test_who_moves_up_hears_it_in_their_own_language(desk: Desk) -> None:
    talk = desk.events["talk"]
    for user in ("100", "300", "200"):
        await desk.press(user, f"rsvp:{talk}:going")
    assert "候补" in desk.seen("200")[-1]
    await desk.press("100", f"rsvp:{talk}:declined")
    assert "有空位了" in desk.seen("200")[-1]
    assert len([text for text in desk.seen("200") if "有空位了" in text]) == 1


async def test_somebody_who_cannot_be_told_is_noted(desk: Desk) -> None:
    router = Router("test")

    @router.on(Said)
    async def tells(incoming: Said, ctx: Context) -> Reply:
        return Reply(others=(ToPerson(4711, lambda reader: plain("news")),))

    desk.adapter.platform.say("100", "x")
    await desk.receive()
    await dispatcher_of(desk, router).drain()
    assert await states(desk) == {"done": 1}
    async with desk.database.read() as read:
        actions = [row.action for row in await read.all(select(t.Audit))]
        (lost,) = await losses.undelivered(read)
    assert "not told, on no messenger" in actions
    assert (lost.to, lost.state) == ("person 4711", "not told")


async def test_a_notice_and_a_reply_that_do_not_arrive_are_listed_with_whom_they_were_for(
    desk: Desk,
) -> None:
    router = Router("test")

    @router.on(Said)
    async def tells(incoming: Said, ctx: Context) -> Reply:
        return Reply((plain("done"),), others=(ToPerson(2, lambda reader: plain("news")),))

    desk.adapter.platform.blocked |= {"100", "200"}
    desk.adapter.platform.say("100", "x")
    await desk.receive()
    await dispatcher_of(desk, router).drain()
    await desk.deliver()
    async with desk.database.read() as read:
        lost = await losses.undelivered(read)
        others = await people.by_id(read, 2)
        assert await losses.unhandled(read) == ()
    assert others is not None
    assert [(one.state, one.text) for one in lost] == [("failed", "news"), ("failed", "done")]
    assert all(one.reason.startswith("blocked") and one.at for one in lost)
    assert lost[0].to == others.email
    assert "@" in lost[1].to, "the account's own person"


async def test_what_a_phone_says_anew_is_noted(desk: Desk) -> None:
    async def account() -> tuple[str, str, int | None]:
        async with desk.database.read() as read:
            row = await read.first(select(t.Account).where(col(t.Account.user) == "100"))
        assert row is not None
        return row.locale, row.name, row.person_id

    async def hears(locale: str, name: str) -> None:
        desk.adapter.platform.say("100", "/help")
        incoming, interaction = desk.adapter.platform.updates.pop()
        incoming = dataclasses.replace(incoming, locale=locale, name=name)
        await desk.sink(incoming, interaction)
        await desk.answer()

    linked = (await account())[2]
    assert linked is not None
    for locale, name in (("de", "Ada"), ("fr", "Ada M."), ("fr", "Ada M.")):
        await hears(locale, name)
        assert await account() == (locale, name, linked)
    await hears("", "")
    assert await account() == ("fr", "Ada M.", linked), "a platform that says nothing is no news"


@pytest.mark.parametrize(
    "text",
    [
        "why " * 2500,
        "\x00",
        "a\x00b",
        "\ud83d",
        "'; DROP TABLE person; --",
        "{0}%s{name}",
        "/",
        "?",
    ],
)
async def test_every_text_gets_one_answer(desk: Desk, text: str) -> None:
    said = await desk.say("100", text)
    assert len(said) == 1
    assert not said[0].startswith("Sorry"), said
    assert await states(desk) == {"done": 1}


async def test_a_long_reply_has_parts_in_order(desk: Desk) -> None:
    router = Router("test")
    words = " ".join(f"word{number}" for number in range(1500))

    @router.on(Said)
    async def long(incoming: Said, ctx: Context) -> Reply:
        return Reply((plain(words), plain("the end")), dialog=END_DIALOG)

    desk.adapter.platform.say("100", "x")
    await desk.receive()
    await dispatcher_of(desk, router).drain()
    await desk.deliver()
    assert "".join(desk.seen("100")) == words + "the end"


async def test_a_press_repeated_by_the_platform_acts_once(desk: Desk) -> None:
    desk.adapter.platform.press("100", "m0", f"rsvp:{desk.events['talk']}:going")
    (update_of,) = desk.adapter.platform.updates
    await desk.receive()
    await desk.sink(*update_of)
    await desk.dispatcher.drain()
    await desk.sink(*update_of)
    assert await desk.dispatcher.drain() == 0
    assert await count(desk, t.Inbox) == 1


async def test_a_reply_commits_with_the_dialog_or_not_at_all(desk: Desk) -> None:
    router = Router("test")

    @router.on(Said)
    async def fails_late(incoming: Said, ctx: Context) -> Reply:
        if incoming.text == "bad":
            return Reply((plain("x"),), others=(ToPerson(2, _explode),), dialog=Dialog("f", "s"))
        return Reply((plain("fine"),))

    for text in ("bad", "good"):
        desk.adapter.platform.say("100", text)
    await desk.receive()
    await dispatcher_of(desk, router).drain()
    await desk.deliver()
    assert await count(desk, t.Dialog) == 0
    assert desk.seen("100")[0].startswith("Sorry")
    assert desk.seen("100")[1:] == ["fine"]


def _explode(reader: object) -> Any:
    raise ZeroDivisionError


# ------------------------------------------------------------ the sink


async def test_the_sink_keeps_the_order_and_shares_commits(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = [0]
    original = Database.write

    async def counted(self: Database, *args: Any) -> Any:
        commits[0] += 1
        return await original(self, *args)

    monkeypatch.setattr(Database, "write", counted)
    for number in range(200):
        desk.adapter.platform.say("100", f"{number}")
    updates = list(desk.adapter.platform.updates)
    await asyncio.gather(*(desk.sink(*one) for one in updates))
    assert commits[0] <= 6
    async with desk.database.read() as read:
        stored = [
            row.payload["text"] for row in await read.all(select(t.Inbox).order_by(t.Inbox.id))
        ]
    assert stored == [str(number) for number in range(200)]


async def test_a_sink_that_cannot_store_lets_nobody_acknowledge(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(self: Database, *args: Any) -> Any:
        raise OSError("no space left")

    for number in range(5):
        desk.adapter.platform.say("100", f"{number}")
    updates = list(desk.adapter.platform.updates)
    with monkeypatch.context() as patch:
        patch.setattr(Database, "write", broken)
        results = await asyncio.gather(
            *(desk.sink(*one) for one in updates), return_exceptions=True
        )
    assert all(isinstance(one, OSError) for one in results)
    await asyncio.gather(*(desk.sink(*one) for one in updates))
    assert await count(desk, t.Inbox) == 5


async def test_a_caller_that_is_cancelled_takes_nobody_along(desk: Desk) -> None:
    for number in range(4):
        desk.adapter.platform.say("100", f"{number}")
    calls = [asyncio.create_task(desk.sink(*one)) for one in desk.adapter.platform.updates]
    await asyncio.sleep(0)
    calls[1].cancel()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [result is None for result in results] == [True, False, True, True]
    assert await count(desk, t.Inbox) == 4
