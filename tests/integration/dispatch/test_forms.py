"""Forms over dispatch: shown where the platform can, asked in the chat where it cannot."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.adapters.base import Interaction
from bot.domain.form import Choice, Field, FieldKind, Form
from bot.domain.incoming import Commanded, Pressed, Said, Submitted
from bot.domain.message import plain
from bot.domain.refusal import Refusal
from bot.i18n import Texts
from bot.inbox_sink import InboxSink
from bot.routing import Context, Reply, Router, Routes
from handlers import cancel, forms
from tests.support.desk import Desk, dispatcher_of

FORM = Form(
    "lunch",
    "Lunch",
    "Send",
    "en",
    (
        Field("what", "What would you like?", longest=20),
        Field(
            "seat",
            "Where?",
            FieldKind.CHOICE,
            choices=(Choice("in", "Inside"), Choice("out", "Outside")),
        ),
    ),
    context="friday",
)


def check(values: Mapping[str, str], texts: Texts) -> Mapping[str, str]:
    return {"what": f"No fish ({texts.language})."} if values.get("what") == "fish" else {}


def lunch_router(sent: list[Submitted]) -> Router:
    router = Router("lunch")

    @router.command("lunch", opens_form=True)
    async def ask(incoming: Commanded, ctx: Context) -> Reply:
        if incoming.argument == "never":
            raise Refusal("refusal.not-staff")
        return Reply(form=FORM)

    @router.press("lunch", opens_form=True, rooms=True)
    async def ask_too(incoming: Pressed, ctx: Context) -> Reply:
        return Reply(form=FORM)

    @router.submit("lunch", check)
    async def take(incoming: Submitted, ctx: Context) -> Reply:
        sent.append(incoming)
        return Reply((plain("noted: " + ", ".join(one for _, one in incoming.values)),))

    @router.on(Said)
    async def echo(incoming: Said, ctx: Context) -> Reply:
        return Reply((plain(f"you said {incoming.text}"),))

    return router


class Modal:
    """An interaction of a platform with forms; ``takes`` says whether it takes them."""

    def __init__(self, takes: bool = True) -> None:
        self.takes = takes
        self.shown: list[tuple[str, Form]] = []
        self.notices: list[str] = []

    @property
    def open(self) -> bool:
        return bool(self.shown)

    @property
    def can_open(self) -> bool:
        return True

    async def answer(self, notice: str) -> bool:
        self.notices.append(notice)
        return self.open

    async def open_form(self, form: Form) -> bool:
        self.shown.append(("open", form))
        return self.takes

    async def update_form(self, form: Form) -> bool:
        self.shown.append(("update", form))
        return self.takes


class Lunch:
    """A desk that serves lunch."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.sent: list[Submitted] = []
        self.routers = (lunch_router(self.sent), cancel.router, forms.router)
        self.sink = InboxSink(desk.database, desk.clock, desk.interactions, Routes(self.routers))

    async def receive(self, interaction: Interaction | None = None, **changes: Any) -> None:
        updates = self.desk.adapter.platform.updates
        while updates:
            incoming, own = updates.popleft()
            await self.sink(replace(incoming, **changes), interaction or own)

    async def answer(self, interaction: Interaction | None = None, **changes: Any) -> list[str]:
        before = len(self.desk.seen("100"))
        await self.receive(interaction, **changes)
        await dispatcher_of(self.desk, *self.routers).drain()
        await self.desk.deliver()
        return self.desk.seen("100")[before:]

    async def say(
        self, text: str, interaction: Interaction | None = None, **changes: Any
    ) -> list[str]:
        self.desk.adapter.platform.say("100", text)
        return await self.answer(interaction, **changes)

    async def press(self, data: str, interaction: Interaction | None = None) -> list[str]:
        self.desk.adapter.platform.press("100", "m1", data)
        return await self.answer(interaction)


@pytest.fixture
def lunch(desk: Desk) -> Lunch:
    return Lunch(desk)


async def test_without_forms_the_fields_are_asked_and_the_form_is_sent(lunch: Lunch) -> None:
    (asked,) = await lunch.say("/lunch")
    assert asked.startswith("Lunch\n\nWhat would you like? (1 of 2)")
    (again,) = await lunch.say("fish")
    assert again.startswith("No fish (en).\n\nWhat would you like?")
    (where,) = await lunch.say("soup")
    assert where == "Where? (2 of 2)"
    assert await lunch.press("field:1:cout") == ["noted: soup, out"]
    (sent,) = lunch.sent
    assert (sent.form, sent.context, sent.locale) == ("lunch", "friday", "en")
    assert await lunch.say("hello") == ["you said hello"], "the dialog is over"


async def test_a_question_in_between_is_answered_and_the_field_asked_again(lunch: Lunch) -> None:
    await lunch.say("/lunch")
    answered, asked = await lunch.say("Is there soup?")
    assert answered == "you said Is there soup?"
    assert "What would you like?" in asked
    await lunch.say("soup")
    await lunch.say("inside")
    assert dict(lunch.sent[0].values) == {"what": "soup", "seat": "in"}


async def test_cancel_ends_it_and_its_buttons_say_so(lunch: Lunch) -> None:
    await lunch.say("/lunch")
    await lunch.say("soup")
    await lunch.say("/cancel")
    await lunch.press("field:1:cout")
    assert "answered already" in lunch.desk.notices("100")[-1]
    assert lunch.sent == []


async def test_a_form_is_shown_where_the_platform_has_them(lunch: Lunch) -> None:
    modal = Modal()
    assert await lunch.press("lunch:", modal) == []
    assert [(how, form.name) for how, form in modal.shown] == [
        ("open", "opening"),
        ("update", "lunch"),
    ]
    assert modal.shown[1][1] == FORM
    assert await lunch.say("hello") == ["you said hello"], "nothing is asked in the chat"


async def test_the_skeleton_comes_before_its_turn_in_the_conversation(lunch: Lunch) -> None:
    modal = Modal()
    lunch.desk.adapter.platform.say("100", "first")
    lunch.desk.adapter.platform.press("100", "m1", "lunch:")
    await lunch.receive(modal)
    await asyncio.sleep(0)
    assert [form.name for _, form in modal.shown] == ["opening"], "nobody has handled anything yet"


async def test_where_the_form_does_not_come_through_its_fields_are_asked(lunch: Lunch) -> None:
    (asked,) = await lunch.press("lunch:", Modal(takes=False))
    assert "What would you like?" in asked
    await lunch.say("soup")
    assert await lunch.press("field:1:cin") == ["noted: soup, in"]


async def test_a_refusal_replaces_the_skeleton(lunch: Lunch) -> None:
    modal = Modal()
    assert await lunch.say("/lunch never", modal) == []
    assert len(modal.notices) == 1
    assert modal.notices[0]


async def test_in_a_room_nothing_is_asked(lunch: Lunch) -> None:
    lunch.desk.adapter.platform.press("100", "m1", "lunch:")
    (said,) = await lunch.answer(is_direct=False)
    assert "directly" in said


async def test_the_sink_checks_a_form_in_its_language(lunch: Lunch) -> None:
    common: dict[str, Any] = {"delivery_id": "1", "at": lunch.desk.clock.now(), "is_direct": True}
    lunch.desk.adapter.platform.say("100", "x")
    incoming, _ = lunch.desk.adapter.platform.updates[0]
    sent = Submitted(
        **common, where=incoming.where, who=incoming.who, locale="zh-CN",
        form="lunch", values=(("what", "fish"),),
    )  # fmt: skip
    assert lunch.sink.check(sent) == {"what": "No fish (zh)."}
    assert lunch.sink.check(replace(sent, form="unheard of")) == {}
