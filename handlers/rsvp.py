"""Answers to an invitation, by button.

A button's value is ``<event id>:<answer>``, with ``:a`` behind it where the button stands
on an announcement. It says what is wanted and never who wants it.
"""

from functools import partial

from bot.domain.event import Event
from bot.domain.incoming import Pressed
from bot.domain.message import Message
from bot.domain.refusal import Refusal
from bot.domain.rsvp import Answer
from bot.routing import Context, Reply, Router, ShowCard, ToPerson
from bot.services import announcement_copies as copies
from bot.services import conferences, rooms, rsvps
from bot.services.rsvps import RsvpResult
from bot.views import rsvps as views
from bot.views.announcements import MARK
from bot.views.events import event_card
from bot.views.rooms import direct_words
from handlers.guards import check_own, number_in
from handlers.introduce import ask_who

router = Router("rsvp")


def read_value(value: str) -> tuple[int, Answer, bool]:
    """Return event, answer, and whether the button stands on an announcement.

    Raises:
        Refusal: no button of ours says that.
    """
    event_id, _, rest = value.partition(":")
    answer, _, mark = rest.partition(":")
    if answer not in set(Answer) or mark not in ("", MARK):
        raise Refusal("refusal.button")
    return number_in(event_id), Answer(answer), mark == MARK


@router.press("rsvp", rooms=True)
async def answer(incoming: Pressed, ctx: Context) -> Reply:
    """Record the answer, change the card, and tell whoever moved up."""
    check_own(incoming)
    event_id, wanted, on_announcement = read_value(incoming.value)
    if ctx.person is None and not incoming.is_direct:
        return Reply(notice=direct_words("rooms.join", ctx.direct_link, ctx.texts))
    if ctx.person is None:
        return ask_who(ctx, ctx.texts("introduce.unknown"))
    async with ctx.unit.read() as read:
        event = await conferences.event(read, event_id)
    write = await ctx.unit.write()
    result = await rsvps.answer(write, event=event, person=ctx.person, answer=wanted, now=ctx.now)
    others = tuple(
        ToPerson(one.person_id, partial(views.promoted_to, event)) for one in result.promoted
    )
    already = "" if result.changed else views.already_recorded(result.rsvp, ctx.texts)
    if not incoming.is_direct:
        if ctx.room is not None:
            await rooms.answered(write, ctx.room, event_id=event.id, person_id=ctx.person.id)
        said = already or views.recorded_line(event, result.rsvp, ctx.texts)
        return Reply(notice=said, others=others, room_card=ShowCard(event.id))
    if already:
        return Reply(notice=already, others=others)
    card: Message | None = _card(event, result, ctx)
    if on_announcement:
        copy = await copies.at(write, incoming.ref, ctx.person.id)
        card = copy.message(ctx.texts, ctx.signature) if copy else None
    said_here = views.recorded(event, result.rsvp, ctx.texts, buttons=card is None)
    return Reply(messages=(said_here,), card=card, others=others)


def _card(event: Event, result: RsvpResult, ctx: Context) -> Message:
    return event_card(event, ctx.texts, seats=result.seats, rsvp=result.rsvp, now=ctx.now)
