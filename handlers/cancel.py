"""/cancel ends a conversation of several steps."""

from bot.domain.incoming import Commanded
from bot.domain.message import plain
from bot.routing import END_DIALOG, Context, Reply, Router
from bot.views.labels import command_word

router = Router("cancel")


@router.command("cancel")
async def cancel(incoming: Commanded, ctx: Context) -> Reply:
    """End the open dialog, or say that there is none."""
    if ctx.dialog is None:
        word = command_word(ctx.texts, "going")
        return Reply((plain(ctx.texts("cancel.nothing", word=word)),))
    return Reply((plain(ctx.texts("cancel.done")),), dialog=END_DIALOG)
