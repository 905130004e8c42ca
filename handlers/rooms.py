"""Rooms: let in and out, and what is not for them."""

from functools import partial

from bot.domain.incoming import Commanded, Joined, Left, Pressed
from bot.domain.message import Message
from bot.domain.reader import Reader
from bot.domain.room import Room
from bot.i18n import best_language, texts_for
from bot.routing import Context, Reply, Router, ToPerson
from bot.services import people, rooms
from bot.views.rooms import (
    direct_lines,
    direct_words,
    introduction,
    joined_message,
    left_message,
    room_help,
)
from handlers.guards import actor_of, check_own, number_in

router = Router("rooms")

LEADS_IN = "start"
"""The command that Telegram sends into a room when the bot is let in by a link."""


@router.private()
async def only_direct(incoming: Commanded | Pressed, ctx: Context) -> Reply:
    """Lead to the direct chat: what is asked for is nobody else's to read."""
    if isinstance(incoming, Pressed):
        return Reply(notice=direct_words("rooms.private", ctx.direct_link, ctx.texts))
    if incoming.command == LEADS_IN:
        return Reply((room_help(ctx.direct_link, ctx.texts),))
    return Reply((Message(direct_lines("rooms.private", ctx.direct_link, ctx.texts)),))


async def let_in(incoming: Joined, ctx: Context) -> Reply | None:
    """Say once who we are, and let staff know; a room that moved knows us."""
    write = await ctx.unit.write()
    if incoming.moved_from is not None:
        await rooms.moved(
            write, incoming.moved_from, incoming.where, title=incoming.room, now=ctx.now
        )
    came = await rooms.let_in(
        write,
        incoming.where,
        title=incoming.room,
        language=ctx.reader.language,
        account_id=ctx.account_id,
        by=_name(incoming, ctx),
        now=ctx.now,
    )
    if came is None:
        return None
    others: tuple[ToPerson, ...] = ()
    if came.tell_staff:
        admins = await people.admins(write)
        others = tuple(
            ToPerson(one, partial(_joined, came.room, _name(incoming, ctx), one in admins))
            for one in await people.staff_to_ask(write)
        )
    if not came.introduce or incoming.moved_from is not None:
        return Reply(others=others)
    texts = texts_for(best_language(came.room.language, default=ctx.reader.language))
    return Reply((introduction(ctx.alliance, ctx.direct_link, texts),), others=others)


async def let_out(incoming: Left, ctx: Context) -> Reply | None:
    """Note that nothing can be said in the room any more."""
    write = await ctx.unit.write()
    await rooms.left(write, incoming.where, by=_name(incoming, ctx), now=ctx.now)
    return None


@router.press("leave-room")
async def leave(incoming: Pressed, ctx: Context) -> Reply:
    """Leave a room that an admin does not want us in; the card becomes what was done."""
    check_own(incoming)
    write = await ctx.unit.write()
    actor = actor_of(ctx)
    room = await rooms.leave(write, number_in(incoming.value), actor=actor, now=ctx.now)
    return Reply(card=left_message(room, ctx.texts))


def _name(incoming: Joined | Left, ctx: Context) -> str:
    if ctx.person is not None:
        return ctx.person.email or ctx.person.name("")
    return incoming.name or incoming.who.user


def _joined(room: Room, by: str, may_leave: bool, reader: Reader) -> Message:
    return joined_message(room, by, texts_for(reader.language), may_leave=may_leave)
