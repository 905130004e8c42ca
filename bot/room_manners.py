"""How much one person in a room is answered: what is said there disturbs all of it.

::

    answer → once    the limit is reached: they are told so, once
    once → silent    until enough time has passed since what was answered

It lives in memory: each process counts what it handles, and a restart forgets it. That
bounds the noise, which is all it is for.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

MOST = 10
"""What one person in one room is answered within :data:`WINDOW` seconds."""
WINDOW = 60.0
FORGET_ABOVE = 2000


class Verdict(StrEnum):
    """What becomes of something that was said to us in a room."""

    ANSWER = "answer"
    ONCE = "once"
    SILENT = "silent"


@dataclass(slots=True)
class _Speaker:
    answered: deque[float] = field(default_factory=deque)
    told: bool = False


class Manners:
    """Remembers who was answered when, by room and person; times are monotonic seconds."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._speakers: dict[tuple[str, ...], _Speaker] = {}

    def judge(self, who: tuple[str, ...], now: float) -> Verdict:
        """Decide about one more thing that ``who`` (a room and a person) said at ``now``."""
        self._forget(now)
        speaker = self._speakers.setdefault(who, _Speaker())
        while speaker.answered and speaker.answered[0] <= now - WINDOW:
            speaker.answered.popleft()
        if len(speaker.answered) < MOST:
            speaker.answered.append(now)
            speaker.told = False
            return Verdict.ANSWER
        if speaker.told:
            return Verdict.SILENT
        speaker.told = True
        return Verdict.ONCE

    def _forget(self, now: float) -> None:
        """Drop who has been quiet, so that memory stays flat."""
        if len(self._speakers) > FORGET_ABOVE:
            self._speakers = {
                who: one
                for who, one in self._speakers.items()
                if one.answered and one.answered[-1] > now - WINDOW
            }
