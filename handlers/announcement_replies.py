"""Staff read what readers wrote to an announcement. A button's value is ``<number>:<from>``."""

from bot.domain.incoming import Pressed
from bot.domain.people import StaffRole
from bot.domain.refusal import Refusal
from bot.routing import Context, Reply, Router
from bot.services import announcement_replies, announcements
from bot.views import announcement_replies as views
from handlers.guards import actor_of, check_own, number_in

router = Router("announcement replies")


@router.press(views.ACTION)
async def show(incoming: Pressed, ctx: Context) -> Reply:
    """Show a page of replies as a message of its own, so that the card stays."""
    check_own(incoming)
    if not actor_of(ctx).may(StaffRole.EDITOR):
        raise Refusal("refusal.not-staff")
    which, _, begin = incoming.value.partition(":")
    number, first = number_in(which), number_in(begin)
    async with ctx.unit.read() as read:
        found = await announcements.get(read, number)
        replies = await announcement_replies.of_announcement(read, number, views.PAGE + 1, first)
    older = first + views.PAGE if len(replies) > views.PAGE else None
    page = replies[: views.PAGE]
    return Reply((views.replies_message(found, page, older, ctx.reader, ctx.texts),))
