"""/start: who writes and why; it also brings announcements back."""

from bot.domain.incoming import Commanded
from bot.domain.joining import code_in, token_in
from bot.routing import Context, Reply, Router
from bot.services import people
from bot.views.welcome import welcome_message
from handlers.join import redeem
from handlers.link import claim

router = Router("start")


@router.command("start")
async def start(incoming: Commanded, ctx: Context) -> Reply:
    """Welcome whoever writes first, and resume announcements after a stop.

    A link may carry an invitation or a code: ``/start`` is what it makes somebody say.
    """
    if token := token_in(incoming.argument):
        return await redeem(token, ctx)
    if code_in(incoming.argument) and ctx.person is None:
        return await claim(incoming, ctx)
    resumed = ctx.person is not None and ctx.person.stopped
    if ctx.person is not None and resumed:
        write = await ctx.unit.write()
        await people.set_stopped(write, person_id=ctx.person.id, stopped=False)
    welcome = welcome_message(ctx.person, ctx.alliance, ctx.texts, resumed=resumed)
    return Reply((welcome,), introduces=True)
