"""What readers write to an announcement: beside it, for the secretariat to see.

Something is a reply if its writer says so (a quotation on Telegram, the thread on Slack), or
if it is said in their direct chat within :data:`AFTER` of their copy, and the copy is the
last thing that stands there from us. The talk that follows belongs to it as well, as long as
no pause is longer than :data:`PAUSE`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

AFTER = timedelta(hours=48)
"""For so long what is said below a copy is taken to be about it."""
PAUSE = timedelta(minutes=30)
TOLERANCE = timedelta(seconds=10)
"""Telegram gives the second in which something was said, and we note an arrival a moment later."""
LONGEST = 2000
"""Characters of a reply that are kept; the whole stands in the messenger."""


class Met(StrEnum):
    """How a reply was met, by us and at once."""

    COURTESY = "courtesy"
    ANSWERED = "answered"
    SECRETARIAT = "secretariat"
    NOTHING = "nothing"
    """It holds no words, or more than a question has."""


@dataclass(frozen=True, slots=True)
class AnnouncementReply:
    """One reply.

    Attributes:
        said_at: Aware UTC.
        text: As it was written, cut at :data:`LONGEST`; ``""`` for a picture without words,
            and for what is so old that it was blanked.
        who: The writer's name: the roster's, else the messenger's.
        organisations: Names of their organisation, by language; empty for none.
        room: The title of the room in which it was said, ``""`` for their direct chat.
        waits: It became a question that the secretariat has not answered yet.
    """

    said_at: datetime
    text: str
    who: str
    email: str
    organisations: dict[str, str]
    room: str
    met: Met
    quoted: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class ReplyCount:
    """How many replies there are, and how many ``waiting`` for the secretariat."""

    replies: int = 0
    waiting: int = 0


NO_REPLIES = ReplyCount()
