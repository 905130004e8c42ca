"""Fields in the words, and templates: each reader reads their own, in their language."""

import pytest

from bot.domain.announcement import Body
from bot.domain.refusal import Refusal
from bot.i18n import languages
from bot.services import announcement_changes as changes
from bot.services import announcement_templates as templates
from bot.services import announcements
from tests.support.announcing import DRAFT, act, announce, ring, texts
from tests.support.desk import Desk
from tests.support.in_rooms import ROOM, let_in


async def test_everybody_is_called_by_their_own_name(desk: Desk) -> None:
    await let_in(desk)
    body = Body("en", "News for {organisation}", "Dear **{name}**, of {organisation}: {{name}}.")
    await announce(desk, bodies=(body,), audience="all or room:frontier-forum")
    await ring(desk)
    said = texts(desk, "300")[0]
    assert said.startswith("News for Chi Center")
    assert "Dear Chi, of Chi Center" in said
    assert said.endswith("{name}.")
    assert "Dear Anna, of Anna Center" in texts(desk, "100")[-1]
    assert "Dear colleagues, of your organisation" in texts(desk, ROOM)[-1]


async def test_a_name_is_never_markup_and_the_correction_knows_it(desk: Desk) -> None:
    number = await announce(desk, bodies=(Body("en", "T", "Hello {name}"),))
    await ring(desk)
    await act(desk, changes.correct, number, (Body("en", "T", "Bye {name}"),))
    await ring(desk)
    assert "Bye" in texts(desk, "300")[0]
    assert "{name}" not in texts(desk, "300")[0]


async def test_what_is_known_of_the_event(desk: Desk) -> None:
    words = "See **{event}** on {event_date}, {event_place}."
    await announce(desk, bodies=(Body("en", "T", words), Body("zh", "T", words)), rsvp_event="talk")
    await ring(desk)
    assert "See Open Day on" in texts(desk, "300")[0]
    assert "Main Auditorium, Geneva, Switzerland" in texts(desk, "300")[0]


@pytest.mark.parametrize(
    ("words", "event", "key"),
    [
        ("{nam}", "", "refusal.field-unknown"),
        ("{event}", "", "refusal.field-event"),
        ("{name}" + "x" * 2600, "", "refusal.field-long"),
    ],
)
async def test_fields_that_cannot_be_filled_are_refused(
    desk: Desk, words: str, event: str, key: str
) -> None:
    with pytest.raises(Refusal) as refused:
        await announce(desk, bodies=(Body("en", "T", words),), rsvp_event=event)
    assert refused.value.key == key


@pytest.mark.parametrize("name", templates.TEMPLATES)
async def test_a_template_in_every_language(desk: Desk, name: str) -> None:
    event = "talk" if templates.TEMPLATES[name].about_event else ""
    async with desk.database.read() as read:
        draft = await templates.draft(
            read, name, event, language="zh", zone="Asia/Shanghai", now=desk.clock.now()
        )
    assert [body.language for body in draft.bodies] == [
        "zh",
        *(one for one in languages() if one != "zh"),
    ]
    for body in draft.bodies:
        assert "{event" not in body.title + body.text, "written out, so that staff can change it"
        assert "Open Day" in body.title or not event
    made = await act(desk, announcements.create, draft)
    await act(desk, announcements.approve, made.id)
    await ring(desk)
    assert "{" not in texts(desk, "200")[0]
    assert "尊敬的" in texts(desk, "200")[0]
    assert "Dear" in texts(desk, "300")[0]


async def test_a_template_that_cannot_be(desk: Desk) -> None:
    for name, event, key in (
        ("poem", "", "refusal.template-unknown"),
        ("thanks", "", "refusal.template-event"),
        ("thanks", "ball", "refusal.event-not-among"),
    ):
        async with desk.database.read() as read:
            with pytest.raises(Refusal) as refused:
                await templates.draft(
                    read, name, event, language="en", zone=DRAFT.zone, now=desk.clock.now()
                )
        assert refused.value.key == key
