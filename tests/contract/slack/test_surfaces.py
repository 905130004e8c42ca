"""Slash commands, forms, the page, channels: in both modes, as a person meets them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.adapters.abilities import OpensForm, ShowsHome
from bot.adapters.conformance import Collector, until
from bot.adapters.slack.forms import form_view
from bot.adapters.slack.interaction import SKELETON_SECONDS
from bot.domain.address import Address, MessageRef
from bot.domain.form import Choice, Field, FieldKind, Form
from bot.domain.incoming import Commanded, Incoming, Joined, Left, Opened, Pressed, Said, Submitted
from bot.domain.message import Bold, Button, Message, line
from bot.domain.outcome import Delivered, Later, Never, Reason, Scope
from bot.domain.profile import Profile
from bot.domain.reader import Reader
from bot.simulators.base import SimulatedPerson
from tests.contract.slack.conftest import USER, SlackHarness, slack_harness

READER = Reader("en", "Europe/Berlin")
SKELETON = Form("opening", "One moment …", "Send", "en")
MANY = tuple(Choice(str(number), f"Organisation {number:03}") for number in range(250))
FORM = Form(
    "register",
    "Registration for the Frontier Forum",
    "Send",
    "zh",
    (
        Field("name", "Your name", initial="Ana <3", longest=40),
        Field("note", "Anything else?", FieldKind.LINES, required=False, hint="allergies …"),
        Field("diet", "Food", FieldKind.CHOICE, choices=(Choice("v", "Vegan"), Choice("a", "All"))),
        Field(
            "days",
            "Days",
            FieldKind.CHOICES,
            initial="mo,tu",
            choices=(Choice("mo", "Monday"), Choice("tu", "Tuesday"), Choice("we", "Wednesday")),
        ),
        Field("organisation", "Where from?", FieldKind.CHOICE, choices=MANY, required=False),
    ),
    context="event:12",
)


@pytest.fixture(params=["socket", "http"])
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[SlackHarness]:
    async with slack_harness(over_http=request.param == "http") as made:
        yield made


async def one(harness: SlackHarness, act: Any, count: int = 1) -> tuple[list[Incoming], Collector]:
    """Return what comes in of what ``act`` does."""
    sink = Collector()
    async with harness.adapter.running(sink):
        act(harness.simulator)
        await until(harness, lambda: len(sink.stored) >= count)
    return sink.stored, sink


COMMANDS = {
    "": ("help", ""),
    "  ": ("help", ""),
    "events": ("events", ""),
    "/Events now": ("events", "now"),
    "活动": ("events", ""),
    "ask what <b> costs & why": ("ask", "what <b> costs & why"),
}


@pytest.mark.parametrize("typed", COMMANDS)
async def test_a_slash_command_is_its_persons_own(harness: SlackHarness, typed: str) -> None:
    """Given in a channel, it is answered in the direct chat: nobody else saw it."""
    harness.simulator.add_channel("C0GENERAL", "general", [USER])
    (found,), _ = await one(harness, lambda it: it.command(USER, typed, chat="C0GENERAL"))
    assert isinstance(found, Commanded)
    assert (found.command, found.argument) == COMMANDS[typed]
    assert found.where == Address("slack", "T0CONVOKE", USER)
    assert found.is_direct
    assert harness.simulator.journal.messages("C0GENERAL") == []


async def test_two_commands_are_two_and_a_redelivered_one_is_one(harness: SlackHarness) -> None:
    def act(it: Any) -> None:
        it.command(USER, "events")
        it.command(USER, "events")
        it.redeliver()

    stored, _ = await one(harness, act, 3)
    assert len({each.delivery_id for each in stored}) == 2


async def test_a_form_is_opened_replaced_sent_and_read(harness: SlackHarness) -> None:
    simulator, sink = harness.simulator, Collector()
    async with harness.adapter.running(sink):
        simulator.command(USER, "register")
        await until(harness, lambda: sink.interactions)
        interaction = sink.interactions[0]
        assert isinstance(interaction, OpensForm)
        assert interaction.can_open
        assert not interaction.open, "a notice has no place yet"
        assert await interaction.open_form(SKELETON)
        screen = simulator.form(USER)
        assert screen is not None
        assert simulator.shown(screen)[0] == "One moment …"
        harness.clock.advance(60)
        assert interaction.can_open, "what is shown can be changed long after the trigger died"
        assert await interaction.update_form(FORM)
        assert not interaction.open
        simulator.submit(USER, {"note": "nuts,\n<milk>", "diet": "v", "organisation": "249"})
        await until(harness, lambda: screen.closed)
    submitted = sink.stored[-1]
    assert isinstance(submitted, Submitted)
    assert dict(submitted.values) == {
        "name": "Ana <3",
        "note": "nuts,\n<milk>",
        "diet": "v",
        "days": "mo,tu",
        "organisation": "249",
    }
    assert (submitted.form, submitted.context, submitted.locale) == ("register", "event:12", "zh")
    assert (submitted.where.chat, submitted.is_direct) == (USER, True)


async def test_what_is_wrong_is_shown_and_nothing_is_stored(harness: SlackHarness) -> None:
    simulator, sink = harness.simulator, Collector()
    async with harness.adapter.running(sink):
        simulator.command(USER, "register")
        await until(harness, lambda: sink.interactions)
        assert await sink.interactions[0].open_form(FORM)  # type: ignore[union-attr]  # it was looked at before this line
        screen = simulator.form(USER)
        assert screen is not None
        simulator.submit(USER, {"name": "wrong", "diet": "a"})
        await until(harness, lambda: screen.errors)
        assert screen.errors == {"name": "say something else"}
        assert not screen.closed
        assert len(sink.stored) == 1
        simulator.submit(USER, {"name": "Ana", "diet": "a"})
        await until(harness, lambda: screen.closed)
    assert len(sink.stored) == 2


async def test_a_trigger_that_died(harness: SlackHarness) -> None:
    _, sink = await one(harness, lambda it: it.command(USER, "register"))
    interaction = sink.interactions[0]
    assert isinstance(interaction, OpensForm)
    harness.clock.advance(3)
    asked = len(harness.simulator.journal.requests)
    assert not interaction.can_open
    assert not await interaction.open_form(FORM)
    assert not await interaction.update_form(FORM)
    assert len(harness.simulator.journal.requests) == asked, "Slack is not asked in vain"


async def test_a_form_that_slack_does_not_take(harness: SlackHarness) -> None:
    """Whatever went wrong, the caller learns that nothing is shown, and asks in the chat."""
    _, sink = await one(harness, lambda it: it.command(USER, "register"))
    interaction = sink.interactions[0]
    assert isinstance(interaction, OpensForm)
    harness.simulator.refuse("internal_error", "views.open")
    assert not await interaction.open_form(SKELETON)
    assert not interaction.can_open
    assert not await interaction.update_form(FORM)


async def test_a_worker_quicker_than_slack(harness: SlackHarness) -> None:
    """The form waits for its skeleton, so the later one never shows the earlier."""
    _, sink = await one(harness, lambda it: it.command(USER, "register"))
    interaction = sink.interactions[0]
    assert isinstance(interaction, OpensForm)
    both = await asyncio.gather(interaction.open_form(SKELETON), interaction.update_form(FORM))
    assert all(both)
    screen = harness.simulator.form(USER)
    assert screen is not None
    assert screen.native["callback_id"] == "register"


@pytest.mark.parametrize(
    ("notice", "shown"),
    [
        ("All seats are taken.", "All seats are taken."),
        ("", "You will find the answer in our chat."),
    ],
)
async def test_a_refusal_takes_the_place_of_the_skeleton(
    harness: SlackHarness, notice: str, shown: str
) -> None:
    _, sink = await one(harness, lambda it: it.command(USER, "register"))
    interaction = sink.interactions[0]
    assert isinstance(interaction, OpensForm)
    assert await interaction.open_form(SKELETON)
    assert interaction.open
    assert await interaction.answer(notice)
    assert not interaction.open
    assert not await interaction.answer("again")
    screen = harness.simulator.form(USER)
    assert screen is not None
    assert harness.simulator.shown(screen)[0] == shown
    assert "submit" not in screen.native


async def test_a_skeleton_that_nobody_replaces(harness: SlackHarness) -> None:
    """Another process has the update, or its worker died: the person is not left waiting."""
    _, sink = await one(harness, lambda it: it.command(USER, "register"))
    interaction = sink.interactions[0]
    assert isinstance(interaction, OpensForm)
    assert await interaction.open_form(SKELETON)
    screen = harness.simulator.form(USER)
    assert screen is not None
    await until(harness, lambda: SKELETON_SECONDS in harness.clock.slept)
    harness.clock.advance(SKELETON_SECONDS)
    await until(harness, lambda: "our chat" in harness.simulator.shown(screen)[0])
    assert not interaction.open


async def test_a_form_in_its_place_is_left_alone(harness: SlackHarness) -> None:
    _, sink = await one(harness, lambda it: it.command(USER, "register"))
    interaction = sink.interactions[0]
    assert isinstance(interaction, OpensForm)
    assert await interaction.open_form(SKELETON)
    await until(harness, lambda: SKELETON_SECONDS in harness.clock.slept)
    assert await interaction.update_form(FORM)
    harness.clock.advance(SKELETON_SECONDS)
    await asyncio.sleep(0.02)
    screen = harness.simulator.form(USER)
    assert screen is not None
    assert screen.native["callback_id"] == "register"


async def test_a_form_closed_meanwhile(harness: SlackHarness) -> None:
    _, sink = await one(harness, lambda it: it.command(USER, "register"))
    interaction = sink.interactions[0]
    assert isinstance(interaction, OpensForm)
    assert await interaction.open_form(SKELETON)
    harness.simulator.close_form(USER)
    assert not await interaction.update_form(FORM)
    assert not interaction.can_open


def test_menus_of_any_size() -> None:
    """Slack takes 100 options in a menu, and 10 boxes: more are grouped, none is left out."""
    for count, kind in ((10, "checkboxes"), (11, "multi_static_select"), (250, "static_select")):
        choices = MANY[:count]
        field = Field(
            "f", "?", FieldKind.CHOICE if count > 100 else FieldKind.CHOICES, choices=choices
        )
        (block,) = form_view(Form("f", "F", "S", "en", (field,)))["blocks"]
        element = block["element"]
        groups = [group["options"] for group in element.get("option_groups", ())]
        options = [*element.get("options", ()), *(each for group in groups for each in group)]
        assert element["type"] == kind
        assert [each["value"] for each in options] == [each.value for each in choices]
        assert all(len(group) <= 100 for group in groups)


PAGE = Message(
    (line(Bold("Frontier Forum")), line("You have not answered yet.")),
    ((Button("Going", "rsvp", "12:going"), Button("No", "rsvp", "12:declined")),),
)


async def test_the_page_is_shown_and_pressed_and_made_anew(harness: SlackHarness) -> None:
    adapter, simulator, sink = harness.adapter, harness.simulator, Collector()
    assert isinstance(adapter, ShowsHome)
    me = Address("slack", "T0CONVOKE", USER)
    async with adapter.running(sink):
        simulator.open_home(USER)
        await until(harness, lambda: sink.stored)
        opened = sink.stored[0]
        assert isinstance(opened, Opened)
        assert (opened.where, opened.is_direct) == (me, True)
        assert await adapter.show_home(me, adapter.render_home(PAGE, READER)) == Delivered(None)
        screen = simulator.home(USER)
        assert screen is not None
        text, buttons = simulator.shown(screen)
        assert text == "Frontier Forum\nYou have not answered yet."
        simulator.press(USER, screen.id, buttons[0].data)
        await until(harness, lambda: len(sink.stored) == 3)
    pressed, refresh = sink.stored[1:]
    assert isinstance(pressed, Pressed)
    assert (pressed.action, pressed.value) == ("rsvp", "12:going")
    assert pressed.ref == MessageRef(me, screen.id)
    assert isinstance(refresh, Opened), "after the answer the page shows it"
    assert refresh.where == me
    asked = len(simulator.journal.requests)
    (part,) = adapter.render(PAGE, READER)
    assert await adapter.edit(pressed.ref, part) == Delivered(pressed.ref)
    assert len(simulator.journal.requests) == asked, "a page is no message: nothing is changed"


async def test_the_tab_of_the_messages_is_not_the_page(harness: SlackHarness) -> None:
    def act(it: Any) -> None:
        it.open_home(USER, tab="messages")
        it.say(USER, "hello")

    (found,), _ = await one(harness, act)
    assert isinstance(found, Said)
    assert await harness.adapter.is_open(found.where)


async def test_a_page_too_long_keeps_its_words(harness: SlackHarness) -> None:
    rows = tuple((Button(f"b{number}", "x", str(number)),) for number in range(120))
    part = harness.adapter.render_home(Message(PAGE.lines, rows), READER)
    me = Address("slack", "T0CONVOKE", USER)
    assert await harness.adapter.show_home(me, part) == Delivered(None)
    assert len(part.payload["blocks"]) == 100


async def test_a_page_for_nobody_and_too_often(harness: SlackHarness) -> None:
    adapter = harness.adapter
    part = adapter.render_home(PAGE, READER)
    nobody = Address("slack", "T0CONVOKE", "U0NOBODY")
    assert await adapter.show_home(nobody, part) == Never(Reason.NOT_FOUND, "user_not_found")
    me = Address("slack", "T0CONVOKE", USER)
    harness.simulator.fault("error", method="views.publish", status=429, retry_after=7)
    assert await adapter.show_home(me, part) == Later(7.0, Scope.CHAT, "ratelimited")
    asked = len(harness.simulator.journal.requests)
    assert await adapter.show_home(me, part) == Later(7.0, Scope.CHAT, "ratelimited")
    assert len(harness.simulator.journal.requests) == asked, "the method rests"
    harness.clock.advance(7)
    assert await adapter.show_home(me, part) == Delivered(None)


async def test_channels_come_and_go(harness: SlackHarness) -> None:
    simulator = harness.simulator
    room = simulator.create_room("bridge-works", [USER])
    simulator.add_person(SimulatedPerson("U0BO", "Bo"))

    def act(it: Any) -> None:
        it.say(USER, "<@bot> not there yet", chat=room)
        it.add_bot(room, USER)
        it.join(room, "U0BO")
        it.say("U0BO", "chatter", chat=room)
        it.say_in(room, "U0BO", "when does it begin?")
        it.leave(room, "U0BO")
        it.archive(room)
        it.archive(room, archived=False)
        it.remove_bot(room, USER)

    stored, _ = await one(harness, act, 7)
    kinds = [type(each) for each in stored]
    assert kinds == [Joined, Joined, Said, Left, Left, Joined, Left]
    came, bo, said, gone, shut, back, removed = stored
    assert isinstance(came, Joined)
    assert (came.is_bot, came.who.user) == (True, USER), "who let it in"
    assert isinstance(bo, Joined)
    assert (bo.is_bot, bo.who.user) == (False, "U0BO")
    assert isinstance(said, Said)
    assert said.where.thread, "answered in a thread below it"
    assert isinstance(gone, Left)
    assert not gone.is_bot
    assert all(isinstance(each, Left) and each.is_bot for each in (shut, removed))
    assert isinstance(back, Joined)
    assert back.is_bot
    assert {each.where.chat for each in stored} == {room}
    assert {each.room for each in stored} == {"bridge-works"}
    asked = [each.method for each in simulator.journal.requests].count("conversations.info")
    assert asked == 1, "asked once a channel"
    assert not any(each.is_direct for each in stored)


async def test_a_new_title_is_taken_from_its_event(harness: SlackHarness) -> None:
    sink = Collector()
    room = harness.simulator.create_room("bridge-works", [USER])
    async with harness.adapter.running(sink):
        harness.simulator.add_bot(room, USER)
        await until(harness, lambda: sink.stored)
        harness.simulator.rename(room, "old-bridge")
        harness.simulator.say_in(room, USER, "hello")
        await until(harness, lambda: len(sink.stored) == 2)
    assert [each.room for each in sink.stored] == ["bridge-works", "old-bridge"]


async def test_a_title_that_cannot_be_had(harness: SlackHarness) -> None:
    harness.simulator.add_channel("C0GENERAL", "general", [USER])
    harness.simulator.refuse("missing_scope", "conversations.info")
    sink = Collector()
    async with harness.adapter.running(sink):
        for number in range(3):
            harness.simulator.say_in("C0GENERAL", USER, "hello")
            await until(harness, lambda: len(sink.stored) == number + 1)  # noqa: B023 - it is called before the number changes
        asked = [each.method for each in harness.simulator.journal.requests]
        assert asked.count("conversations.info") == 1, "it is not asked for at each update"
        harness.clock.advance(300)
        harness.simulator.say_in("C0GENERAL", USER, "hello")
        await until(harness, lambda: len(sink.stored) == 4)
    assert [each.room for each in sink.stored] == ["", "", "", "general"]


async def test_a_thread_is_its_own_conversation(harness: SlackHarness) -> None:
    harness.simulator.add_channel("C0GENERAL", "general", [USER])
    (said,), _ = await one(harness, lambda it: it.say_in("C0GENERAL", USER, "and then?", "1.5"))
    assert said.where == Address("slack", "T0CONVOKE", "C0GENERAL", "1.5")


async def test_a_press_on_what_nobody_else_saw_or_what_is_long_gone(harness: SlackHarness) -> None:
    """Ephemeral messages and messages of an earlier life: pressed, answered, not changed."""
    await harness.adapter.open_direct(Address("slack", "T0CONVOKE", USER))
    (pressed,), _ = await one(harness, lambda it: it.press(USER, "1.000001", "rsvp:1:going"))
    assert isinstance(pressed, Pressed)
    (part,) = harness.adapter.render(PAGE, READER)
    assert await harness.adapter.edit(pressed.ref, part) == Never(
        Reason.NOT_FOUND, "message_not_found"
    )


PEOPLE = {
    "member": ({}, True),
    "guest": ({"guest": True}, False),
    "stranger": ({"stranger": True}, False),
}


@pytest.mark.parametrize("kind", PEOPLE)
async def test_who_somebody_is(harness: SlackHarness, kind: str) -> None:
    flags, is_member = PEOPLE[kind]
    simulator = harness.simulator
    simulator.add_person(SimulatedPerson("U0LI", "李娜", "zh-CN", "Asia/Shanghai", "Li@X.example"))
    simulator.set_kind("U0LI", **flags)
    profile = await harness.adapter.profile_of("U0LI")
    assert profile == Profile("U0LI", "li@x.example", "李娜", "zh-CN", "Asia/Shanghai", is_member)
    assert await harness.adapter.find_by_email("li@x.example") == profile
    simulator.block("U0LI")
    gone = await harness.adapter.profile_of("U0LI")
    assert isinstance(gone, Profile)
    assert not gone.is_member


async def test_nobody_and_not_now_are_told_apart(harness: SlackHarness) -> None:
    adapter, simulator = harness.adapter, harness.simulator
    assert await adapter.profile_of("U0NOBODY") is None
    assert await adapter.find_by_email("nobody@x.example") is None
    for fault in ({"status": 500}, {"code": "missing_scope", "status": 200}):
        simulator.fault("error", method="users.info", **fault)
        assert isinstance(await adapter.profile_of(USER), Later)
    simulator.fault("error", method="users.info", status=429, retry_after=9)
    assert await adapter.profile_of(USER) == Later(9.0, Scope.CHAT, "ratelimited")
    assert await adapter.profile_of(USER) == Later(9.0, Scope.CHAT, "ratelimited")
    harness.clock.advance(9)
    assert isinstance(await adapter.profile_of(USER), Profile)
