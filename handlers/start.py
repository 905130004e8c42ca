"""/start: who writes and why; it also brings announcements back."""

from bot.domain.incoming import Commanded
from bot.routing import Context, Reply, Router
from bot.services import people
from bot.views.welcome import welcome_message

router = Router("start")


@router.command("start")
async def start(incoming: Commanded, ctx: Context) -> Reply:
    """Welcome whoever writes first, and resume announcements after a stop."""
    resumed = ctx.person is not None and ctx.person.stopped
    if ctx.person is not None and resumed:
        write = await ctx.unit.write()
        await people.set_stopped(write, person_id=ctx.person.id, stopped=False)
    return Reply((welcome_message(ctx.person, ctx.alliance, ctx.texts, resumed=resumed),))
