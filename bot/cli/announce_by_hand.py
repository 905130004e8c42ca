"""``convoke announce letters`` and ``reached``: for those whom no messenger reaches."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.announce_words import Number
from bot.cli.prompt import WRONG_USE, Desk, fail, run, say
from bot.domain.people import CLI
from bot.services.announcement_by_hand import Letter, Way

app = typer.Typer()


@app.command("letters")
def letters(
    number: Number,
    out: Annotated[Path, typer.Option(help="The folder to write them into.")],
) -> None:
    """Write a mail for everybody whom no messenger reached, in their language."""

    async def work(desk: Desk) -> tuple[Letter, ...]:
        from bot.services import announcement_by_hand

        async with desk.database.read() as read:
            return await announcement_by_hand.letters(
                read,
                number,
                default_language=desk.settings.default_language,
                signature=dict(desk.settings.signatures),
            )

    made = run(work)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for one in made:
            (out / one.name).write_bytes(one.content)
    except OSError as error:
        fail(f"{out}: {error.strerror}")
    say(f"{len(made)} letters are in {out}: open them in your mail program and send them.")
    if made:
        say(f"Note each: convoke announce reached {number} {made[0].to} --by email")


@app.command("reached")
def reached(
    number: Number,
    email: Annotated[str, typer.Argument(help="The address of whoever was reached.")],
    by: Annotated[Way, typer.Option(help="How they were reached.")] = Way.EMAIL,
    on: Annotated[str, typer.Option(help="The day, 2020-01-31; without it today.")] = "",
) -> None:
    """Note that somebody was reached by mail or by phone; the report counts them apart."""
    day = None
    if on:
        try:
            day = date.fromisoformat(on)
        except ValueError:
            fail(f"--on {on}: write it as 2020-01-31", WRONG_USE)

    async def work(desk: Desk) -> None:
        from bot.services import announcement_by_hand

        await desk.database.write(
            lambda write: announcement_by_hand.note(
                write, number, email, way=by, day=day or desk.now.date(), actor=CLI, now=desk.now
            )
        )

    run(work)
    say(f"{email} counts as reached by {by.value}.")
