"""The button that says that an announcement was read. Its value is the announcement's number."""

from bot.domain.incoming import Pressed
from bot.domain.refusal import Refusal
from bot.routing import Context, Reply, Router
from bot.services import acknowledgements
from bot.services import announcement_copies as copies
from bot.views.rooms import direct_words
from handlers.guards import check_own, number_in
from handlers.introduce import ask_who

router = Router("acknowledge")


@router.press("ack", rooms=True)
async def acknowledge(incoming: Pressed, ctx: Context) -> Reply:
    """Record it, and show it on the copy; in a room the person alone is told."""
    check_own(incoming)
    number = number_in(incoming.value)
    if ctx.person is None and not incoming.is_direct:
        return Reply(notice=direct_words("rooms.join", ctx.direct_link, ctx.texts))
    if ctx.person is None:
        return ask_who(ctx, ctx.texts("introduce.unknown"))
    write = await ctx.unit.write()
    copy = await copies.at(write, incoming.ref, ctx.person.id)
    if copy is None or copy.confirm is None or copy.confirm.number != number:
        raise Refusal("refusal.button")
    first = await acknowledgements.acknowledge(
        write, announcement_id=number, person=ctx.person, now=ctx.now
    )
    notice = ctx.texts("ack.noted" if first == ctx.now else "ack.already")
    if not incoming.is_direct:
        return Reply(notice=notice)
    copy = await copies.at(write, incoming.ref, ctx.person.id) or copy
    return Reply(notice=notice, card=copy.message(ctx.texts, ctx.signature))
