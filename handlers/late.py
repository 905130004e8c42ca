"""Staff decide about an announcement that is late after downtime, or about copies that are."""

from collections.abc import Mapping

from bot.domain.incoming import Pressed
from bot.domain.people import Actor, StaffRole
from bot.domain.refusal import Refusal
from bot.routing import Context, Reply, Router
from bot.services import announcements, late_copies
from bot.views.staff import late_copies_decided_message, late_decided_message
from handlers.guards import actor_of, check_own, number_in

router = Router("late")

CHOICES = {"send": True, "cancel": False}
FOR_COPIES = {"send": True, "leave": False}


@router.press("late")
async def decide(incoming: Pressed, ctx: Context) -> Reply:
    """Send it now or cancel it; the card becomes what was decided."""
    announcement_id, send, actor = _choice(incoming, ctx, CHOICES)
    write = await ctx.unit.write()
    announcement = await announcements.decide_late(
        write,
        announcement_id=announcement_id,
        send=send,
        actor=actor,
        now=ctx.now,
    )
    return Reply(card=late_decided_message(announcement, ctx.texts))


@router.press("latecopies")
async def decide_copies(incoming: Pressed, ctx: Context) -> Reply:
    """Send the copies late or leave their readers out; the card becomes what was decided."""
    announcement_id, send, actor = _choice(incoming, ctx, FOR_COPIES)
    write = await ctx.unit.write()
    announcement = await late_copies.decide(
        write,
        announcement_id,
        send=send,
        actor=actor,
        now=ctx.now,
        default_zone=ctx.default_zone,
    )
    return Reply(card=late_copies_decided_message(announcement, send, ctx.texts))


def _choice(
    incoming: Pressed, ctx: Context, choices: Mapping[str, bool]
) -> tuple[int, bool, Actor]:
    """Return the number, what was chosen, and who chose it.

    Raises:
        Refusal: it is somebody else's chat, no editor, or no button of ours.
    """
    check_own(incoming)
    actor = actor_of(ctx)
    if not actor.may(StaffRole.EDITOR):
        raise Refusal("refusal.not-staff")
    number, _, choice = incoming.value.partition(":")
    if choice not in choices:
        raise Refusal("refusal.button")
    return number_in(number), choices[choice], actor
