"""Buttons of a form that is not asked any more."""

from bot.domain.incoming import Pressed
from bot.domain.refusal import Refusal
from bot.routing import Context, Reply, Router
from bot.views.forms import PRESS
from handlers.guards import check_own

router = Router("forms")


@router.press(PRESS)
async def too_late(incoming: Pressed, ctx: Context) -> Reply | None:
    """Say that the question was answered already, or that its conversation has ended."""
    check_own(incoming)
    raise Refusal("refusal.form-moved-on")
