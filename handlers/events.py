"""/events and the card of one event."""

from bot.domain.incoming import Commanded, Pressed
from bot.routing import Context, Reply, Router, ShowCard
from bot.services import conferences, rsvps
from bot.views.events import event_card, event_list
from handlers.guards import check_own, number_in

router = Router("events")


@router.command("events", rooms=True)
async def show_all(incoming: Commanded, ctx: Context) -> Reply:
    """List what is coming."""
    async with ctx.unit.read() as read:
        coming = await conferences.upcoming(read, ctx.now)
    return Reply((event_list(coming, ctx.texts),))


@router.press("event", rooms=True)
async def show_one(incoming: Pressed, ctx: Context) -> Reply:
    """Show the card of one event with the reader's own answer; a room has its one card."""
    check_own(incoming)
    event_id = number_in(incoming.value)
    if ctx.room is not None:
        async with ctx.unit.read() as read:
            event = await conferences.event(read, event_id)
        stands = ctx.texts("rooms.card-stands", event=event.title(ctx.texts.language))
        return Reply(room_card=ShowCard(event.id, again=True, stands=stands))
    # In a room the card is everybody's, so it shows nobody's answer.
    own = ctx.person.id if ctx.person and incoming.is_direct else None
    async with ctx.unit.read() as read:
        event = await conferences.event(read, event_id)
        status = await rsvps.status(read, event_id, own)
    return Reply((event_card(event, ctx.texts, seats=status.seats, rsvp=status.rsvp, now=ctx.now),))
