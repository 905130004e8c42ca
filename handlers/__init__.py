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
    join,
    late,
    link,
    membership,
    questions,
    requests,
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
    join.router,
    introduce.router,
    link.router,
    requests.router,
    forms.router,
    buttons.router,
    late.router,
    rooms.router,
    membership.router,
    questions.router,
)
