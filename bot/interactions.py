"""What cannot wait for a worker, kept in the memory of the process that received it."""

from bot.adapters.base import Interaction
from bot.domain.incoming import Incoming

Key = tuple[str, str, str]


class Interactions:
    """Open interactions by the platform's id of their update.

    A row that another process handles finds nothing here; the adapter then answers with
    nothing by itself, and the handler's notice becomes a message.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._open: dict[Key, Interaction] = {}

    def keep(self, incoming: Incoming, interaction: Interaction) -> None:
        """Keep the interaction until the update is handled; forget those that expired."""
        for key in [key for key, one in self._open.items() if not one.open]:
            del self._open[key]
        self._open[_key(incoming)] = interaction

    def take(self, incoming: Incoming) -> Interaction | None:
        """Return the update's interaction if it is still open here."""
        found = self._open.get(_key(incoming))
        return found if found is not None and found.open else None


def _key(incoming: Incoming) -> Key:
    return (incoming.where.platform, incoming.where.account, incoming.delivery_id)
