"""Announcements through the real service, on both messengers: confirmed, stopped, corrected,
recalled, and killed in the middle of each."""

import asyncio
import random
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import World, tell, until, world

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(400)]

PEOPLE, SLACK = 60, 5
SEED = 11


def standing(here: World, user: str) -> list[str]:
    """Return the copies of the announcement that stand in the chat."""
    shown = (one.text for one in here.from_bot(user) if not one.deleted)
    return [one for one in shown if one.startswith("Greeting")]


def has_confirmed(here: World, user: str) -> bool:
    return "You have confirmed" in standing(here, user)[0]


async def restarted(here: World, chance: random.Random) -> None:
    """Kill the service at a random moment and start it again."""
    await asyncio.sleep(chance.uniform(0.3, 2.0))
    await here.runs[-1].killed()
    await here.start()


async def changed(here: World, number: int) -> dict[str, object]:
    """Wait until the newest change is done, and return it."""

    async def is_done() -> bool:
        return not (await here.report(number))["changes"][-1]["open"]

    for _ in range(240):
        if await is_done():
            found: dict[str, object] = (await here.report(number))["changes"][-1]
            return found
        await asyncio.sleep(0.5)
    raise AssertionError(await here.report(number))


async def test_corrected_and_recalled_under_kills(tmp_path: Path) -> None:
    await correct_and_recall(tmp_path)


@pytest.mark.postgres
async def test_corrected_and_recalled_under_kills_on_postgresql(
    tmp_path: Path, postgres_url: str
) -> None:
    await correct_and_recall(tmp_path, CONVOKE_DATABASE_URL=postgres_url)


async def correct_and_recall(folder: Path, **settings: str) -> None:
    chance = random.Random(SEED)
    async with world(folder, CONVOKE_TELEGRAM_RATE="60", **settings) as here:
        await here.furnish(PEOPLE, SLACK)
        await here.started()
        number = await here.announce("--ack")
        await here.is_sent(number)
        users = here.everybody()
        for user in (users[0], users[-1]):
            here.press(user, here.from_bot(user)[-1], "I have read")
        for user in (users[0], users[-1]):
            await until(partial(has_confirmed, here, user), "it is shown as confirmed")

        here.write("new.md", "Corrected words.")
        await here.done("announce", "correct", str(number), "--text-file", "new.md")
        for _ in range(2):
            await restarted(here, chance)
        change = await changed(here, number)
        assert (change["done"], change["failed"]) == (PEOPLE + SLACK, [])
        for user in users:
            assert ["Corrected words." in one for one in standing(here, user)] == [True], user
        assert has_confirmed(here, users[0])

        await here.done("announce", "recall", str(number))
        await restarted(here, chance)
        change = await changed(here, number)
        assert (change["done"], change["failed"]) == (PEOPLE + SLACK, [])
        assert [standing(here, user) for user in users if standing(here, user)] == []
        report = await here.report(number)
        assert (report["acknowledged"], report["delivered"]) == (2, PEOPLE + SLACK)


async def test_files_arrive_once_before_the_words_whatever_is_killed(tmp_path: Path) -> None:
    """The words can still be confirmed and corrected, and Telegram got each file once a life."""
    chance = random.Random(SEED)
    telegram, slack, kills = 40, 3, 2
    async with world(tmp_path, CONVOKE_TELEGRAM_RATE="60") as here:
        await here.furnish(telegram, slack)
        await here.started()
        poster, paper = here.write("poster.png", b"picture"), here.write("paper.pdf", b"%PDF-1.7")
        number = await here.announce("--ack", "--file", poster, "--file", paper)
        for _ in range(kills):
            await restarted(here, chance)
        report = await here.is_sent(number, 90)
        tell("unconfirmed after two kills", report["unconfirmed"])
        handed_over = len(here.telegram.world.files)
        tell("files handed over to Telegram", handed_over)
        assert 2 <= handed_over <= 2 + kills
        whole = 0
        for user in here.everybody():
            shown = [one for one in here.from_bot(user) if one.files or "Greeting" in one.text]
            names = [file.name for one in shown for file in one.files]
            assert len(names) == len(set(names)), (user, names)
            whole += names == ["poster.png", "paper.pdf"] and here.copies(user, "Greeting") == 1
        assert whole >= telegram + slack - report["unconfirmed"]
        user = next(one for one in here.everybody() if here.copies(one, "Greeting"))
        here.press(user, here.from_bot(user)[-1], "I have read")
        await until(partial(has_confirmed, here, user), "it is shown as confirmed")

        here.write("new.md", "Corrected words.")
        await here.done("announce", "correct", str(number), "--text-file", "new.md")
        change = await changed(here, number)
        copies = sum(here.copies(one, "Greeting") for one in here.everybody())
        done = int(str(change["done"]))
        assert copies - report["unconfirmed"] <= done <= copies, "the words alone"
        assert "Corrected words." in standing(here, user)[0]
        assert has_confirmed(here, user)
        await here.done("announce", "recall", str(number))
        change = await changed(here, number)
        left = [one for one in here.from_bot(user) if one.files and not one.deleted]
        assert (left, standing(here, user)) == ([], [])


async def test_paused_resumed_and_cancelled_within_a_second(tmp_path: Path) -> None:
    async with world(tmp_path, CONVOKE_TELEGRAM_RATE="40") as here:
        await here.furnish(150)
        await here.started()
        users = here.everybody()

        def arrived() -> int:
            return sum(here.copies(user, "Greeting") for user in users)

        number = await here.announce()
        await until(lambda: arrived() > 10, "it is being sent")
        await here.done("announce", "pause", str(number))
        await asyncio.sleep(1.0)
        paused_at = arrived()
        await asyncio.sleep(1.5)
        assert arrived() == paused_at < 150
        await here.done("announce", "resume", str(number))
        await until(lambda: arrived() > paused_at + 10, "it goes on")
        await here.done("announce", "cancel", str(number))
        await asyncio.sleep(1.0)
        cancelled_at = arrived()
        await asyncio.sleep(1.5)
        assert arrived() == cancelled_at < 150
        await here.is_idle()
        report = await here.report(number)
        assert report["state"] == "cancelled"
        assert (report["delivered"], report["skipped"]) == (cancelled_at, 150 - cancelled_at)
        assert max(here.copies(user, "Greeting") for user in users) == 1


async def test_staff_write_on_slack_in_a_form_and_follow_the_card(tmp_path: Path) -> None:
    async with world(tmp_path, CONVOKE_ADAPTERS="slack") as here:
        await here.furnish(0, 3)
        await here.started(CONVOKE_ADAPTERS="slack")
        slack, user = here.slack, "U00000001"
        await here.done("staff", "grant", f"p{user.lower()}@center.example", "editor")
        slack.command(user, "announce")
        await until(lambda: "template" in fields(here, user), "the templates are there")
        slack.submit(user, {"template": "none"})
        await until(lambda: "title" in fields(here, user), "the form is there")
        tell("the form", form(here, user)["text"])
        given = {"title": "Greeting", "text": "Happy *New* Year", "audience": "all"}
        slack.submit(user, {**given, "when": "soon", "clock": "reader", "confirm": "yes"})
        await until(lambda: "2020-05-14" in str(form(here, user)["errors"]), "what is wrong")
        slack.submit(user, {**given, "when": "now", "clock": "secretariat", "confirm": "yes"})
        (card,) = await here.gets(user, "Draft: nothing is sent yet")
        tell("the card", card.text)
        here.press(user, card, "Approve")
        for other in here.everybody():
            await until(partial(has_copy, here, other), f"{other} gets it", 30)

        def shown() -> str:
            return next(one.text for one in here.from_bot(user) if one.id == card.id)

        await until(lambda: "3 of 3" in shown(), "the card says so at the end", 30)
        tell("at the end", shown())


async def test_staff_begin_with_a_template_on_slack(tmp_path: Path) -> None:
    """Template, event, and a form that is filled in: each in place of the one before."""
    async with world(tmp_path, CONVOKE_ADAPTERS="slack") as here:
        await here.furnish(0, 3)
        await here.started(CONVOKE_ADAPTERS="slack")
        slack, user = here.slack, "U00000001"
        await here.done("staff", "grant", f"p{user.lower()}@center.example", "editor")
        slack.command(user, "announce")
        await until(lambda: "template" in fields(here, user), "the templates are there")
        slack.submit(user, {"template": "invitation"})
        await until(lambda: "event" in fields(here, user), "the events are there")
        slack.submit(user, {"event": event_choices(here, user)[0]})
        await until(lambda: "title" in fields(here, user), "the form is there")
        assert "buttons" in fields(here, user)
        paper = slack.attach("Programme 日程.pdf", b"%PDF-1.7 programme")
        huge = slack.attach("huge.pdf", bytes(5 * 1024 * 1024 + 1))
        slack.submit(user, {"title": "Greeting: come", "files": f"{paper},{huge}"})
        await until(lambda: "5 MB" in str(form(here, user)["errors"]), "it is too large")
        slack.submit(user, {"title": "Greeting: come", "files": paper})
        (card,) = await here.gets(user, "Draft: nothing is sent yet")
        (hint,) = await here.gets(user, "Still in the template")
        tell("the card", card.text)
        tell("the hint", hint.text)
        here.press(user, card, "Approve")
        await until(lambda: bool(standing(here, "U00000002")), "another gets it", 30)
        said = standing(here, "U00000002")[0]
        tell("the invitation", said)
        assert said.startswith("Greeting: come")
        files = [file for one in here.from_bot("U00000002") for file in one.files]
        assert [(one.name, one.size) for one in files] == [("Programme 日程.pdf", 18)]


async def test_staff_write_on_telegram_with_a_template_a_picture_and_a_file(tmp_path: Path) -> None:
    async with world(tmp_path, CONVOKE_ADAPTERS="telegram") as here:
        await here.furnish(3)
        await here.started(CONVOKE_ADAPTERS="telegram")
        user, *others = here.everybody()
        await here.done("staff", "grant", f"p{user}@center.example", "editor")
        here.say(user, "/announce")
        await pressed(here, user, "Which template", "Invitation")
        await pressed(here, user, "Which event", "Science Forum")
        (asked,) = await here.gets(user, "The title")
        tell("the first question", f"{asked.text} {[one.label for one in asked.buttons]}")
        here.telegram.send_file(user, "IMG_1.jpg", b"jpeg", kind="photo")
        (taken,) = await here.gets(user, "goes with it")
        tell("a picture in between", taken.text)
        here.telegram.send_file(user, "Programme 日程.pdf", b"%PDF-1.7", "Greeting: come")
        (asked,) = await here.gets(user, "The words")
        tell("the second question", f"{asked.text} {[one.label for one in asked.buttons]}")
        here.press(user, asked, "Keep all the rest")
        (card,) = await here.gets(user, "Draft: nothing is sent yet")
        tell("the card", card.text)
        assert "Programme 日程.pdf" in card.text
        here.press(user, card, "Approve")
        for other in others:
            await until(partial(has_come, here, other), f"{other} gets it", 30)
            files = [file for one in here.from_bot(other) for file in one.files]
            assert [one.size for one in files] == [4, 8]


def has_come(here: World, user: str) -> bool:
    return any(one.startswith("Greeting: come") for one in standing(here, user))


async def pressed(here: World, user: str, question: str, label: str) -> None:
    """Wait for a question and press one of its buttons."""
    (asked,) = await here.gets(user, question)
    tell(question, f"{asked.text} {[one.label for one in asked.buttons]}")
    here.press(user, asked, label)


def event_choices(here: World, user: str) -> list[str]:
    shown = here.slack.form(user)
    assert shown is not None
    element = shown.native["blocks"][0]["element"]
    return [one["value"] for one in element["options"]]


def form(here: World, user: str) -> dict[str, Any]:
    return here.slack.screens(user)["form"] or {"fields": [], "errors": {}}


def fields(here: World, user: str) -> list[str]:
    found: list[str] = form(here, user)["fields"]
    return found


def has_copy(here: World, user: str) -> bool:
    return any("Happy" in one for one in standing(here, user))


async def test_replies_on_both_messengers_stand_beside_it(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.furnish(1, 1)
        await here.started()
        number = await here.announce()
        await here.is_sent(number)
        for user in here.everybody():
            here.say(user, "Thank you!")
            await here.gets(user, "With pleasure")

        def quote(user: str) -> None:
            copy = next(one for one in here.from_bot(user) if one.text.startswith("Greeting"))
            simulator = here.slack if user.startswith("U") else here.telegram
            simulator.answer(user, "May I bring my zebra?", copy.id)

        for user in here.everybody():
            quote(user)
            await here.gets(user, "passed your question")
        told = (await here.done("announce", "replies", str(number), "--json")).json
        assert [(one["text"], one["met"], one["quoted"], one["waits"]) for one in told] == [
            *[("May I bring my zebra?", "secretariat", True, True)] * 2,
            *[("Thank you!", "courtesy", False, False)] * 2,
        ]
