"""The one attempt of a ledger row: what each kind asks of the adapter."""

from bot.adapters.abilities import LeavesRooms, ShowsHome
from bot.adapters.base import Adapter, DeliveryKey, Part
from bot.domain.address import MessageRef
from bot.domain.delivery import Kind, Outgoing
from bot.domain.outcome import Delivered, Never, Outcome, Reason


async def make(adapter: Adapter, row: Outgoing, part: Part) -> Outcome:
    """Make the one attempt that ``row`` stands for."""
    match row.kind:
        case Kind.SEND:
            outcome = await adapter.send(row.address, part, DeliveryKey(row.id))
        case Kind.EDIT:
            outcome = await adapter.edit(MessageRef(row.address, row.target), part)
        case Kind.DELETE:
            outcome = await adapter.delete(MessageRef(row.address, row.target))
        case Kind.HOME if isinstance(adapter, ShowsHome):
            outcome = await adapter.show_home(row.address, part)
        case Kind.HOME:
            outcome = Never(Reason.NOT_ALLOWED, "there are no pages here")
        case Kind.LEAVE if isinstance(adapter, LeavesRooms):
            outcome = await adapter.leave(row.address)
        case Kind.LEAVE:
            outcome = Never(Reason.NOT_ALLOWED, "somebody there must remove the bot")
        case Kind.OPEN:  # the sender opens what is closed before any attempt
            outcome = Delivered(None)
    return outcome
