"""A form on Slack, whole: slash command, skeleton, handler, modal, submission, reply.

The real adapter before the simulated Slack, the real sink, inbox and dispatch behind it.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.acting import Actors
from bot.adapters.conformance import until
from bot.dispatch import Dispatcher
from bot.domain.form import Field, Form
from bot.domain.incoming import Commanded, Submitted
from bot.domain.message import plain
from bot.domain.refusal import Refusal
from bot.i18n import Texts
from bot.inbox_sink import InboxSink
from bot.interactions import Interactions
from bot.routing import Context, Reply, Router, Routes
from bot.services.introductions import Introductions
from bot.services.outbox import Outbox
from bot.services.readers import Readers
from bot.services.recognition import Recognition
from bot.services.room_cards import RoomCards
from bot.settings import Settings
from bot.storage.database import Database
from tests.contract.slack.conftest import USER, SlackHarness, slack_harness
from tests.support.databases import Files

FORM = Form("register", "Registration", "Send", "en", (Field("name", "Your name"),), "event:12")
router = Router("test")


def check(values: Mapping[str, str], _texts: Texts) -> Mapping[str, str]:
    return {} if values.get("name") != "x" else {"name": "A name has more than one letter."}


@router.command("register", opens_form=True)
async def register(incoming: Commanded, ctx: Context) -> Reply:
    if incoming.argument == "full":
        raise Refusal("refusal.event-unknown")
    if incoming.argument == "talk":
        return Reply((plain("Let us talk."),))
    return Reply(form=FORM)


@router.submit("register", check)
async def registered(incoming: Submitted, ctx: Context) -> Reply:
    return Reply((plain(f"Welcome, {dict(incoming.values)['name']} ({incoming.context})."),))


STEP = Form("step", "First this", "Next", "en", (Field("which", "Which one?"),))


@router.command("steps", opens_form=True)
async def steps(incoming: Commanded, ctx: Context) -> Reply:
    return Reply(form=STEP)


@router.submit("step", check, opens_form=True)
async def stepped(incoming: Submitted, ctx: Context) -> Reply:
    which = dict(incoming.values)["which"]
    if which == "full":
        raise Refusal("refusal.event-unknown")
    if which == "again":
        return Reply(form=STEP)
    return Reply(form=replace(FORM, context=which))


@dataclass
class Whole:
    slack: SlackHarness
    database: Database
    dispatcher: Dispatcher
    sink: InboxSink

    @property
    def screen(self) -> str:
        form = self.slack.simulator.form(USER)
        return self.slack.simulator.shown(form)[0] if form else ""

    async def rows(self, query: str) -> list[str]:
        async with self.database.read() as read:
            return [str(row.it) for row in await read.all(text(query))]

    async def sent(self) -> list[str]:
        return await self.rows("SELECT summary AS it FROM delivery ORDER BY id")

    async def stored(self) -> int:
        return len(await self.rows("SELECT id AS it FROM inbox"))


@pytest.fixture(params=["socket", "http"])
async def whole(
    files: Files, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Whole]:
    database = Database(await files.fresh(tmp_path, migrated=True))
    async with slack_harness(over_http=request.param == "http") as slack:
        routes, interactions = Routes([router]), Interactions()
        sink = InboxSink(database, slack.clock, interactions, routes)
        readers, adapters = Readers("en", "Asia/Shanghai"), {"slack": slack.adapter}
        outbox = Outbox(adapters, readers, Introductions(Settings().alliance, slack.clock))
        dispatcher = Dispatcher(
            database=database,
            clock=slack.clock,
            settings=Settings(),
            routes=routes,
            outbox=outbox,
            cards=RoomCards(adapters, outbox, readers, slack.clock),
            actors=Actors(
                database,
                slack.clock,
                readers,
                Recognition(database, adapters, frozenset(), slack.clock),
            ),
            interactions=interactions,
            process="test",
        )
        async with slack.adapter.running(sink):
            yield Whole(slack, database, dispatcher, sink)
    await database.close()


async def test_from_the_command_to_the_reply(whole: Whole) -> None:
    simulator = whole.slack.simulator
    simulator.command(USER, "register")
    await until(whole.slack, lambda: whole.screen == "One moment …")
    whole.slack.clock.advance(10)  # the trigger is long dead, the skeleton is not
    assert await whole.dispatcher.drain() == 1
    form = simulator.form(USER)
    assert form is not None
    assert form.native["callback_id"] == "register"
    simulator.submit(USER, {"name": "x"})
    await until(whole.slack, lambda: form.errors)
    assert form.errors == {"name": "A name has more than one letter."}
    assert await whole.stored() == 1, "what is wrong is not stored"
    simulator.submit(USER, {"name": "Ana"})
    await until(whole.slack, lambda: form.closed)
    assert await whole.dispatcher.drain() == 1
    (said,) = await whole.sent()
    assert said.startswith("Welcome, Ana (event:12).")


async def test_a_refusal_stands_where_the_person_looks(whole: Whole) -> None:
    whole.slack.simulator.command(USER, "register full")
    await until(whole.slack, lambda: whole.screen == "One moment …")
    await whole.dispatcher.drain()
    assert "One moment" not in whole.screen
    assert whole.screen
    assert await whole.sent() == [], "said once, in the form"


async def test_an_answer_in_the_chat_leaves_no_skeleton_behind(whole: Whole) -> None:
    whole.slack.simulator.command(USER, "register talk")
    await until(whole.slack, lambda: whole.screen == "One moment …")
    await whole.dispatcher.drain()
    assert whole.screen == "You will find the answer in our chat."
    (said,) = await whole.sent()
    assert said.startswith("Let us talk.")


async def test_where_slack_shows_no_form_its_fields_are_asked(whole: Whole) -> None:
    whole.slack.simulator.fault("error", 2, method="views.open", status=500)
    whole.slack.simulator.command(USER, "register")
    views = whole.slack.simulator.journal.requests
    await until(whole.slack, lambda: any(one.method == "views.open" for one in views))
    await whole.dispatcher.drain()
    (asked,) = await whole.sent()
    assert "Your name" in asked
    assert whole.screen == ""


async def test_another_process_without_the_interaction_asks_in_the_chat(whole: Whole) -> None:
    """The row is handled elsewhere: no trigger there, so the fields are asked one by one."""
    whole.slack.simulator.command(USER, "register")
    await until(whole.slack, lambda: whole.screen == "One moment …")
    elsewhere = whole.dispatcher
    elsewhere._interactions = Interactions()
    await elsewhere.drain()
    (asked,) = await whole.sent()
    assert "Your name" in asked
    await until(whole.slack, lambda: "our chat" in whole.screen, passing=1.0)


async def shows(whole: Whole, name: str) -> None:
    """Handle what came until the form ``name`` is on the screen."""

    def is_there() -> bool:
        form = whole.slack.simulator.form(USER)
        return form is not None and form.native.get("callback_id") == name

    handling = asyncio.create_task(whole.dispatcher.drain())
    await until(whole.slack, is_there, passing=0.2)
    await handling


async def first_step(whole: Whole) -> None:
    whole.slack.simulator.command(USER, "steps")
    await until(whole.slack, lambda: whole.screen == "One moment …")
    await shows(whole, "step")


async def test_one_form_follows_on_another_in_its_place(whole: Whole) -> None:
    simulator = whole.slack.simulator
    await first_step(whole)
    form = simulator.form(USER)
    assert form is not None
    simulator.submit(USER, {"which": "tour"})
    await until(whole.slack, lambda: whole.screen == "One moment …")
    assert not form.closed, "the acknowledgement keeps it open"
    whole.slack.clock.advance(10)  # a trigger would be long dead
    await shows(whole, "register")
    assert simulator.form(USER) is form
    simulator.submit(USER, {"name": "Ana"})
    await until(whole.slack, lambda: form.closed)
    await whole.dispatcher.drain()
    (said,) = await whole.sent()
    assert said.startswith("Welcome, Ana (tour).")


async def test_the_same_step_with_the_same_values_counts_twice(whole: Whole) -> None:
    """It was changed in between, so it is no repetition: else it said "one moment" for ever."""
    await first_step(whole)
    for _ in range(2):
        before = await whole.stored()
        whole.slack.simulator.submit(USER, {"which": "again"})
        await until(whole.slack, lambda: whole.screen == "One moment …")
        assert await whole.stored() == before + 1
        await shows(whole, "step")


async def test_a_step_that_is_refused_says_so_in_its_place(whole: Whole) -> None:
    await first_step(whole)
    whole.slack.simulator.submit(USER, {"which": "full"})
    await until(whole.slack, lambda: whole.screen == "One moment …")
    handling = asyncio.create_task(whole.dispatcher.drain())
    await until(whole.slack, lambda: "One moment" not in whole.screen, passing=0.2)
    await handling
    assert whole.screen
    assert await whole.sent() == []


async def test_a_step_that_its_person_has_closed_goes_on_in_the_chat(whole: Whole) -> None:
    await first_step(whole)
    whole.slack.simulator.submit(USER, {"which": "tour"})
    await until(whole.slack, lambda: whole.screen == "One moment …")
    whole.slack.simulator.close_form(USER)
    whole.slack.clock.advance(1)
    await whole.dispatcher.drain()
    (asked,) = await whole.sent()
    assert "Your name" in asked


async def test_a_step_that_another_process_handles_goes_on_in_the_chat(whole: Whole) -> None:
    await first_step(whole)
    whole.slack.simulator.submit(USER, {"which": "tour"})
    await until(whole.slack, lambda: whole.screen == "One moment …")
    whole.dispatcher._interactions = Interactions()
    await whole.dispatcher.drain()
    (asked,) = await whole.sent()
    assert "Your name" in asked
    await until(whole.slack, lambda: "our chat" in whole.screen, passing=1.0)
