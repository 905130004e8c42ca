"""Why the fate of a message may be unknown: it was being sent at a kill, or its answer was lost."""

from collections import Counter
from collections.abc import Iterable, Sequence, Set

from bot.simulators.journal import Request

SENDS = ("sendmessage", "chat.postmessage")
CERTAIN = ("ok", "429", "ratelimited", "400", "403")
"""What a platform answers when it is certain what became of a message."""


def without_cause(
    unconfirmed: Sequence[tuple[int, str]], at_kills: Set[int], requests: Iterable[Request]
) -> Counter[str]:
    """Return by chat how many unconfirmed rows have no cause.

    Args:
        unconfirmed: Each row's id and chat.
        at_kills: Ids of the rows that were `sending` when their process was killed.
        requests: What the platforms were asked. Of the other rows a chat may have no more
            than there were sends to it whose answer was lost or was an error.
    """
    rest = Counter(chat for row_id, chat in unconfirmed if row_id not in at_kills)
    return rest - Counter(
        one.chat for one in requests if one.method.lower() in SENDS and one.status not in CERTAIN
    )
