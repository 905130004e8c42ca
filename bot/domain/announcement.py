"""What the secretariat says to many at once.

::

    draft → review → approved → scheduled → sending ⇄ paused → sent
    draft … scheduled → cancelled
    sending, paused → cancelled   what has not left is skipped (decision 0037)
    scheduled → missed            late by more than the grace period: staff are asked
    missed → sending | cancelled  by a person only

``review`` and ``approved`` are passed through at once where nobody has to approve.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.timing import NO_DATE, Repeat, Timing

MOST_FILES = 10
"""Files in one announcement: on some platforms each is a message of its own."""


class AnnouncementState(StrEnum):
    """Where an announcement stands."""

    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"
    MISSED = "missed"


_S = AnnouncementState
MOVES = {
    _S.DRAFT: frozenset({_S.REVIEW, _S.CANCELLED}),
    _S.REVIEW: frozenset({_S.APPROVED, _S.DRAFT, _S.CANCELLED}),
    _S.APPROVED: frozenset({_S.SCHEDULED, _S.CANCELLED}),
    _S.SCHEDULED: frozenset({_S.SENDING, _S.MISSED, _S.CANCELLED}),
    _S.SENDING: frozenset({_S.PAUSED, _S.SENT, _S.CANCELLED}),
    _S.PAUSED: frozenset({_S.SENDING, _S.SENT, _S.CANCELLED}),
    _S.MISSED: frozenset({_S.SENDING, _S.CANCELLED}),
    _S.SENT: frozenset(),
    _S.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Body:
    """The words in one language; ``text`` is Markdown."""

    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class FileNote:
    """A file that goes with it, without its bytes; ``size`` in bytes.

    Attributes:
        organisation: Slug of the only organisation that gets it, or ``""``.
    """

    name: str
    media_type: str
    size: int
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Announcement:
    """An announcement as staff see it.

    Attributes:
        audience: The expression, as written.
        due: Aware UTC instant of sending.
        due_local: The same as wall time in ``zone``, which is what was meant.
        bodies: By language; the first is what readers of other languages get.
        rsvp_event: Slug of the event whose buttons go with it, or ``""``.
        frozen_at: When the audience was fixed, aware UTC, or None.
        before_event: Slug of the event that it comes ``before``, or ``""``.
        repeat_until: The last day on which it may come again, on the clock of ``zone``.
        series: The first of those that it repeats.
        late_until: Until when those who join get it too, aware UTC.
        acknowledge: Whether readers are asked to confirm that they have read it.
        revision: How often its words were written: 1, and one more for each correction.
        chases: The announcement that it reminds those of who have not confirmed.
        corrects: The announcement whose new words it tells those who had read the old ones.
        change: The correction that it tells of; it and ``corrects`` go together.
        confirms: The announcement that its readers confirm, if they are asked to: the one that
            it corrects, or of which that one reminds.
        files: What goes with it, in their order.
    """

    id: int
    title: str
    state: AnnouncementState
    audience: str
    due: datetime
    due_local: datetime
    zone: str
    bodies: tuple[Body, ...] = field(default=())
    rsvp_event: str = ""
    topic: str = "news"
    created_by: str = ""
    frozen_at: datetime | None = None
    timing: Timing = Timing.INSTANT
    before_event: str = ""
    before: timedelta = timedelta()
    repeat: Repeat | None = None
    repeat_until: date | None = None
    series: int | None = None
    late_until: datetime | None = None
    acknowledge: bool = False
    revision: int = 1
    chases: int | None = None
    corrects: int | None = None
    change: int | None = None
    confirms: int | None = None
    recalled_at: datetime | None = None
    files: tuple[FileNote, ...] = ()

    @property
    def has_letters(self) -> bool:
        """Whether each organisation gets a file of its own."""
        return any(one.organisation for one in self.files)

    @property
    def waits_for_date(self) -> bool:
        """Whether the event that it comes before has no date yet."""
        return self.due >= NO_DATE

    def body(self, language: str) -> Body:
        """Return the words for ``language``, else the default ones."""
        return next((one for one in self.bodies if one.language == language), self.bodies[0])


@dataclass(frozen=True, slots=True)
class Plan:
    """When something is due that comes ``before`` the event with the slug ``event``."""

    id: int
    due: datetime
    due_local: datetime
    zone: str
    event: str
    before: timedelta


@dataclass(frozen=True, slots=True)
class Guard:
    """What approving an announcement to many needs besides a press.

    Attributes:
        large: From how many chats on; 0 is never.
        second: A second person must approve; else the number of chats is typed in.
    """

    large: int = 0
    second: bool = False

    def minds(self, recipients: int) -> bool:
        """Return whether so many chats are many."""
        return 0 < self.large <= recipients


def when_due(due: datetime, now: datetime, grace: timedelta) -> AnnouncementState:
    """Return what a scheduled announcement becomes at ``now``: it never fires late unasked."""
    if now < due:
        return AnnouncementState.SCHEDULED
    return AnnouncementState.SENDING if now - due <= grace else AnnouncementState.MISSED
