"""/privacy: what is kept of somebody; they can have it, or have it deleted."""

from functools import partial

from bot.domain.incoming import Commanded, Pressed
from bot.domain.refusal import Refusal
from bot.routing import END_DIALOG, Context, Reply, Router, ToPerson
from bot.services import privacy
from bot.views.privacy import (
    confirm_message,
    erased_message,
    export_message,
    kept_message,
    privacy_message,
)
from bot.views.rsvps import promoted_to
from handlers.guards import check_own

router = Router("privacy")


@router.command("privacy")
async def show(incoming: Commanded, ctx: Context) -> Reply:
    """Say what is kept, why, for how long, and who sees it."""
    known = ctx.person is not None
    said = privacy_message(ctx.alliance, ctx.contact, privacy.KEPT_DAYS, ctx.texts, known)
    return Reply((said,))


@router.press("privacy")
async def press(incoming: Pressed, ctx: Context) -> Reply:
    """Export, or delete after a second press."""
    check_own(incoming)
    person = ctx.person
    if person is None:
        return Reply(notice=ctx.texts("privacy.unknown"))
    match incoming.value:
        case "export":
            async with ctx.unit.read() as read:
                content = await privacy.export(read, person)
            return Reply((export_message(content, ctx.texts),))
        case "erase":
            return Reply(card=confirm_message(ctx.texts))
        case "keep":
            return Reply(card=kept_message(ctx.texts))
        case "erase-really":
            write = await ctx.unit.write()
            promoted = await privacy.erase(write, person, ctx.now)
            told = tuple(
                ToPerson(one.rsvp.person_id, partial(promoted_to, one.event)) for one in promoted
            )
            return Reply(
                (erased_message(ctx.texts),), others=told, introduces=True, dialog=END_DIALOG
            )
        case _:
            raise Refusal("refusal.button")
