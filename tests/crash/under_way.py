"""A correction in the middle of a broadcast, told anew, under kills: whole copies and no old word.

The new words fill several messages and the old ones one, so each copy that has not left needs
more rows than it has, and each that stands in a chat needs an edit and further messages.
"""

from collections import Counter
from dataclasses import dataclass

from tests.e2e.support import World

TITLE = "Changed"
OLD, FIRST, LAST = "STALE", "ALPHA", "OMEGA"
NEWS = "An earlier message has been corrected"
WORDS = "\n\n".join([FIRST, *(f"{n} {'word ' * 70}" for n in range(40)), LAST])


@dataclass(frozen=True, slots=True)
class Reader:
    """What stands in a chat, and how its ledger rows ended.

    Attributes:
        copy, told: States of the parts of the copy, and of the message that told it anew.
    """

    user: str
    texts: tuple[str, ...]
    copy: tuple[str, ...]
    told: tuple[str, ...]


def mistakes(readers: list[Reader]) -> list[str]:
    """Return what is wrong in the chats of those who got everything, by the ledger."""
    found = []
    for one in readers:
        if set(one.copy) != {"delivered"} or set(one.told) - {"delivered"}:
            continue
        pieces = Counter(
            piece for text in one.texts for piece in (OLD, FIRST, LAST, NEWS) if piece in text
        )
        times = 2 if one.told else 1
        wanted = Counter({FIRST: times, LAST: times} | ({NEWS: 1} if one.told else {}))
        if pieces != wanted:
            found.append(f"{one.user}: {dict(pieces)} instead of {dict(wanted)}")
    return found


async def readers_of(world: World, number: int, telling: int | None) -> list[Reader]:
    """Return everybody with their rows and what they see."""
    copy = await _states(world, number)
    told = await _states(world, telling or 0)
    return [
        Reader(
            user,
            tuple(one.text for one in world.from_bot(user) if not one.deleted),
            copy.get(user, ()),
            told.get(user, ()),
        )
        for user in world.everybody()
    ]


async def _states(world: World, number: int) -> dict[str, tuple[str, ...]]:
    rows = await world.rows(
        "SELECT account.user AS who, delivery.state FROM delivery "
        "JOIN address ON address.id = delivery.address_id "
        "JOIN account ON account.id = address.account_id WHERE announcement_id = :id",
        id=number,
    )
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        found[row.who] = (*found.get(row.who, ()), row.state)
    return found
