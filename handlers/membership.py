"""The bot was blocked, removed, or let in again: the place is reachable or it is not."""

from bot.domain.incoming import Joined, Left
from bot.domain.outcome import Reason
from bot.routing import Context, Reply, Router
from bot.services import people
from handlers import rooms

router = Router("membership")


@router.on(Joined, rooms=True)
async def joined(incoming: Joined, ctx: Context) -> Reply | None:
    """Mark the place reachable; nothing is said in a direct chat, a welcome follows /start."""
    if not incoming.is_direct:
        return await rooms.let_in(incoming, ctx) if incoming.is_bot else None
    write = await ctx.unit.write()
    await people.set_reachable(write, address=incoming.where, reachable=True, why=None)
    return None


@router.on(Left, rooms=True)
async def left(incoming: Left, ctx: Context) -> Reply | None:
    """Mark the place unreachable; nothing can be said there any more."""
    if not incoming.is_direct:
        return await rooms.let_out(incoming, ctx) if incoming.is_bot else None
    write = await ctx.unit.write()
    await people.set_reachable(write, address=incoming.where, reachable=False, why=Reason.BLOCKED)
    return None
