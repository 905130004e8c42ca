"""``convoke announce replies``: what readers wrote to an announcement."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.announce_words import Number
from bot.cli.files import write_private
from bot.cli.prompt import AsJson, Desk, run, say, say_json, say_note
from bot.domain.announcement_reply import AnnouncementReply
from bot.importers.roster_export import csv_text

app = typer.Typer()
COLUMNS = ("said", "who", "e-mail", "organisation", "room", "met", "waits", "text")


@app.command("replies")
def replies(
    number: Number,
    out: Annotated[Path | None, typer.Option(help="Write them to this .csv.")] = None,
    json: AsJson = False,
) -> None:
    """Show what readers wrote to an announcement, newest first, and what waits for you."""

    async def work(desk: Desk) -> tuple[AnnouncementReply, ...]:
        from bot.services import announcement_replies

        async with desk.database.read() as read:
            return await announcement_replies.of_announcement(read, number)

    found = run(work)
    if out is not None:
        lines = [dict(zip(COLUMNS, _row(one), strict=True)) for one in found]
        write_private(out, csv_text(COLUMNS, lines))
        say_note(f"{len(found)} replies are in {out}.")
    if json:
        say_json([{**asdict(one), "met": one.met.value} for one in found])
        return
    if not found:
        say("Nobody has replied yet.")
    for one in found:
        said, who, email, home, room, met, waits, text = _row(one)
        about = ", ".join(fact for fact in (who, email, home, room and f"in {room}") if fact)
        say(f"{said}  {about}  [{'waits for you' if waits else met}]")
        say("\n".join(f"    {line}" for line in (text or "(no words)").splitlines()))


def _row(one: AnnouncementReply) -> tuple[str, ...]:
    home = one.organisations.get("") or next(iter(one.organisations.values()), "")
    said = f"{one.said_at:%Y-%m-%d %H:%MZ}"
    waits = "yes" if one.waits else ""
    return (said, one.who, one.email, home, one.room, one.met.value, waits, one.text)
