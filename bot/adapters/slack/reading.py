"""What all readings of a body share: whose account, which place, which id, which instant."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.adapters.slack.bodies import Body, text
from bot.adapters.slack.directs import Directs
from bot.clock import Clock
from bot.domain.address import AccountRef, Address

PLATFORM = "slack"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reading of one body needs to know.

    Attributes:
        account: Our team's id.
        bot_user: The bot's own id, whose words are never ours to hear.
    """

    account: str
    bot_user: str
    directs: Directs
    clock: Clock

    def place(self, chat: str, thread: str = "") -> Address:
        """Return the address of ``chat``: a person's id for their direct chat, or a channel's."""
        return Address(PLATFORM, self.account, chat, thread)

    def person(self, user: str) -> AccountRef:
        """Return the account of ``user``."""
        return AccountRef(PLATFORM, self.account, user)

    def instant(self, ts: object) -> datetime:
        """Return the instant of a Slack timestamp, or the present one where it is none."""
        try:
            return datetime.fromtimestamp(float(str(ts)), UTC)
        except (ValueError, OverflowError, OSError):
            return self.clock.now()


def event_id(body: Body, *facts: object) -> str:
    """Return the id of an event: Slack's own, or one made of ``facts`` where it gives none."""
    return text(body, "event_id") or digest(*facts)


def digest(kind: object, *facts: object) -> str:
    """Return a stable id made of ``facts``, for what Slack gives none."""
    known = json.dumps([str(fact) for fact in facts])
    return f"{kind}:{hashlib.sha256(known.encode(errors='surrogatepass')).hexdigest()[:32]}"
