"""``convoke room``: groups and channels that the bot was let into."""

from typing import Annotated

import typer

from bot.cli.prompt import AsJson, Desk, run, say, say_json, say_table
from bot.domain import audience
from bot.domain.people import CLI
from bot.domain.room import Room

app = typer.Typer(no_args_is_help=True, help="Groups and channels that the bot is in.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The room's name in audiences.")]


@app.command("list")
def list_all(json: AsJson = False) -> None:
    """Show the rooms, those that the bot is in first, with their names in audiences."""

    async def work(desk: Desk) -> tuple[tuple[Room, ...], dict[int, str]]:
        from bot.services import rooms

        async with desk.database.read() as read:
            return await rooms.everything(read), await rooms.added_by(read)

    found, added_by = run(work)
    if json:
        say_json([_as_json(room, added_by.get(room.id, "")) for room in found])
        return
    table = [
        (
            audience.unparse(audience.Room(room.name)),
            room.address.platform,
            room.language,
            "" if room.active else "left",
            added_by.get(room.id, ""),
            room.title,
        )
        for room in found
    ]
    say_table(("audience", "platform", "language", "", "let in by", "title"), table)


@app.command("rename")
def rename(
    name: Name,
    new: Annotated[str, typer.Argument(metavar="NEW", help="Letters and digits of any script.")],
) -> None:
    """Give a room another name in audiences; its title is the platform's and stays."""

    async def work(desk: Desk) -> Room:
        from bot.services import rooms

        return await desk.database.write(
            lambda write: rooms.rename(write, name, new, actor=CLI, now=desk.now)
        )

    room = run(work)
    say(f"The room “{room.title}” is {audience.unparse(audience.Room(room.name))} now.")


@app.command("language")
def language(
    name: Name,
    code: Annotated[str, typer.Argument(metavar="LANGUAGE", help="Such as zh.")],
) -> None:
    """Choose the language of what is said to all of a room: cards, announcements, the hello."""

    async def work(desk: Desk) -> Room:
        from bot.services import rooms

        return await desk.database.write(
            lambda write: rooms.speak(write, name, code.lower(), actor=CLI, now=desk.now)
        )

    room = run(work)
    say(f"The room “{room.title}” is spoken to in {room.language}.")


@app.command("leave")
def leave(name: Name) -> None:
    """Leave a room: nothing more is sent there; the running service tells the platform."""

    async def work(desk: Desk) -> Room:
        from bot.services import rooms

        async with desk.database.read() as read:
            room = await rooms.named(read, name)
        return await desk.database.write(
            lambda write: rooms.leave(write, room.id, actor=CLI, now=desk.now)
        )

    say(f"Nothing more is sent to “{run(work).title}”. The running service leaves it.")


def _as_json(room: Room, added_by: str) -> dict[str, object]:
    return {
        "name": room.name,
        "title": room.title,
        "platform": room.address.platform,
        "chat": room.address.chat,
        "language": room.language,
        "active": room.active,
        "added_by": added_by,
    }
