"""Staff decide about an announcement that is late after downtime."""

from bot.domain.incoming import Pressed
from bot.domain.people import StaffRole
from bot.domain.refusal import Refusal
from bot.routing import Context, Reply, Router
from bot.services import announcements
from bot.views.staff import late_decided_message
from handlers.guards import actor_of, check_own, number_in

router = Router("late")

CHOICES = {"send": True, "cancel": False}


@router.press("late")
async def decide(incoming: Pressed, ctx: Context) -> Reply:
    """Send it now or cancel it; the card becomes what was decided."""
    check_own(incoming)
    actor = actor_of(ctx)
    if not actor.may(StaffRole.EDITOR):
        raise Refusal("refusal.not-staff")
    number, _, choice = incoming.value.partition(":")
    if choice not in CHOICES:
        raise Refusal("refusal.button")
    announcement_id = number_in(number)
    write = await ctx.unit.write()
    announcement = await announcements.decide_late(
        write,
        announcement_id=announcement_id,
        send=CHOICES[choice],
        actor=actor,
        now=ctx.now,
    )
    return Reply(card=late_decided_message(announcement, ctx.texts))
