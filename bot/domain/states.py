"""A small helper for state machines that stand as tables."""

from collections.abc import Mapping
from typing import TypeVar

S = TypeVar("S", bound=str)


class IllegalMove(Exception):
    """A state was asked to become one that it cannot become."""

    def __init__(self, state: str, wanted: str) -> None:
        """Keep both states for the sentence that a person reads."""
        super().__init__(f"{state} cannot become {wanted}")
        self.state = state
        self.wanted = wanted


def check_move(moves: Mapping[S, frozenset[S]], state: S, wanted: S) -> None:
    """Raise :class:`IllegalMove` unless ``moves`` leads from ``state`` to ``wanted``."""
    if wanted not in moves[state]:
        raise IllegalMove(state, wanted)
