"""What staff see of an announcement: how it stands now, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.announcement import Announcement
from bot.domain.announcement_reach import Reach
from bot.domain.announcement_reply import NO_REPLIES, ReplyCount
from bot.domain.change import ChangeReport
from bot.domain.delivery import Tally


@dataclass(frozen=True, slots=True)
class Reached:
    """How far it came in one organisation, in people: one of them is enough.

    Attributes:
        by_hand: Whom staff have reached by mail or phone; they do not count as ``reached``.
        names: The organisation's, by language; empty for people of none.
    """

    slug: str
    names: dict[str, str]
    people: int
    reached: int
    acknowledged: int
    by_hand: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an announcement.

    Attributes:
        unreached: (state, reason, platform, e-mail or chat) of what did not arrive.
        elsewhere: How many chats were left out because their people get it in another one.
        no_messenger: (e-mail, organisation) of people whom no messenger reaches.
        rooms: (name, title, state) of the rooms it goes to.
        waiting: How many deliveries wait for the end of their reader's quiet hours.
        waiting_until: The aware UTC instant at which the last of these hours end.
        late: To how many chats copies are held because a downtime made them late.
        acknowledged: How many people have confirmed that they have read it.
        resent: How many unconfirmed deliveries staff had sent again.
        organisations: How far it came, by organisation.
        changes: Its corrections and recalls.
        by_hand: (e-mail, how, day) of those whom staff have reached otherwise.
        replies: How many readers' replies there are, and how many wait for an answer.
    """

    announcement: Announcement
    tally: Tally
    unreached: tuple[tuple[str, str, str, str], ...]
    no_messenger: tuple[tuple[str, str], ...]
    rooms: tuple[tuple[str, str, str], ...] = ()
    waiting: int = 0
    waiting_until: datetime | None = None
    late: int = 0
    acknowledged: int = 0
    resent: int = 0
    organisations: tuple[Reached, ...] = ()
    changes: tuple[ChangeReport, ...] = ()
    by_hand: tuple[tuple[str, str, str], ...] = ()
    replies: ReplyCount = NO_REPLIES
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """An announcement with its numbers.

    Attributes:
        reach: The chats that it goes to; before it is sent also whom it cannot reach, and why.
        people: Those whom it is for, of so many ``organisations``; before it is sent those of
            them who can be reached.
        without: People in the audience whom no messenger reaches.
        zones: The zones in which most of them live, with how many, most first.
        seconds: How long what is left takes at the platforms' pace, about.
    """

    announcement: Announcement
    tally: Tally
    reach: Reach
    people: int
    organisations: int
    without: int
    zones: tuple[tuple[str, int], ...]
    seconds: float
    acknowledged: int
    replies: ReplyCount = NO_REPLIES
