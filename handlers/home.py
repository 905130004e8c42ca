"""The person's own page, made anew whenever it is opened and after an answer given there."""

from bot.domain.event import Event
from bot.domain.incoming import Opened
from bot.domain.rsvp import Rsvp
from bot.routing import Context, Reply, Router
from bot.services import conferences, rsvps
from bot.views.home import LISTED, home_message
from handlers.buttons import COMMANDS

router = Router("home")

SHOWN = ("events", "going", "settings", "language", "privacy", "help", "stop")
"""Commands with a button on the page, in this order, as far as there are such buttons."""


@router.on(Opened)
async def opened(incoming: Opened, ctx: Context) -> Reply:
    """Show the page; a platform without pages shows nothing."""
    coming: list[tuple[Event, Rsvp | None]] = []
    async with ctx.unit.read() as read:
        events = await conferences.upcoming(read, ctx.now)
        for at, event in enumerate(events):
            rsvp = None
            if ctx.person is not None and at < LISTED:
                rsvp = (await rsvps.status(read, event.id, ctx.person.id)).rsvp
            coming.append((event, rsvp))
    page = home_message(
        ctx.person,
        ctx.alliance,
        coming,
        ctx.texts,
        now=ctx.now,
        commands=[name for name in SHOWN if name in COMMANDS],
    )
    return Reply(home=page)
