"""What cannot wait for a worker, kept in the memory of the process that received it."""

from bot.adapters.abilities import OpensForm
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
        for key in [key for key, one in self._open.items() if not _is_of_use(one)]:
            del self._open[key]
        self._open[_key(incoming)] = interaction

    def take(self, incoming: Incoming) -> Interaction | None:
        """Return the update's interaction if something can still be shown with it."""
        found = self._open.get(_key(incoming))
        return found if found is not None and _is_of_use(found) else None


def _is_of_use(interaction: Interaction) -> bool:
    return interaction.open or (isinstance(interaction, OpensForm) and interaction.can_open)


def _key(incoming: Incoming) -> Key:
    return (incoming.where.platform, incoming.where.account, incoming.delivery_id)
