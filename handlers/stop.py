"""/stop and its undo. Confirmations of one's own answers still arrive."""

from bot.domain.incoming import Commanded
from bot.routing import Context, Reply, Router
from bot.services import people
from bot.views.stops import nothing_to_stop_message, resumed_message, stopped_message

router = Router("stop")


@router.command("stop")
async def stop(incoming: Commanded, ctx: Context) -> Reply:
    """End announcements for this person."""
    if ctx.person is None:
        return Reply((nothing_to_stop_message(ctx.texts),))
    if not ctx.person.stopped:
        write = await ctx.unit.write()
        await people.set_stopped(write, person_id=ctx.person.id, stopped=True)
    return Reply((stopped_message(ctx.texts, already=ctx.person.stopped),))


async def resume(incoming: Commanded, ctx: Context) -> Reply:
    """Let announcements arrive again; /start does the same."""
    if ctx.person is None:
        return Reply((nothing_to_stop_message(ctx.texts),))
    if ctx.person.stopped:
        write = await ctx.unit.write()
        await people.set_stopped(write, person_id=ctx.person.id, stopped=False)
    return Reply((resumed_message(ctx.texts),))
