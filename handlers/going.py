"""/going: my answers, and the way to change them."""

from bot.domain.event import Event
from bot.domain.incoming import Commanded
from bot.domain.message import Button, Message, line
from bot.routing import Context, Reply, Router
from bot.services import conferences, rsvps
from bot.views.rsvps import mine

router = Router("going")


@router.command("going")
async def show(incoming: Commanded, ctx: Context) -> Reply:
    """Show the reader's answers, or what they could answer."""
    if ctx.person is None:
        said = line(ctx.texts("rsvp.mine-unknown"))
        return Reply((Message((said,), ((Button(ctx.texts("button.introduce"), "introduce"),),)),))
    coming: tuple[Event, ...] = ()
    async with ctx.unit.read() as read:
        answers = await rsvps.mine(read, ctx.person.id)
        if not answers:
            coming = await conferences.upcoming(read, ctx.now)
    return Reply((mine(answers, coming, ctx.texts),))
