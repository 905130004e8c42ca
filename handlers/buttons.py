"""Buttons that do what a command does: Slack has no slash in a direct chat."""

from collections.abc import Mapping

from bot.domain.incoming import Commanded, Pressed
from bot.domain.refusal import Refusal
from bot.routing import Context, Handler, Reply, Router
from handlers import events, going, help, privacy, rooms, settings, stop
from handlers.guards import check_own

router = Router("buttons")

COMMANDS: Mapping[str, Handler[Commanded]] = {
    "events": events.show_all,
    "going": going.show,
    "help": help.show,
    "stop": stop.stop,
    "resume": stop.resume,
    "privacy": privacy.show,
    "settings": settings.show,
}


IN_ROOMS = frozenset({"events", "help"})
"""Those that show nothing personal."""


@router.press("command", rooms=True)
async def run(incoming: Pressed, ctx: Context) -> Reply | None:
    """Handle the press as the command that it names."""
    check_own(incoming)
    handler = COMMANDS.get(incoming.value)
    if handler is None:
        raise Refusal("refusal.button")
    if not incoming.is_direct and incoming.value not in IN_ROOMS:
        return await rooms.only_direct(incoming, ctx)
    commanded = Commanded(
        delivery_id=incoming.delivery_id,
        at=incoming.at,
        where=incoming.where,
        who=incoming.who,
        is_direct=incoming.is_direct,
        locale=incoming.locale,
        name=incoming.name,
        command=incoming.value,
    )
    return await handler(commanded, ctx)
