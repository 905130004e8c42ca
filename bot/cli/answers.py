"""``convoke ask`` and ``convoke gaps``."""

from dataclasses import asdict
from datetime import datetime
from textwrap import shorten
from typing import Annotated

import typer

from bot.answers import Answer
from bot.cli.prompt import COULD_NOT, AsJson, Desk, fail, instant, run, say, say_json, say_table
from bot.storage.losses import Undelivered, Unhandled
from bot.storage.questions import WaitingQuestion


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("ask")(ask)
    app.command("gaps")(gaps)


def ask(
    text: Annotated[str, typer.Argument(help="The question.")],
    as_email: Annotated[str, typer.Option("--as", help="Ask as this contact.")] = "",
    now: Annotated[str, typer.Option(help="Ask at this instant, ISO with offset.")] = "",
    json: AsJson = False,
) -> None:
    """Ask what a member would ask; exit code 1 if the data has no answer."""
    at = instant("--now", now)

    async def work(desk: Desk) -> Answer | None:
        from bot.domain.refusal import Refusal
        from bot.services.questions import Knowledge
        from bot.services.readers import Readers
        from bot.storage import people

        person = None
        if as_email:
            async with desk.database.read() as read:
                person = await people.by_email(read, as_email)
            if person is None:
                raise Refusal("refusal.contact-unknown", email=as_email)
        readers = Readers(desk.settings.default_language, desk.settings.default_zone)
        return await Knowledge(desk.database).answer(text, readers.of(person), at or desk.now)

    answer = run(work)
    if json:
        say_json(None if answer is None else {"answer": answer.text, "source": answer.source})
    elif answer is not None:
        say(f"{answer.text}\n\n— {answer.source_title} ({answer.source})")
    if answer is None:
        fail("The data has no answer.", COULD_NOT)


def gaps(
    undelivered: Annotated[
        bool, typer.Option("--undelivered", help="List replies that did not arrive instead.")
    ] = False,
    json: AsJson = False,
) -> None:
    """List what was asked and could not be answered, newest first."""
    if undelivered:
        _list_losses(json)
    else:
        _list_questions(json)


def _list_questions(json: bool) -> None:
    async def work(desk: Desk) -> tuple[WaitingQuestion, ...]:
        from bot.services import questions

        async with desk.database.read() as read:
            return await questions.waiting(read)

    rows = run(work)
    if json:
        say_json([{"asked_at": r.asked_at, "email": r.email, "text": r.text} for r in rows])
    else:
        say_table(
            ("asked at", "by", "question"),
            [(f"{r.asked_at:%Y-%m-%d %H:%M}Z", r.email or "-", r.text) for r in rows],
        )


def _list_losses(json: bool) -> None:
    """What went wrong outside announcements, which have a report of their own."""

    async def work(desk: Desk) -> tuple[tuple[Undelivered, ...], tuple[Unhandled, ...]]:
        from bot.storage import losses

        async with desk.database.read() as read:
            return await losses.undelivered(read), await losses.unhandled(read)

    lost, failed = run(work)
    if json:
        say_json(
            {"undelivered": [asdict(r) for r in lost], "unhandled": [asdict(r) for r in failed]}
        )
        return
    say("Could not be delivered:")
    say_table(
        ("at", "to", "platform", "state", "reason", "text"),
        [(_minute(r.at), r.to, r.platform, r.state, r.reason, _short(r.text)) for r in lost],
    )
    say("\nCould not be handled:")
    say_table(
        ("received at", "conversation", "error"),
        [(_minute(r.received_at), r.conversation, r.error) for r in failed],
    )


def _minute(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z" if at else "-"


def _short(text: str) -> str:
    return shorten(text, 60, placeholder="…")
