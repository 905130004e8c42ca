"""/help, and every command that we do not have."""

from bot.domain.incoming import Commanded
from bot.routing import Context, Reply, Router
from bot.views.help import help_message
from bot.views.labels import cut_label
from bot.views.rooms import room_help

router = Router("help")


@router.command("help", rooms=True)
async def show(incoming: Commanded, ctx: Context) -> Reply:
    """Show what one can do, or how to ask in a room."""
    if not incoming.is_direct:
        return Reply((room_help(ctx.direct_link, ctx.texts),))
    return Reply((help_message(ctx.texts),))


@router.on(Commanded)
async def unknown(incoming: Commanded, ctx: Context) -> Reply:
    """Answer a command that nobody handles with what there is."""
    return Reply((help_message(ctx.texts, unknown=cut_label(incoming.command, 30)),))
