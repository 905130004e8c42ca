"""Where a turn of the sender's loop looks for more."""

from dataclasses import replace

import pytest

from bot.domain.address import Address
from bot.domain.delivery import DeliveryState, Kind, Lane, Outgoing, Result
from bot.outbound.turn import Turn

BULK, TALK = Lane.BULK, Lane.CONVERSATION
ROW = Outgoing(
    *(1, BULK, Kind.SEND, Address("fake", "bot", "1"), 1, 7, "en", "UTC", 1),
    payload=None,
)


def _rows(lane: Lane, count: int) -> list[Outgoing]:
    return [replace(ROW, id=number, lane=lane) for number in range(count)]


def _results(*lanes: Lane) -> list[Result]:
    return [Result(replace(ROW, lane=lane), DeliveryState.DELIVERED) for lane in lanes]


@pytest.mark.parametrize(
    ("turn", "lanes"),
    [
        (Turn(), set()),
        (Turn(results=_results(BULK, BULK)), {BULK}),
        (Turn(results=_results(BULK, TALK)), {BULK, TALK}),
        (Turn(results=_results(BULK), room={BULK: 64}, claimed=_rows(BULK, 63)), set()),
        (Turn(results=_results(BULK), room={BULK: 64}, claimed=_rows(BULK, 64)), {BULK}),
        (Turn(room={BULK: 64, TALK: 128}, claimed=_rows(TALK, 128)), {TALK}),
        (Turn(results=_results(TALK), room={BULK: 64}), {TALK}),
    ],
)
def test_a_turn_looks_where_more_may_have_become_ready(turn: Turn, lanes: set[Lane]) -> None:
    assert turn.look_again() == lanes
