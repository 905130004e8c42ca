"""A template in the chat: chosen, filled in, changed, and in every language nevertheless."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete

from bot.domain.announcement import Announcement
from bot.domain.event import Conference
from bot.domain.incoming import Submitted
from bot.domain.people import CLI, StaffRole
from bot.domain.preferences import Topic
from bot.i18n import languages
from bot.services import announcements, conferences, people
from bot.services.announcement_templates import TEMPLATES
from bot.storage import tables
from bot.views import announcement_forms as forms
from tests.support.announcing import act, get, later, ring, texts
from tests.support.desk import Desk
from tests.support.writing import begin, choose, labels, pick
from tests.unit.views.samples import DAY, FORUM, NOW, TALK

t: Any = tables
ABOUT_EVENTS = [one.name for one in TEMPLATES.values() if one.about_event]


async def about(desk: Desk, template: str, event: str = "talk", user: str = "100") -> list[str]:
    """Choose a template and its event; return what was asked then."""
    await begin(desk, template, user)
    return await pick(desk, f":ce{desk.events[event]}", user)


async def newest(desk: Desk) -> Announcement:
    async with desk.database.read() as read:
        return (await announcements.everything(read))[0]


async def test_an_invitation_with_three_presses(desk: Desk) -> None:
    (asked,) = await desk.say("100", "/announce")
    assert "Which template shall it begin with?" in asked
    assert labels(desk)[0] == "No template"
    (asked,) = await pick(desk, ":cinvitation")
    assert "Which event is it about?" in asked
    assert any(one.startswith("Open Day · ") for one in labels(desk)), "with its day"
    (asked,) = await pick(desk, f":ce{desk.events['talk']}")
    assert "The title (1 of 9)" in asked
    assert labels(desk) == ["Keep: Invitation: Open Day", "Keep all the rest"]
    (card,) = await pick(desk, ":r")
    assert "Draft: nothing is sent yet" in card
    for language in ("English", "中文", "Français", "Deutsch"):
        assert language in card
    made = await newest(desk)
    assert [body.language for body in made.bodies] == ["en", "de", "fr", "zh"]
    assert (made.rsvp_event, made.topic) == ("talk", Topic.INVITATIONS.value)
    assert (made.audience, made.acknowledge) == ("all", False)
    assert made.late_until is not None
    assert made.late_until > desk.clock.now()
    await choose(desk, "approve")
    await ring(desk)
    assert "邀请" in texts(desk, "200")[-1]
    assert "✅ 参加" in labels(desk, "200")
    assert "Dear Chi" in texts(desk, "300")[-1]


@pytest.mark.parametrize("name", ABOUT_EVENTS)
async def test_each_template_has_its_own_defaults(desk: Desk, name: str) -> None:
    await about(desk, name)
    await pick(desk, ":r")
    made, template = await newest(desk), TEMPLATES[name]
    assert made.acknowledge is template.acknowledge
    assert bool(made.rsvp_event) is template.buttons
    assert (made.late_until is not None) is template.latecomers
    assert {body.language for body in made.bodies} == set(languages())
    assert all("Open Day" in body.title for body in made.bodies)


async def test_a_greeting_is_about_no_event(desk: Desk) -> None:
    (asked,) = await begin(desk, "greeting")
    assert "(1 of 8)" in asked, "no event, so no answer buttons to ask for"
    await desk.say("100", "Happy New Year")
    said = texts(desk, "100")[-1]
    assert "health, joy and good science" in said, "what is to be kept is read, not guessed"
    await pick(desk, ":k")
    card, hint = await pick(desk, ":r")
    assert card.startswith("Happy New Year")
    assert "Deutsch, Français, 中文" in hint
    assert "Change words" in hint


async def test_everything_can_be_changed(desk: Desk) -> None:
    await about(desk, "change")
    for words in ("Other room", "It is **downstairs** now.", "country:CH", "2020-01-15 10:30"):
        await desk.say("100", words)
    await pick(desk, ":creader")
    await pick(desk, ":cno")
    await desk.say("100", "2020-03-01")
    await pick(desk, ":cyes")
    await pick(desk, ":s")
    made = await newest(desk)
    assert (made.title, made.audience) == ("Other room", "country:CH")
    assert f"{made.due_local:%Y-%m-%d %H:%M}" == "2020-01-15 10:30"
    assert made.timing.value == "reader"
    assert not made.acknowledge
    assert made.late_until is not None
    assert f"{made.late_until:%Y-%m-%d %H:%M}" == "2020-03-01 16:00", "the whole day in Shanghai"
    assert made.rsvp_event == "talk"
    assert made.bodies[0].text == "It is **downstairs** now."
    assert "Open Day" in made.bodies[1].title


async def test_in_the_language_of_whoever_writes(desk: Desk) -> None:
    now = desk.clock.now()
    await desk.database.write(
        lambda write: people.grant_staff(
            write, email="bo@example.org", role=StaffRole.EDITOR, actor=CLI, now=now
        )
    )
    (asked,) = await about(desk, "thanks", user="200")
    assert "标题" in asked
    assert "其余全部保留" in labels(desk, "200")
    await pick(desk, ":r", "200")
    made = await newest(desk)
    assert [body.language for body in made.bodies] == ["zh", "de", "en", "fr"]
    assert made.title == made.bodies[0].title


async def test_words_of_a_draft_are_changed_in_each_language(desk: Desk) -> None:
    await about(desk, "postponement")
    await pick(desk, ":r")
    number = (await newest(desk)).id
    card = await choose(desk, "words")
    assert "In which language" in card.text
    await choose(desk, "words-fr")
    assert labels(desk) == ["Keep: Reporté : Open Day"]
    await desk.say("100", "Reporté d'une semaine")
    await desk.say("100", "Bonjour {name}, à bientôt.")
    made = await get(desk, number)
    assert (made.body("fr").title, made.body("fr").text) == (
        "Reporté d'une semaine",
        "Bonjour {name}, à bientôt.",
    )
    assert made.title == made.body("en").title != "Reporté d'une semaine"
    await choose(desk, "words")
    await choose(desk, "words-en")
    await desk.say("100", "In a week")
    await pick(desk, ":k")
    assert (await get(desk, number)).title == "In a week"
    await choose(desk, "approve")
    await ring(desk)
    assert texts(desk, "300")[-1].startswith("In a week")
    await desk.press("100", f"announcement:{number}:words-en", "m0")
    assert any("sent" in one or "sending" in one for one in desk.notices("100")[-1:])


async def test_words_that_cannot_be_are_refused_and_nothing_changes(desk: Desk) -> None:
    await about(desk, "thanks")
    await pick(desk, ":r")
    made = await newest(desk)
    await choose(desk, "words")
    await choose(desk, "words-de")
    await desk.say("100", "Danke")
    (said,) = await desk.say("100", "Hallo {nam}")
    assert "{nam}" in said
    assert (await get(desk, made.id)).bodies == made.bodies


async def test_thanks_are_said_for_what_is_over(desk: Desk) -> None:
    over = replace(DAY, slug="gala", source="alliance/events.yaml#gala", titles={"": "Gala"})
    alliance = Conference("alliance", (FORUM, TALK, DAY, over))
    await desk.database.write(
        lambda write: conferences.save(write, alliance, complete=True, actor=CLI, now=NOW)
    )
    later(desk, days=3650)
    await begin(desk, "thanks")
    assert any("Gala" in one for one in labels(desk))
    await begin(desk, "invitation")
    assert labels(desk)
    assert not any("Gala" in one for one in labels(desk))


async def test_without_any_event_a_template_says_so(desk: Desk) -> None:
    await desk.database.write(lambda write: write.count(delete(t.EventSeats)))
    await desk.database.write(lambda write: write.count(delete(t.Event)))
    await begin(desk, "invitation")
    said = texts(desk, "100") + desk.notices("100")
    assert any("no event that this could be about" in one for one in said)


@pytest.mark.parametrize("late", ["tomorrow", "2020-13-01", "9999-01-01", "2020-01-01T00:00Z"])
async def test_an_end_for_latecomers_that_is_none(desk: Desk, late: str) -> None:
    await begin(desk)
    for words in ("T", "words", "all", "now"):
        await desk.say("100", words)
    await pick(desk, ":k")
    await pick(desk, ":k")
    (said,) = await desk.say("100", late)
    assert "Write “no”" in said


@pytest.mark.parametrize("late", ["no", "No", "否", "nein", "non", "-"])
async def test_no_in_any_language(desk: Desk, late: str) -> None:
    await begin(desk)
    for words in ("T", "words", "all", "now"):
        await desk.say("100", words)
    await pick(desk, ":k")
    await pick(desk, ":k")
    await desk.say("100", late)
    await pick(desk, ":s")
    assert (await newest(desk)).late_until is None


async def test_an_end_before_the_beginning_is_asked_again_with_everything_kept(desk: Desk) -> None:
    await about(desk, "invitation")
    for words in ("T", "words", "all", "2020-02-01 09:00"):
        await desk.say("100", words)
    await pick(desk, ":k")
    await pick(desk, ":k")
    await desk.say("100", "2020-01-20")
    await pick(desk, ":k")
    said = await pick(desk, ":s")
    assert "latecomers" in said[0]
    assert labels(desk) == ["Keep: T", "Keep all the rest"]
    for words in ("T", "words", "all", "2020-02-01 09:00"):
        await desk.say("100", words)
    await pick(desk, ":k")
    await pick(desk, ":k")
    await desk.say("100", "2020-02-20")
    await pick(desk, ":k")
    await pick(desk, ":s")
    made = await newest(desk)
    assert made.rsvp_event == "talk"
    assert len(made.bodies) == 4, "the template is not forgotten"


async def test_forged_forms_of_members_and_of_staff(desk: Desk) -> None:
    whole = {"title": "T", "text": "w", "audience": "all", "when": "now", "late": "no"}
    for user in ("300", "100"):
        for form, values, context in (
            (forms.TEMPLATE_FORM, {"template": "poem"}, ""),
            (forms.TEMPLATE_FORM, {}, ""),
            (forms.EVENT_FORM, {"event": "e99"}, "thanks"),
            (forms.EVENT_FORM, {"event": "e1"}, "poem"),
            (forms.EVENT_FORM, {}, ""),
            (forms.FORM, whole, "poem:"),
            (forms.FORM, whole, "thanks:99"),
            (forms.FORM, whole, "thanks:"),
            (forms.WORDS_FORM, {"title": "T", "text": "w"}, "1:en"),
            (forms.WORDS_FORM, {"title": "T", "text": "w"}, "x"),
        ):
            await submit(desk, user, form, values, context)
    said = texts(desk, "300")
    assert len(said) == 10
    assert all("staff" in one or "secretariat" in one for one in said)
    assert not any("sorry" in one.casefold() for one in texts(desk, "100"))
    async with desk.database.read() as read:
        assert await announcements.everything(read) == ()


async def submit(desk: Desk, user: str, form: str, values: dict[str, str], context: str) -> None:
    """Send a form as a platform that has forms would."""
    common = desk.adapter.platform._common(user, user)
    given = tuple(values.items())
    await desk.sink(Submitted(**common, form=form, values=given, context=context))
    await desk.answer()


async def test_only_a_draft_is_changed(desk: Desk) -> None:
    await about(desk, "thanks")
    await pick(desk, ":r")
    made = await newest(desk)
    await act(desk, announcements.approve, made.id)
    for value in (f"{made.id}:words", f"{made.id}:words-en", f"{made.id}:words-xx"):
        await desk.press("100", f"announcement:{value}", "m0")
    await submit(desk, "100", forms.WORDS_FORM, {"title": "T", "text": "w"}, f"{made.id}:en")
    assert (await get(desk, made.id)).bodies == made.bodies
