"""What is typed into the demo: words for the bot, a button's number, or a ``:command``.

The colon keeps the demo's own commands apart from the bot's ``/start``; a smiley such as
``:)`` is still something one says.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

_COMMAND = re.compile(r":([a-z?]+)(?:\s+(.*))?", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,3}")
_LATER = re.compile(r"\+\s*([0-9]{1,5})\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Does(StrEnum):
    """What a typed line asks for; the demo's commands are called as they are typed."""

    NOTHING = "nothing"
    SAY = "say"
    PRESS = "press"
    AS = "as"
    MEMBERS = "members"
    SECRETARIAT = "secretariat"
    CONVOKE = "convoke"
    GREET = "greet"
    INVITE = "invite"
    FILL = "fill"
    FREE = "free"
    REPORT = "report"
    GAPS = "gaps"
    TIME = "time"
    JOURNAL = "journal"
    KILL = "kill"
    HELP = "help"
    QUIT = "quit"
    UNKNOWN = "unknown"


SHORT = {"?": Does.HELP, "h": Does.HELP, "q": Does.QUIT, "exit": Does.QUIT}
_NOT_TYPED = {Does.NOTHING, Does.PRESS, Does.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Typed:
    """A line as it was understood; ``rest`` is what follows the command, or what is said."""

    does: Does
    rest: str = ""


def understand(line: str) -> Typed:
    """Return what ``line`` asks for; a bare number is a button's."""
    text = line.strip()
    if not text:
        return Typed(Does.NOTHING)
    if _NUMBER.fullmatch(text):
        return Typed(Does.PRESS, text)
    match = _COMMAND.fullmatch(text)
    if match is None:
        return Typed(Does.SAY, text)
    name, rest = match[1], (match[2] or "").strip()
    if name in SHORT:
        return Typed(SHORT[name], rest)
    if name in set(Does) - _NOT_TYPED:
        return Typed(Does(name), rest)
    return Typed(Does.UNKNOWN, name)


def moment(text: str, now: datetime) -> datetime | None:
    """Return the instant that ``text`` means, in the zone of ``now``; None if it means none.

    ``+2h`` counts from now; ``18:30`` is today; ``2020-01-01 00:00`` is the secretariat's
    wall clock unless an offset stands behind it.
    """
    later = _LATER.fullmatch(text.strip())
    if later:
        return now + timedelta(**{_UNITS[later[2]]: int(later[1])})
    try:
        if re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", text.strip()):
            hour, minute = text.strip().split(":")
            return now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=now.tzinfo)
