"""``convoke announce preview`` and ``test``: how it will look, and how long it will take."""

from typing import Annotated

import typer

from bot.cli.announce_words import Number, due_words, file_words, length_words, say_reach
from bot.cli.prompt import AsJson, Desk, fail, run, say, say_json
from bot.domain.announcement_report import Status
from bot.domain.message import Message
from bot.domain.reader import Reader
from bot.i18n import texts_for, texts_in, venue_text
from bot.services.delivery import Preview

app = typer.Typer()


@app.command("preview")
def preview(
    number: Number,
    language: Annotated[str, typer.Option(help="This language only.")] = "",
    platform: Annotated[str, typer.Option(help="This messenger only.")] = "",
    json: AsJson = False,
) -> None:
    """Show what readers will get, message by message, and how long sending takes."""

    async def work(desk: Desk) -> tuple[Status, tuple[Preview, ...]]:
        from bot.app import assemble
        from bot.services import announcement_status

        app = assemble(desk.settings, desk.database)
        async with desk.database.read() as read:
            status = await announcement_status.status(
                read, number, app.outbox.estimates, desk.settings.default_zone, named=None
            )
        return status, await app.delivery.preview(status.announcement)

    status, made = run(work)
    shown = [
        one
        for one in made
        if one.platform == (platform or one.platform) and one.language == (language or one.language)
    ]
    if not shown:
        fail("Nothing is written for that messenger and language.")
    if json:
        parts = [(one, part) for one in shown for part in one.parts]
        say_json(
            [
                {"platform": one.platform, "language": one.language, "text": part.summary}
                | {"payload": part.payload}
                for one, part in parts
            ]
        )
        return
    _say_status(status)
    for one in shown:
        for at, part in enumerate(one.parts, 1):
            which = f", message {at} of {len(one.parts)}" if len(one.parts) > 1 else ""
            say(f"\n--- {one.platform}, {one.language}{which}")
            say(part.summary or "(a file, see above)")


def _say_status(status: Status) -> None:
    one = status.announcement
    say(f"{one.id}  {one.title}  [{one.state.value}]")
    say(f"due       {due_words(one)}")
    if not one.waits_for_date and one.timing.value != "reader":
        clocks = [venue_text(one.due, zone, "en") for zone, _people in status.zones]
        say(f"there     {' · '.join(clocks)}")
    for file in one.files:
        say(f"file      {file_words(file)}")
    say_reach(status.reach, status.people, status.organisations)
    if one.frozen_at is not None and status.without:
        say(f"          {status.without} people are on no messenger: see the report")
    say(f"takes     about {length_words(status.seconds)}")


@app.command("test")
def try_out(
    number: Number,
    to: Annotated[str, typer.Option(help="The e-mail address of whoever shall see it.")],
    language: Annotated[str, typer.Option(help="In this language; else in theirs.")] = "",
) -> None:
    """Send it to one person, marked as a test, and to nobody else."""

    async def work(desk: Desk) -> bool:
        from bot.app import assemble
        from bot.services import announcement_attachments, announcements, people
        from bot.services.announcement_fields import values_for
        from bot.services.outbox import Cause
        from bot.views.announcements import trial_message

        app = assemble(desk.settings, desk.database)
        async with desk.database.read() as read:
            found = await announcements.get(read, number)
            person_id = await people.id_of(read, to)
            shown_in = language or found.bodies[0].language
            fields = await values_for(read, found, person_id, texts_in(shown_in))
            files = await announcement_attachments.trial(read, found, person_id)

        def tell(reader: Reader) -> Message:
            texts, signature = texts_for(reader.language), desk.settings.signature(shown_in)
            return trial_message(
                found, shown_in, texts, signature=signature, fields=fields, files=files
            )

        return await desk.database.write(
            lambda write: app.outbox.tell(write, person_id, tell, Cause())
        )

    if not run(work):
        fail(f"{to} is on no messenger here.")
    say(f"A test of announcement {number} is on its way to {to}; `convoke run` sends it.")
