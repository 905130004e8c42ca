"""The bot was blocked, removed, or let in again: the place is reachable or it is not."""

from bot.domain.incoming import Joined, Left
from bot.domain.outcome import Reason
from bot.routing import Context, Reply, Router
from bot.services import people

router = Router("membership")


@router.on(Joined)
async def joined(incoming: Joined, ctx: Context) -> Reply | None:
    """Mark the place reachable; nothing is said, a welcome follows /start."""
    write = await ctx.unit.write()
    await people.set_reachable(write, address=incoming.where, reachable=True, why=None)
    return None


@router.on(Left)
async def left(incoming: Left, ctx: Context) -> Reply | None:
    """Mark the place unreachable; nothing can be said there any more."""
    write = await ctx.unit.write()
    await people.set_reachable(write, address=incoming.where, reachable=False, why=Reason.BLOCKED)
    return None
