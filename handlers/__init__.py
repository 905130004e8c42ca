"""What members and staff say to us: one Router a conversation, in the order of the help."""

from bot.routing import Router
from handlers import (
    buttons,
    cancel,
    events,
    forms,
    going,
    help,
    home,
    introduce,
    late,
    membership,
    questions,
    rooms,
    rsvp,
    start,
    stop,
)

ROUTERS: tuple[Router, ...] = (
    start.router,
    help.router,
    home.router,
    events.router,
    rsvp.router,
    going.router,
    stop.router,
    cancel.router,
    introduce.router,
    forms.router,
    buttons.router,
    late.router,
    rooms.router,
    membership.router,
    questions.router,
)
